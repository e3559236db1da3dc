using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// The index's parts over time: the active delta is frozen now and then, frozen deltas become files, files are merged while readers and the committer go on. What a checkpoint publishes is complete up to a moment between
/// two commits; after a start the log's tail is applied to that.
/// </summary>
public sealed partial class StorageIndex
{
    /// <summary>Files smaller than this are merged whenever there is something to merge.</summary>
    private const long SmallFileBytes = 128 << 10;

    private readonly Lock _building = new(), _maintenance = new(), _replacing = new();
    private volatile IndexParts _parts = IndexParts.Empty();
    private volatile bool _isStale;

    /// <summary>Whether commits are taken into the delta: always, but for a stale index that nobody is building. Guarded by the commit lock.</summary>
    private bool _takesChanges = true;

    /// <summary>Changes up to this sequence number were in the files that the index came from.</summary>
    private long _through;

    /// <summary>While a checkpoint waits to publish: what was frozen later stays in memory.</summary>
    private long _heldAt = long.MaxValue;

    /// <summary>Counts how often it was given up; guarded by the commit lock. A build that began before the last time doesn't count.</summary>
    private int _givenUp;

    /// <summary>Complete up to here when it was restored.</summary>
    internal long RestoredThrough => _through;

    internal bool IsStale => _isStale;

    /// <summary>Whether a start would have to build it, because what is there was never published.</summary>
    internal bool HasUnpublishedFiles => !_isStale && IsUsable && _parts.AllFiles.Any(file => file.IsTemporary);

    /// <summary>The greatest number of a file in the table's directory.</summary>
    internal int NewestFileNumber => _parts.AllFiles.Where(file => !file.IsTemporary).Select(file => InfoOf(file, 0, null).Number).DefaultIfEmpty(0).Max();

    /// <summary>The parts for a reader; a stale index is made first.</summary>
    internal IndexParts Built()
    {
        while (true)
        {
            // The parts first: those of an index that isn't stale afterwards were whole.
            IndexParts parts = _parts;
            if (!_isStale && !parts.IsBuilding) return parts;
            BuildNow();
        }
    }

    /// <summary>The index is to be made anew when it is next asked for. Under the commit lock, or where no writer can be.</summary>
    internal void BuildLater()
    {
        _isStale = true;
        _takesChanges = false;
        _missedRows = null;
        _givenUp++;
        _points.Clear();
        // Erased keys must not stay behind in them.
        foreach (IndexFile file in _parts.AllFiles)
        {
            if (file.IsTemporary) file.Delete();
        }
    }

    /// <summary>A page of a file was damaged: if these are still the parts, the index is made anew. False when the trouble wasn't the index's.</summary>
    internal bool GiveUpDamaged(IndexParts parts)
    {
        if (!parts.AllFiles.Any(file => file.IsDamaged)) return false;
        _table.Store.BetweenCommits(() =>
        {
            if (!_isStale && _parts.AllFiles.Any(file => file.IsDamaged)) BuildLater();
        });
        return true;
    }

    /// <summary>Under the commit lock: what was applied so far is to go to a file; what comes next goes to a delta of its own.</summary>
    internal void Freeze(long through)
    {
        IndexDelta active = _parts.Active;
        if (active.IsEmpty) return;
        active.Through = through;
        _table.Store.Memory.IndexPages.Add(active.SizeBytes);
        Replace(parts => parts with { Frozen = parts.Frozen.Add(active), Active = new IndexDelta() });
    }

    /// <summary>Under the commit lock, at a checkpoint's moment: what comes later isn't published by it. <see cref="EndMoment"/> must follow.</summary>
    internal void BeginMoment(long sequence)
    {
        _heldAt = sequence;
        if (!_isStale && IsUsable) Freeze(sequence);
    }

    internal void EndMoment() => _heldAt = long.MaxValue;

    /// <summary>
    /// Writes frozen deltas to a file, merged with files that are hardly larger: the number of files stays logarithmic, and a record is written again as seldom. While a checkpoint runs, what came after its moment goes to files
    /// of its own, which the checkpoint leaves alone. In the background; throws when the disk refuses.
    /// </summary>
    internal void Spill(bool mergeAll = false)
    {
        lock (_maintenance)
        {
            long moment = Volatile.Read(ref _heldAt);
            SpillThrough(moment, mergeAll);
            if (moment != long.MaxValue) SpillBehind(moment);
        }
    }

    private void SpillThrough(long moment, bool mergeAll)
    {
        IndexParts parts = _parts;
        if (_isStale) return;
        ImmutableArray<IndexDelta> frozen = [.. parts.Frozen.TakeWhile(delta => delta.Through <= moment)];
        int files = parts.FilesThrough(moment);
        bool isAll = files == parts.Files.Length && frozen.Length == parts.Frozen.Length;
        (long lives, long living) = parts.CountLives();
        bool beginsEra = isAll && frozen.Length > 0 && lives - living > living && lives - living >= _table.Store.SmallestIndexEra;
        // A single file is written again only to let go of what ended by the table's floor.
        bool shrinks = mergeAll && (files > 1 || (_table.Floor > 0 && lives > living));
        if (frozen.IsEmpty && !shrinks) return;
        int first = mergeAll || beginsEra ? 0 : FirstToMerge(parts.Files.AsSpan()[..files], frozen);
        Merge(parts, first, files, frozen, beginsEra);
    }

    private void SpillBehind(long moment)
    {
        IndexParts parts = _parts;
        // What lies up to the moment comes first; it may have been refused.
        if (_isStale || parts.Frozen.IsEmpty || parts.Frozen[0].Through <= moment) return;
        int held = parts.FilesThrough(moment);
        Merge(parts, held + FirstToMerge(parts.Files.AsSpan()[held..], parts.Frozen), parts.Files.Length, parts.Frozen, beginsEra: false);
    }

    private static int FirstToMerge(ReadOnlySpan<IndexFile> files, ImmutableArray<IndexDelta> frozen)
    {
        long bytes = frozen.Sum(delta => delta.SizeBytes) / 2;
        int first = files.Length;
        while (first > 0 && files[first - 1].LengthBytes <= Math.Max(SmallFileBytes, bytes * 2)) bytes += files[--first].LengthBytes;
        return first;
    }

    /// <summary>Makes one file of those from <paramref name="first"/> to before <paramref name="end"/> and of the oldest frozen deltas.</summary>
    private void Merge(IndexParts parts, int first, int end, ImmutableArray<IndexDelta> frozen, bool beginsEra)
    {
        IndexPageCache cache = _table.Store.IndexPages;
        IndexFile[] replaced = [.. parts.Files[first..end]];
        var merged = new List<(IndexCursor Cursor, long TruncatedAt)>();
        foreach (IndexFile file in replaced) merged.Add((new IndexFileCursor(file, long.MaxValue, backward: false), file.Header.TruncatedAt));
        foreach (IndexDelta delta in frozen) merged.Add((new IndexDeltaCursor(delta, long.MaxValue, backward: false), delta.TruncatedAt));
        using IndexFileWriter all = NewTemporaryFile();
        using IndexFileWriter? living = beginsEra ? NewTemporaryFile() : null;
        try
        {
            IndexMerger.Write(merged, all, living, hasOlder: first > 0, _table.Floor);
        }
        catch (SqlException) when (GiveUpDamaged(parts))
        {
            return;
        }

        long through = frozen.IsEmpty ? replaced.Max(file => file.Through) : frozen[^1].Through;
        IndexFile whole = all.Open(cache, all.Finish());
        whole.Through = through;
        IndexFile? next = living?.Open(cache, living.Finish());
        if (next is not null) next.Through = through;
        bool isCurrent = false;
        Replace(now =>
        {
            isCurrent = !_isStale && now.Files.AsSpan().SequenceEqual(parts.Files.AsSpan()) && now.Frozen.Length >= frozen.Length && now.Frozen.AsSpan(0, frozen.Length).SequenceEqual(frozen.AsSpan());
            if (!isCurrent) return now;
            return now with
            {
                Past = next is null ? now.Past : now.Past.Add(new IndexEra(whole, now.Since, through)),
                Since = next is null ? now.Since : through,
                Files = [.. parts.Files[..first], next ?? whole, .. parts.Files[end..]],
                Frozen = now.Frozen.RemoveRange(0, frozen.Length),
            };
        });
        if (!isCurrent)
        {
            // Given up meanwhile: whoever makes it anew begins from nothing.
            whole.Delete();
            next?.Delete();
            return;
        }

        foreach (IndexDelta delta in frozen) _table.Store.Memory.IndexPages.Add(-delta.SizeBytes);
        // Published ones go when no manifest names them any more.
        foreach (IndexFile file in replaced)
        {
            if (file.IsTemporary) file.Delete();
        }
    }

    /// <summary>Puts all that is complete up to the moment into the table's directory and says what a manifest must name; null for an index that has to be built after a start.</summary>
    internal IndexFiles? Publish(string directory, long sequence, ref int number, bool mergeAll)
    {
        lock (_maintenance)
        {
            // One that was created or made anew since the moment has what came after it.
            if (_isStale || !IsUsable || _heldAt != sequence || _through > sequence) return null;
            Spill(mergeAll);
            IndexParts parts = _parts;
            if (_isStale || _through > sequence) return null;
            ImmutableArray<IndexFile> current = parts.Files[..parts.FilesThrough(sequence)];
            foreach (IndexFile file in parts.Past.Select(era => era.File).Concat(current))
            {
                if (file.IsTemporary) file.MoveTo($"{directory}/{FileStem()}.{(++number).ToString("D8", CultureInfo.InvariantCulture)}.idx");
            }

            long floor = _table.Floor;
            if (parts.Past.Any(era => era.Until <= floor))
            {
                // Nobody may ask for moments that far back any more.
                Replace(now => now with { Past = now.Past.RemoveAll(era => era.Until <= floor) });
                parts = _parts;
            }

            var files = ImmutableArray.CreateBuilder<IndexFileInfo>();
            foreach (IndexEra era in parts.Past) files.Add(InfoOf(era.File, era.From, era.Until));
            foreach (IndexFile file in current) files.Add(InfoOf(file, parts.Since, null));
            return new IndexFiles(_definition.Id, sequence, files.ToImmutable());
        }
    }

    /// <summary>Takes what a manifest names. Throws XX001 when a file isn't what it should be.</summary>
    internal void Restore(IFileSystem files, string directory, IndexFiles published)
    {
        IndexFile Open(IndexFileInfo info) => IndexFile.Open(files, $"{directory}/{info.Name}", info.Identity, _table.Id, _definition.Id, _table.Store.IndexPages);
        IndexEra[] past = [.. published.Files.Where(info => info.Until is not null).Select(info => new IndexEra(Open(info), info.From, info.Until!.Value))];
        IndexFile[] current = [.. published.Files.Where(info => info.Until is null).Select(Open)];
        _parts = IndexParts.Empty() with { Past = [.. past], Files = [.. current], Since = past.Length == 0 ? 0 : past[^1].Until };
        _through = published.Sequence;
    }

    internal void Close()
    {
        foreach (IndexFile file in _parts.AllFiles) file.Close();
    }

    private IndexFileWriter NewTemporaryFile() => _table.Store.NewTemporaryIndexFile(_table.Id, _definition.Id);

    /// <summary>The index's name, where it can be a file's.</summary>
    private string FileStem()
    {
        string name = _definition.Name;
        bool isPlain = name.Length is > 0 and < 100 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
        return isPlain ? name : $"index-{_definition.Id.ToString(CultureInfo.InvariantCulture)}";
    }

    private static IndexFileInfo InfoOf(IndexFile file, long from, long? until) => new(file.Path[(file.Path.LastIndexOf('/') + 1)..], file.Header.Identity, file.LengthBytes, from, until);

    private void Replace(Func<IndexParts, IndexParts> change)
    {
        lock (_replacing) _parts = change(_parts);
    }
}

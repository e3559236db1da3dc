using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>What all indexes of the store share: memory, temporary files, and the thread that writes what has outgrown memory.</summary>
public sealed partial class DriftStore
{
    private const long SmallestDeltaBytes = 4 << 10, LargestDeltaBytes = 16 << 20, SmallestSortBytes = 256 << 10, LargestSortBytes = 256 << 20;

    private readonly Queue<StorageIndex> _indexesToSpill = new();
    private readonly Lock _spillLatch = new();
    private readonly ManualResetEventSlim _stopSpilling = new();
    private readonly SemaphoreSlim _spillRequests = new(0);
    private IndexPageCache? _indexPages;
    private Thread? _spillThread;
    private long _temporaryIndexFiles;
    private int _hasTemporaryDirectory;
    private volatile bool _isSpilling;

    internal IndexPageCache IndexPages => _indexPages ?? Interlocked.CompareExchange(ref _indexPages, new IndexPageCache(Memory.IndexPages), null) ?? _indexPages!;

    /// <summary>Size at which an index's delta goes to a file.</summary>
    internal long IndexDeltaBytes => CanSpill ? Math.Clamp(Memory.IndexPages.LimitBytes / 16, SmallestDeltaBytes, LargestDeltaBytes) : long.MaxValue;

    /// <summary>Memory of an index build before it sorts through files.</summary>
    internal long IndexSortBytes => Math.Clamp(Memory.IndexPages.LimitBytes / 2, SmallestSortBytes, LargestSortBytes);

    /// <summary>Lives that must be over before an index begins a new era.</summary>
    internal long SmallestIndexEra => _options.SmallestIndexEra;

    /// <summary>Whether indexes have files: not those of a volatile store, and not while the doctor looks, who changes nothing.</summary>
    internal bool CanSpill => !IsVolatile && !_options.IsCheck;

    /// <summary>How many there have been since the start.</summary>
    internal long NewestTemporaryIndexFile => Volatile.Read(ref _temporaryIndexFiles);

    internal IndexFileWriter NewTemporaryIndexFile(long tableId, long indexId)
    {
        if (Interlocked.Exchange(ref _hasTemporaryDirectory, 1) == 0) _files.CreateDirectory(TemporaryFiles.Directory);
        string path = string.Create(CultureInfo.InvariantCulture, $"{TemporaryFiles.Directory}/{Interlocked.Increment(ref _temporaryIndexFiles):D8}.idx");
        return new IndexFileWriter(_files, _options.Random, path, tableId, indexId);
    }

    /// <summary>Does something between two commits.</summary>
    internal void BetweenCommits(Action action)
    {
        lock (_commitLock) action();
    }

    /// <summary>Under the commit lock: an index's delta has become large. It is frozen, and another thread writes it.</summary>
    internal void SpillLater(StorageIndex index, long sequence)
    {
        index.Freeze(sequence);
        if (_options.ManualLogWriter) return;
        lock (_spillLatch)
        {
            if (!_indexesToSpill.Contains(index)) _indexesToSpill.Enqueue(index);
            if (_spillThread is null)
            {
                _spillThread = new Thread(RunSpills) { Name = "DriftDB index writer", IsBackground = true };
                _spillThread.Start();
            }
        }

        _spillRequests.Release();
    }

    /// <summary>Writes all frozen deltas: what the thread does, for tests that have none.</summary>
    internal void SpillIndexes()
    {
        foreach (StorageIndex index in _indexes.Values) index.Spill();
    }

    private void RunSpills()
    {
        while (true)
        {
            _spillRequests.Wait();
            if (_stopSpilling.IsSet) return;
            StorageIndex? index;
            lock (_spillLatch) _isSpilling = _indexesToSpill.TryDequeue(out index);
            if (index is null) continue;
            try
            {
                index.Spill();
            }
            catch (Exception exception) when (exception is IOException or SqlException { SqlState: SqlState.IoError or SqlState.DiskFull })
            {
                // A full disk takes nothing away: the delta stays in memory, and the next one that grows large tries again.
            }
            catch (Exception exception)
            {
                _options.FailFast("writing an index failed", exception);
                return;
            }

            _isSpilling = false;
        }
    }

    private void StopSpilling()
    {
        _stopSpilling.Set();
        _spillRequests.Release();
        _spillThread?.Join();
    }

    /// <summary>Puts the indexes of all tables where the manifest can name them, complete up to the moment that was noted for them.</summary>
    private Manifest PublishIndexes(Manifest manifest, long sequence, long rewritten)
    {
        foreach (TableFiles files in manifest.Tables)
        {
            ImmutableArray<StorageIndex> indexes = _tables[files.TableId].IndexArray;
            if (indexes.IsEmpty && files.Indexes.IsDefaultOrEmpty) continue;
            string directory = IndexDirectory(files);
            // Behind those of a publication that failed, too.
            int number = files.IndexList.SelectMany(index => index.Files).Select(file => file.Number).Concat(indexes.Select(index => index.NewestFileNumber)).DefaultIfEmpty(0).Max(), before = number;
            _files.CreateDirectory(directory);
            var published = ImmutableArray.CreateBuilder<IndexFiles>();
            foreach (StorageIndex index in indexes)
            {
                if (index.Publish(directory, sequence, ref number, mergeAll: files.TableId == rewritten) is { } index2) published.Add(index2);
            }

            if (number > before)
            {
                _files.SyncDirectory(directory);
                _files.SyncDirectory($"{CheckpointRun.TablesDirectory}/{files.Directory}");
            }

            manifest = manifest with { Tables = manifest.Tables.Replace(files, files with { Indexes = published.ToImmutable() }) };
        }

        return manifest;
    }

    internal static string IndexDirectory(TableFiles files) => $"{CheckpointRun.TablesDirectory}/{files.Directory}/indexes";

    /// <summary>Deletes index files that the manifest doesn't name. Who reads one has it open.</summary>
    private void DeleteUnusedIndexes()
    {
        foreach (TableFiles files in _manifest.Tables)
        {
            HashSet<string> used = [.. files.IndexList.SelectMany(index => index.Files).Select(file => file.Name)];
            string directory = IndexDirectory(files);
            // What was erased must not come back with a file that a crash brings back.
            DeleteAll(directory, [.. _files.List(directory).Where(name => name.EndsWith(".idx", StringComparison.Ordinal) && !used.Contains(name)).Select(name => $"{directory}/{name}")]);
        }
    }

    /// <summary>Takes an index from its files; without them, or when they are damaged, it is made when it is first asked for.</summary>
    private void RestoreIndex(StorageIndex index)
    {
        TableFiles? files = _manifest.Tables.FirstOrDefault(table => table.TableId == index.Table.Id);
        if (files?.IndexList.FirstOrDefault(published => published.IndexId == index.Definition.Id) is not { } found)
        {
            index.BuildLater();
            return;
        }

        try
        {
            index.Restore(_files, IndexDirectory(files), found);
        }
        catch (SqlException exception) when (exception.SqlState == SqlState.DataCorrupted)
        {
            _recoveryNotes.Add($"index {index.Definition.Name} is made anew: {exception.Message}");
            index.BuildLater();
        }
    }
}

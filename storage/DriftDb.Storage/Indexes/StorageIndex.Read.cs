using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Answers: rows by key for every moment. A page that turns out to be damaged costs the time to make the index anew, never an answer.</summary>
public sealed partial class StorageIndex
{
    [ThreadStatic] private static List<(IndexRecord Record, int Source)>? _found;

    private readonly PointCache _points;

    /// <summary>Moment of who wants the newest that was applied, published or not.</summary>
    private const long Newest = long.MaxValue - 1;

    /// <summary>The row that had the key at s; -1 when none had. For unique keys.</summary>
    internal long RowAt(ReadOnlySpan<byte> key, long sequence)
    {
        while (true)
        {
            IndexParts parts = Built();
            try
            {
                return Find(parts, key, sequence, out _, out _);
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
                // Made anew at the next turn.
            }
        }
    }

    /// <summary>The same for an index of one integer, through the cache of points.</summary>
    internal long RowAt(long key, long sequence)
    {
        Span<byte> bytes = stackalloc byte[9];
        ReadOnlySpan<byte> encoded = EncodeInteger(key, bytes);
        while (true)
        {
            if (_points.TryGet(key, sequence, out long cached, out PointCache.Ticket ticket)) return cached;
            IndexParts parts = Built();
            try
            {
                long row = Find(parts, encoded, sequence, out long begin, out bool isNewest);
                if (row >= 0 && isNewest) _points.Enter(key, row, begin, ticket);
                return row;
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
            }
        }
    }

    /// <summary>A point without cursors: there is hardly ever more than one record to look at.</summary>
    /// <param name="parts">Where to look.</param>
    /// <param name="key">The key.</param>
    /// <param name="sequence">The moment.</param>
    /// <param name="begin">Since when the row has the key.</param>
    /// <param name="isNewest">The row still has it, as far as anything has been applied.</param>
    private static long Find(IndexParts parts, ReadOnlySpan<byte> key, long sequence, out long begin, out bool isNewest)
    {
        List<(IndexRecord Record, int Source)> found = _found ??= [];
        found.Clear();
        bool isCurrent = true;
        if (parts.EraAt(sequence) is { } era)
        {
            isCurrent = false;
            IndexFileCursor.Probe(era.File, key, sequence, 0, found);
        }
        else
        {
            int source = 0;
            foreach (IndexFile file in parts.Files) IndexFileCursor.Probe(file, key, sequence, source++, found);
            foreach (IndexDelta delta in parts.Frozen) delta.Probe(key, sequence, source++, found);
            if (parts.Active.Count > 0) parts.Active.Probe(key, sequence, source, found);
        }

        return RowAmong(found, isCurrent ? parts : null, sequence, out begin, out isNewest);
    }

    /// <summary>The row whose life covers the moment, when tombstones and TRUNCATEs have had their say; -1 for none.</summary>
    private static long RowAmong(List<(IndexRecord Record, int Source)> found, IndexParts? current, long sequence, out long begin, out bool isNewest)
    {
        if (found.Count > 1) found.Sort(static (a, b) => a.Record.RowId != b.Record.RowId ? a.Record.RowId.CompareTo(b.Record.RowId) : a.Record.Time.CompareTo(b.Record.Time));
        for (int i = 0; i < found.Count; i++)
        {
            (IndexRecord life, int source) = found[i];
            if (life.IsTombstone) continue;
            long end = life.End;
            if (end == IndexRecord.Living)
            {
                if (i + 1 < found.Count && found[i + 1].Record is { IsTombstone: true } tombstone && tombstone.RowId == life.RowId) end = tombstone.Time;
                else if (current is not null) end = current.TruncatedBehind(source);
                if (end <= sequence) continue;
            }

            begin = life.Time;
            isNewest = current is not null && end == IndexRecord.Living;
            return life.RowId;
        }

        begin = 0;
        isNewest = false;
        return -1;
    }

    /// <summary>The row that has the key now; -1 when none has. For unique keys; the integer too where the index is by one.</summary>
    internal long LiveRow(long integer, ReadOnlySpan<byte> key)
    {
        // Keys that only grow needn't be looked for.
        if (IsBehindAll(key)) return -1;
        return IsInteger ? RowAt(integer, Newest) : RowAt(key, Newest);
    }

    public partial IReadOnlyList<long> RowIdsEver(ReadOnlySpan<byte> key)
    {
        while (true)
        {
            IndexParts parts = Built();
            try
            {
                var rows = new SortedSet<long>();
                var reader = new IndexReader();
                foreach (IndexEra era in parts.Past)
                {
                    reader.Open(era);
                    Collect(key);
                }

                reader.Open(parts, long.MaxValue, backward: false);
                Collect(key);
                return [.. rows];

                void Collect(ReadOnlySpan<byte> wanted)
                {
                    for (reader.Seek(wanted, 0); reader.Next() && reader.Key.SequenceEqual(wanted);) rows.Add(reader.Life.RowId);
                }
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
            }
        }
    }

    /// <summary>Whether the key is greater than all that the index ever had: then nobody has it.</summary>
    internal bool IsBehindAll(ReadOnlySpan<byte> key)
    {
        while (true)
        {
            IndexParts parts = Built();
            try
            {
                if (!parts.Active.IsBehindAll(key)) return false;
                foreach (IndexDelta delta in parts.Frozen)
                {
                    if (!delta.IsBehindAll(key)) return false;
                }

                foreach (IndexFile file in parts.Files)
                {
                    if (file.LastKey is { } last && key.SequenceCompareTo(last) <= 0) return false;
                }

                return true;
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
            }
        }
    }

    /// <summary>All lives of the current parts and of each era, for the doctor: with the moments that they answer for.</summary>
    internal IEnumerable<(long From, long Until, IndexReader Reader)> AllLives()
    {
        IndexParts parts = Built();
        foreach (IndexEra era in parts.Past)
        {
            var past = new IndexReader();
            past.Open(era);
            past.Seek([], 0);
            yield return (era.From, era.Until, past);
        }

        var current = new IndexReader();
        current.Open(parts, long.MaxValue, backward: false);
        current.Seek([], 0);
        yield return (parts.Since, long.MaxValue, current);
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Answers: rows by key for every moment. A page that turns out to be damaged costs the time to make the index anew, never an answer.</summary>
public sealed partial class StorageIndex
{
    [ThreadStatic] private static IndexReader? _pointReader;

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
                IndexReader reader = _pointReader ??= new IndexReader();
                reader.Open(parts, sequence, backward: false);
                reader.Seek(key, 0);
                return reader.Next() && reader.Key.SequenceEqual(key) ? reader.Life.RowId : -1;
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
                // Made anew at the next turn.
            }
        }
    }

    /// <summary>The row that has the key now; -1 when none has. For unique keys.</summary>
    internal long LiveRow(ReadOnlySpan<byte> key) => RowAt(key, Newest);

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

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Questions to an index WITHOUT OVERLAPS. Periods of one owner that don't overlap have one order by start and by end, so that the last one that begins before a period's end tells whether any overlaps it.</summary>
public sealed partial class StorageIndex
{
    /// <summary>Looks at one row of the owner after the other, from the last that begins before the period's end; false ends the search.</summary>
    internal delegate bool PeriodVisitor(ReadOnlySpan<byte> key, long rowId);

    /// <summary>The committed row now whose period overlaps the key's; -1 for none.</summary>
    /// <param name="key">The owner and its period.</param>
    /// <param name="counts">Whether a row is to be looked at: those that the transaction has written itself aren't.</param>
    internal long OverlappingRow(ReadOnlySpan<byte> key, Func<long, bool> counts)
    {
        byte[] wanted = key.ToArray();
        long found = -1;
        VisitBackward(wanted, Newest, (candidate, rowId) =>
        {
            if (!counts(rowId)) return true;
            if (PeriodKey.Overlap(candidate, wanted)) found = rowId;
            return false;
        });
        return found;
    }

    /// <summary>The owner's rows as of a moment that begin before the key's end, the last first.</summary>
    internal void VisitBackward(byte[] key, long sequence, PeriodVisitor visit)
    {
        byte[] behind = PeriodKey.Behind(key), resume = behind;
        long resumeRow = 0;
        while (true)
        {
            IndexParts parts = Built();
            var reader = new IndexReader();
            try
            {
                reader.Open(parts, sequence, backward: true);
                reader.Seek(resume, resumeRow);
                while (reader.Next() && PeriodKey.HasOwner(reader.Key, PeriodKey.Owner(key)))
                {
                    if (!visit(reader.Key, reader.Life.RowId)) return;
                    (resume, resumeRow) = (reader.Key.ToArray(), reader.Life.RowId);
                }

                return;
            }
            catch (SqlException) when (GiveUpDamaged(parts))
            {
                // Made anew at the next turn, which goes on behind the last row that was visited.
            }
        }
    }
}

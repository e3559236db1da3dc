using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Keys WITHOUT OVERLAPS, and whether the periods of one of their owners cover another period.</summary>
public sealed unsafe partial class StoreTransaction
{
    /// <summary>
    /// Locks the owner of the row's period in an index WITHOUT OVERLAPS, so that nobody else can bring it a period meanwhile, and looks for another row of the owner whose period overlaps; null when there is none. As with
    /// unique keys, whoever comes second waits for the first one's end and then sees what came of it.
    /// </summary>
    private WriteOutcome? CheckOverlaps(StorageTable table, TableDefinition definition, StorageIndex index, byte* tuple, byte* oldTuple, long rowId, bool isAlone)
    {
        if (oldTuple != null)
        {
            if (index.SameKey(oldTuple, tuple, definition)) return null;
            if (!IsOwnNewRow(table, rowId) && LockRowOnly(table, rowId, RowLockMode.Update) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
        }

        KeyBuilder key = _keyBuilder ??= new KeyBuilder();
        if (!index.KeyOf(tuple, definition, key) || !index.IsConstrained(key)) return null;
        if (!isAlone && table.IsCommitted && !Faults.LeaveOwnersUnlocked)
        {
            LockOutcome outcome = _store.Locks.Acquire(this, new LockKey(LockKind.Key, index.Definition.Id, KeyHash.Of(PeriodKey.Owner(key.Key))), 0, LockWait.Wait, out LockWaiter? waiter);
            if (outcome == LockOutcome.MustWait)
            {
                LastWait = waiter;
                return new WriteOutcome(WriteStatus.MustWait, rowId);
            }
        }

        TableWrites? writes = WritesTo(table);
        Func<long, bool> isOthers = candidate => candidate != rowId && (writes is null || (writes.TruncatedAt < 0 && FindEntry(writes, candidate, int.MaxValue, out _) < 0));
        long holder = index.OverlappingRow(key.Key, isOthers);
        while (holder >= 0)
        {
            // Somebody may be deleting it, or giving it another period: then wait what comes of that.
            if (!_store.Locks.IsFree(this, new LockKey(LockKind.Row, table.Id, holder), (byte)RowLockMode.KeyShare)
                && LockRowOnly(table, holder, RowLockMode.KeyShare) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
            long again = index.OverlappingRow(key.Key, isOthers);
            if (again == holder) return new WriteOutcome(WriteStatus.UniqueViolation, holder, index);
            holder = again;
        }

        if (writes is null || (writes.Latest.Count == 0 && writes.Bulks.Count == 0)) return null;
        long own = writes.PeriodsOf(index).Overlapping(this, key.Key, rowId);
        return own >= 0 ? new WriteOutcome(WriteStatus.UniqueViolation, own, index) : null;
    }

    /// <summary>
    /// Whether the periods of a key's owner in an index WITHOUT OVERLAPS adjoin each other over the whole of the key's own period, as this transaction's statement sees them.
    /// </summary>
    /// <param name="index">The index of the table that is asked.</param>
    /// <param name="key">The owner, and the period to cover.</param>
    /// <param name="rowIds">Gets the rows that cover it.</param>
    public bool Covers(StorageIndex index, ReadOnlySpan<byte> key, List<long> rowIds)
    {
        CheckActive();
        byte[] wanted = key.ToArray(), reached = PeriodKey.End(wanted).ToArray();
        TableWrites? writes = WritesTo(index.Table);
        bool isCovered = false, isFirst = true;
        using IEnumerator<(byte[] Key, long RowId)> own = (writes?.PeriodsOf(index).Backward(this, wanted) ?? []).GetEnumerator();
        bool hasOwn = own.MoveNext();
        bool isAtEnd = false;
        if (writes is null || writes.TruncatedAt < 0)
        {
            index.VisitBackward(wanted, View.AsOf, (candidate, rowId) =>
            {
                if (writes is not null && FindEntry(writes, rowId, int.MaxValue, out _) >= 0) return true;
                while (hasOwn && own.Current.Key.AsSpan().SequenceCompareTo(candidate) > 0)
                {
                    if (!Take(own.Current.Key, own.Current.RowId)) return false;
                    hasOwn = own.MoveNext();
                }

                return Take(candidate, rowId);
            });
        }

        while (!isAtEnd && hasOwn && Take(own.Current.Key, own.Current.RowId)) hasOwn = own.MoveNext();
        return isCovered;

        // Goes from the end of the period to its start; false when it is known what comes of it.
        bool Take(ReadOnlySpan<byte> candidate, long rowId)
        {
            int gap = PeriodKey.End(candidate).SequenceCompareTo(reached);
            isAtEnd = true;
            if (isFirst ? gap < 0 : gap != 0) return false;
            isFirst = false;
            rowIds.Add(rowId);
            reached = PeriodKey.Start(candidate).ToArray();
            isCovered = reached.AsSpan().SequenceCompareTo(PeriodKey.Start(wanted)) <= 0;
            isAtEnd = isCovered;
            return !isCovered;
        }
    }
}

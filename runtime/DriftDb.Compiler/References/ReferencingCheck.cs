using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// The referencing side: each new or changed key must be there. The row that it finds is locked FOR KEY SHARE until the transaction ends, so that nobody can take it away meanwhile.
/// Keys are looked up in the referenced index directly: a row's check costs about what a point read does, in a load of a million rows too.
/// </summary>
internal sealed unsafe class ReferencingCheck(Session session, ForeignKey key)
{
    private readonly KeyBuilder _wanted = new(), _before = new();
    private readonly HashSet<long> _locked = [];
    private readonly List<long> _found = [];
    private SqlException? _violation;

    public CheckOutcome Run(TransactionMark since)
    {
        var transaction = session.TransactionOf(key.Referencing.Oid);
        var referencing = key.Referencing.Storage;
        var referenced = key.Referenced.Storage;
        var outcome = CheckOutcome.Passed;
        var layout = transaction.DefinitionOf(referencing).Layout;
        var index = key.Index;
        var view = transaction.View;
        bool isTableLocked = false;
        transaction.VisitChanges(referencing, since, (before, now) =>
        {
            if (now == null || !NeedsCheck(before, now)) return true;
            if (!isTableLocked)
            {
                if (transaction.LockTable(referenced, TableLockMode.RowShare) == LockOutcome.MustWait)
                {
                    outcome = CheckOutcome.MustWait;
                    return false;
                }

                isTableLocked = true;
            }

            key.BuildReferenced(now, layout, index, _wanted);
            if (!IsThere())
            {
                _violation = key.NotPresent(key.ValuesOf(now, layout, session.Format));
                return false;
            }

            foreach (long rowId in _found)
            {
                if (!_locked.Add(rowId)) continue;
                outcome = transaction.LockRow(referenced, rowId, RowLockMode.KeyShare) switch
                {
                    LockOutcome.MustWait => CheckOutcome.MustWait,
                    LockOutcome.Changed => CheckOutcome.Changed,
                    _ => CheckOutcome.Passed,
                };
                if (outcome != CheckOutcome.Passed) return false;
            }

            return true;

            // The row that is referred to; with PERIOD the rows that cover it together.
            bool IsThere()
            {
                _found.Clear();
                if (key.Definition.HasPeriod) return transaction.Covers(index, _wanted.Key, _found);
                bool isThere = referenced.TryGet(index, _wanted.Key, view, transaction, out var row);
                if (isThere) _found.Add(row.RowId);
                return isThere;
            }

            bool NeedsCheck(byte* oldTuple, byte* newTuple)
            {
                int nulls = key.NullsIn(newTuple);
                if (nulls > 0)
                {
                    if (key.Definition.Match == ConstraintObject.MatchFull && nulls < key.Columns.Length) _violation = key.MixesNulls();
                    return false;
                }

                if (oldTuple == null || key.NullsIn(oldTuple) > 0) return true;
                key.BuildReferenced(oldTuple, layout, index, _before);
                key.BuildReferenced(newTuple, layout, index, _wanted);
                return !_before.Key.SequenceEqual(_wanted.Key);
            }
        });
        return _violation is null ? outcome : throw _violation;
    }
}

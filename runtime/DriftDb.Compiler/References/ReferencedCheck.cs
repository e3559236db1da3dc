using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// The referenced side: for keys that are gone, NO ACTION and RESTRICT look for rows that still refer to them, the other actions change those rows. All keys of a statement go in one query.
/// It reads the newest committed rows at every isolation level: a row that was committed after the transaction's snapshot must not be left without the one it refers to.
/// </summary>
internal sealed unsafe class ReferencedCheck(Session session, ForeignKey key)
{
    private readonly KeyBuilder _before = new(), _now = new();

    private ChangedKeys? _deleted, _updated;

    /// <summary>Notes the keys that are gone since the mark.</summary>
    /// <param name="since">Where the statement (or the transaction) began.</param>
    /// <param name="wantsChecks">Whether NO ACTION is to be looked at now.</param>
    /// <param name="wantsActions">Whether all else is, which can't be deferred.</param>
    public void Collect(TransactionMark since, bool wantsChecks, bool wantsActions)
    {
        var transaction = session.TransactionOf(key.Referenced.Oid);
        var layout = transaction.DefinitionOf(key.Referenced.Storage).Layout;
        var index = key.Index;
        ChangedKeys deleted = new(key, layout), updated = new(key, layout);
        transaction.VisitChanges(key.Referenced.Storage, since, (before, now) =>
        {
            if (before == null || HasNull(before)) return true;
            key.BuildOwn(before, layout, index, _before);
            if (now != null && !HasNull(now))
            {
                key.BuildOwn(now, layout, index, _now);
                if (_before.Key.SequenceEqual(_now.Key)) return true;
            }

            char action = now == null ? key.Definition.OnDelete : key.Definition.OnUpdate;
            if (!(action == ConstraintObject.NoAction ? wantsChecks : wantsActions)) return true;
            // NO ACTION asks at the end: another row may have the key by then.
            if (action == ConstraintObject.NoAction && IsThereAgain(transaction, index)) return true;
            (now == null ? deleted : updated).Add(before, now);
            return true;
        });
        (_deleted, _updated) = (deleted, updated);
    }

    private bool IsThereAgain(StoreTransaction transaction, StorageIndex index) =>
        key.Definition.HasPeriod ? transaction.Covers(index, _before.Key, []) : key.Referenced.Storage.TryGet(index, _before.Key, transaction.View, transaction, out _);

    /// <summary>Looks for rows that refer to the noted keys, or changes them, as the constraint says.</summary>
    public CheckOutcome Run()
    {
        var outcome = Act(_deleted!, key.Definition.OnDelete, isDelete: true);
        return outcome == CheckOutcome.Passed ? Act(_updated!, key.Definition.OnUpdate, isDelete: false) : outcome;
    }

    /// <summary>Throws 23503 when a living row refers to one that was deleted since the mark, whatever the constraint does then.</summary>
    public void RequireUnreferenced(TransactionMark since)
    {
        Collect(since, wantsChecks: true, wantsActions: true);
        if (Act(_deleted!, ConstraintObject.Restrict, isDelete: true) == CheckOutcome.MustWait) throw new LockNeededException();
    }

    private bool HasNull(byte* tuple)
    {
        foreach (int ordinal in key.ReferencedColumns)
            if (TupleLayout.IsNull(tuple, ordinal)) return true;
        return false;
    }

    private CheckOutcome Act(ChangedKeys keys, char action, bool isDelete)
    {
        if (keys.Count == 0) return CheckOutcome.Passed;
        bool isCheck = action is ConstraintObject.NoAction or ConstraintObject.Restrict;
        var transaction = session.TransactionOf(key.Referencing.Oid);
        if (transaction.LockTable(key.Referencing.Storage, isCheck ? TableLockMode.RowShare : TableLockMode.RowExclusive) == LockOutcome.MustWait) return CheckOutcome.MustWait;
        try
        {
            if (isCheck)
            {
                var found = new FirstRow(session.Format);
                InternalSql.Execute(session, Check(), found, keys, readsLatest: true);
                if (found.Values is { } values) throw key.StillReferenced(values);
            }
            else
            {
                InternalSql.Execute(session, Change(action, isDelete), new InternalSql.CountingSink(), keys, readsLatest: true);
            }
        }
        catch (LockNeededException)
        {
            return CheckOutcome.MustWait;
        }

        return CheckOutcome.Passed;
    }

    private string Table => ObjectNames.Qualify(key.Referencing.Schema, key.Referencing.Name);

    private string Match => key.Definition.HasPeriod ? $"{PeriodCoverage.Overlaps(key, "c", "k")} AND {PeriodCoverage.IsMissing(key, "c")}" : string.Join(" AND ", Names().Select((name, i) => $"c.{name} = k.k{i + 1}"));

    private string Check() =>
        $"SELECT {string.Join(", ", Names().Select((_, i) => $"k.k{i + 1}"))} FROM {ChangedKeys.QualifiedName} AS k WHERE EXISTS (SELECT 1 FROM {Table} AS c WHERE {Match}) LIMIT 1";

    private string Change(char action, bool isDelete) => action switch
    {
        ConstraintObject.Cascade when isDelete => $"DELETE FROM {Table} AS c USING {ChangedKeys.QualifiedName} AS k WHERE {Match}",
        ConstraintObject.Cascade => Update((_, i) => $"k.n{i + 1}", null),
        ConstraintObject.SetNull => Update((_, _) => "NULL", isDelete ? key.Definition.SetColumns : null),
        _ => Update((_, _) => "DEFAULT", isDelete ? key.Definition.SetColumns : null),
    };

    /// <param name="value">A column's new value.</param>
    /// <param name="only">Numbers of the columns to set (ON DELETE SET NULL (a)); null or none for all of the key.</param>
    private string Update(Func<string, int, string> value, short[]? only)
    {
        var sets = Names().Select((name, i) => (name, i)).Where(column => only is not { Length: > 0 } || only.Contains(key.Definition.Columns[column.i]));
        return $"UPDATE {Table} AS c SET {string.Join(", ", sets.Select(column => $"{column.name} = {value(column.name, column.i)}"))} FROM {ChangedKeys.QualifiedName} AS k WHERE {Match}";
    }

    private List<string> Names() => [.. key.Columns.ToArray().Select(ordinal => ObjectNames.QuoteIfNeeded(key.Referencing.Columns[ordinal].Name))];
}

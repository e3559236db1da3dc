using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// ERASE FROM t WHERE …: each row of which any kept version satisfies the predicate goes with all its history. It takes the table for itself, looks, asks that no living row refers to what goes, and commits:
/// what has left the files can't be rolled back, so it is a transaction of its own, as VACUUM is.
/// </summary>
internal sealed class EraseStep(Session session, StatementNode.Erase erase, ParameterRow? parameters) : Step
{
    private readonly LockWaiter _waiter = new();

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        _waiter.ThrowIfFailed();
        if (session.IsFailed) throw Session.FailedTransaction();
        session.RejectBlock("ERASE");
        if (session.CurrentTransaction is { HasWrites: true }) throw new SqlException(SqlState.ActiveSqlTransaction, "ERASE cannot run together with other changes in one transaction");
        session.RejectReadOnly("ERASE");
        session.BeginStatement();
        var table = Target(session, erase);
        session.Access.RequireOwner(table);
        var transaction = session.EnsureTransaction();
        transaction.BeginStatement();
        var mark = session.Mark();
        try
        {
            if (transaction.LockTable(table.Storage, TableLockMode.AccessExclusive) == LockOutcome.MustWait) throw new LockNeededException();
            var versions = new SequenceSink();
            var planner = session.PlannerWith(null);
            InternalSql.RunAsUser(session, planner.Plan(Selection(table, erase), parameters is null ? [] : [.. parameters.Layout.Types]), parameters, versions);
            var rows = table.Storage.RowsOf(versions.Sequences);
            RequireUnreferenced(table, transaction, rows);
            if (rows.Count > 0)
            {
                session.CommitErasure(table.Storage, rows);
                // What was learnt of the table's values goes too.
                session.Database.Statistics.Forget(table.Oid);
            }

            Tag = $"ERASE {rows.Count}";
            return RunStatus.Complete;
        }
        catch (LockNeededException)
        {
            session.RollbackTo(mark);
            _waiter.Start(session, transaction.PendingWait!);
            return RunStatus.Wait;
        }
    }

    public override void OnReady(Action callback) => _waiter.OnGranted(callback);

    /// <summary>The query that finds what is meant.</summary>
    public static DataStatement Selection(Session session, StatementNode.Erase erase) => Selection(Target(session, erase), erase);

    private static DataStatement Selection(TableRelation table, StatementNode.Erase erase) => DataStatement.NewQuery(EraseSelection.Query(ObjectNames.Qualify(table.Schema, table.Name), erase.Where));

    private static TableRelation Target(Session session, StatementNode.Erase erase)
    {
        var table = Names.Table(session, erase.Table);
        if (TemporaryObjects.Owns(table.Oid))
            throw new SqlException(SqlState.WrongObjectType, $"cannot erase from temporary table \"{table.Name}\"", erase.Table.Span, hint: "A temporary table keeps no history; use DELETE.");
        if (table.Columns.Any(column => column.Name == "__sequence"))
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot erase from table \"{table.Name}\", which has a column named \"__sequence\"", erase.Table.Span, hint: "Rename the column.");
        return table;
    }

    /// <summary>23503 when a living row that stays refers to one that goes, whatever the constraint's action: nothing is to be changed in the shadow of an erasure.</summary>
    private void RequireUnreferenced(TableRelation table, StoreTransaction transaction, RowIdSet rows)
    {
        var keys = session.Catalog.Snapshot.ForeignKeys.To(table.Oid).ToList();
        if (keys.Count == 0) return;
        var mark = session.Mark();
        var since = transaction.Mark();
        // As if they were deleted: a row that goes as well refers to nothing any more.
        foreach (long rowId in rows.RowIds)
        {
            if (!table.Storage.TryGetRow(rowId, transaction.View, transaction, out _)) continue;
            if (!transaction.Delete(table.Storage, rowId).IsDone) throw new LockNeededException();
        }

        foreach (var key in keys) new ReferencedCheck(session, key).RequireUnreferenced(since);
        session.RollbackTo(mark);
    }

    /// <summary>Collects the events of the versions that were found.</summary>
    private sealed unsafe class SequenceSink : InternalSql.CountingSink
    {
        public HashSet<long> Sequences { get; } = [];

        public override bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
        {
            for (int i = first; i < first + count; i++) Sequences.Add(*(long*)(rows.Row(i) + shape.Layout.Offset(0)));
            return base.Rows(rows, first, count, shape);
        }
    }
}

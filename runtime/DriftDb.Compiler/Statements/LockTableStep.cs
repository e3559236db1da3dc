using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>LOCK TABLE.</summary>
internal sealed class LockTableStep(Session session, StatementNode.LockTable statement) : Step
{
    private readonly LockWaiter _waiter = new();
    private int _next;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        _waiter.ThrowIfFailed();
        session.RequireBlock("LOCK TABLE");
        session.BeginStatement();
        var tables = statement.Tables.ToList();
        session.EnsureTransaction();
        for (; _next < tables.Count; _next++)
        {
            var table = Names.Table(session, tables[_next]);
            if (!session.Access.HasOnAny(session.Access.CurrentRole, table, statement.Mode == "access share" ? Rights.Select : Rights.Update | Rights.Delete | Rights.Truncate)) throw AccessControl.Denied(table);
            var transaction = session.TransactionOf(table.Oid);
            if (transaction.LockTable(table.Storage, Mode(statement.Mode), statement.NoWait ? Storage.LockWait.NoWait : Storage.LockWait.Wait) != LockOutcome.MustWait) continue;
            _waiter.Start(session, transaction.PendingWait!);
            return RunStatus.Wait;
        }

        Tag = "LOCK TABLE";
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _waiter.OnGranted(callback);

    private static TableLockMode Mode(string words) => words switch
    {
        "access share" => TableLockMode.AccessShare,
        "row share" => TableLockMode.RowShare,
        "row exclusive" => TableLockMode.RowExclusive,
        "share update exclusive" => TableLockMode.ShareUpdateExclusive,
        "share" => TableLockMode.Share,
        "share row exclusive" => TableLockMode.ShareRowExclusive,
        "exclusive" => TableLockMode.Exclusive,
        "access exclusive" => TableLockMode.AccessExclusive,
        _ => throw new SqlException(SqlState.SyntaxError, $"unknown lock mode \"{words}\""),
    };
}

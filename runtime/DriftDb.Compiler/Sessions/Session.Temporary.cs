using DriftDb.Runtime;
using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>The session's temporary objects, and which of its two stores an object is in.</summary>
public sealed partial class Session
{
    private TemporaryObjects? _temporary;

    /// <summary>A place in the session's transaction to which it can be taken back: one in each store.</summary>
    internal readonly record struct SessionMark(TransactionMark Main, TransactionMark? Temporary);

    /// <summary>The temporary objects; null when the session has none.</summary>
    internal TemporaryObjects? Temporary => _temporary;

    /// <summary>Plans that the session may use: the database's, or its own when names may mean something else to it.</summary>
    internal PlanCache Plans => _temporary?.Plans ?? Database.Plans;

    internal ShapeCache Shapes => _temporary?.Shapes ?? Database.Shapes;

    /// <summary>Makes place for a first temporary object.</summary>
    internal TemporaryObjects EnsureTemporary()
    {
        if (_temporary is null)
        {
            _temporary = new TemporaryObjects(Database, ProcessId);
            ForgetCatalog();
        }

        if (_transaction is not null) _temporary.Begin();
        return _temporary;
    }

    /// <summary>The store that has the object.</summary>
    internal DriftStore StoreOf(int oid) => TemporaryObjects.Owns(oid) && _temporary is { } temporary ? temporary.Store : Store;

    /// <summary>The open transaction in the object's store.</summary>
    internal StoreTransaction TransactionOf(int oid) => TemporaryObjects.Owns(oid) ? _temporary!.Transaction! : _transaction!;

    internal SessionMark Mark() => new(_transaction!.Mark(), _temporary?.Transaction?.Mark());

    internal void RollbackTo(SessionMark mark)
    {
        _transaction!.RollbackTo(mark.Main);
        _temporary?.RollbackTo(mark.Temporary);
    }

    /// <summary>ROLLBACK TO SAVEPOINT, and a statement's failure behind one: locks of rows taken since are free again.</summary>
    private void RollbackToSavepoint(SessionMark mark)
    {
        _transaction!.RollbackToSavepoint(mark.Main);
        _temporary?.RollbackTo(mark.Temporary);
    }

    /// <summary>A statement begins to read: its views are those of now, or of its transaction.</summary>
    /// <param name="context">What the statement runs in.</param>
    /// <param name="isRetry">True when the statement is run again after a wait or a change.</param>
    internal void BeginReading(QueryContext context, bool isRetry)
    {
        context.Transaction = _transaction;
        context.View = (isRetry ? _transaction?.RetryStatement() : _transaction?.BeginStatement()) ?? Store.LatestView;
        context.TemporaryTransaction = _temporary?.Transaction;
        if (_temporary is not null) context.TemporaryView = _temporary.Transaction?.BeginStatement() ?? _temporary.Store.LatestView;
    }

    /// <summary>What READ COMMITTED sees between two statements: all that is committed by now.</summary>
    internal void RefreshViews()
    {
        _transaction!.BeginStatement();
        _temporary?.Transaction?.BeginStatement();
    }

    /// <summary>DISCARD TEMP.</summary>
    internal void DiscardTemporary()
    {
        if (_temporary is null) return;
        new DefinitionExecutor(this, EnsureTransaction()).DropAllTemporary();
    }

    /// <summary>A session without temporary objects goes back to the shared plans; what it had is garbage then, the past of dropped tables included.</summary>
    private void ReleaseTemporary()
    {
        if (_temporary is not { IsEmpty: true }) return;
        _temporary = null;
        ForgetCatalog();
    }

    private void ForgetTemporaryStatistics()
    {
        if (_temporary is null) return;
        foreach (var table in Catalog.Snapshot.Relations.Where(relation => TemporaryObjects.Owns(relation.Oid))) Database.Statistics.Forget(table.Oid);
    }

    private void ForgetCatalog()
    {
        _catalog = null;
        _ownCatalog = null;
        _environment = null;
    }
}

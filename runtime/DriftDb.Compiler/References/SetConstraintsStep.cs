using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>SET CONSTRAINTS. IMMEDIATE checks at once what was put off so far.</summary>
internal sealed class SetConstraintsStep(Session session, StatementNode.SetConstraints statement) : Step
{
    private readonly LockWaiter _waiter = new();

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        _waiter.ThrowIfFailed();
        session.BeginStatement();
        if (!session.InBlock) session.Notify("WARNING", SqlState.NoActiveSqlTransaction, "SET CONSTRAINTS can only be used in transaction blocks");
        var named = statement.Names.SelectMany(Find).ToList();
        if (!statement.Deferred)
        {
            var wanted = named.Select(constraint => constraint.Oid).ToHashSet();
            while (ReferentialIntegrity.Deferred(session, constraint => statement.Names.IsEmpty || wanted.Contains(constraint.Oid)) is not CheckOutcome.Passed and var outcome)
            {
                if (outcome == CheckOutcome.Changed) continue;
                _waiter.Start(session, session.CurrentTransaction!.PendingWait!);
                return RunStatus.Wait;
            }
        }

        if (statement.Names.IsEmpty) session.Deferral.SetAll(statement.Deferred);
        foreach (var constraint in named) session.Deferral.Set(constraint, statement.Deferred);
        Tag = "SET CONSTRAINTS";
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _waiter.OnGranted(callback);

    private IEnumerable<ConstraintObject> Find(QualifiedName name)
    {
        string? schema = Names.SchemaOf(name);
        IEnumerable<string> schemas = schema is null ? session.Catalog.SearchPath : [session.Catalog.Resolved(schema)];
        foreach (string candidate in schemas)
        {
            var found = session.Catalog.Snapshot.Relations.OfType<TableRelation>().Where(table => table.Schema == candidate)
                .SelectMany(table => table.Definition.Constraints).Where(constraint => constraint.Name == name.Last).ToList();
            if (found.Count == 0) continue;
            if (found.FirstOrDefault(constraint => !constraint.IsDeferrable) is not null)
                throw new SqlException(SqlState.WrongObjectType, $"constraint \"{name.Last}\" is not deferrable");
            return found;
        }

        throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name.Last}\" does not exist");
    }
}

using System.Collections.Immutable;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>From a parsed statement to the step that runs it.</summary>
public sealed partial class Session
{
    /// <summary>A step for one statement of a simple query string.</summary>
    internal Step MakeStep(string text, Statement statement, bool amongOthers)
    {
        if (IsFailed && !EndsTransaction(statement)) throw FailedTransaction();
        if (AsData(statement.Node) is { } data)
        {
            if (statement.ParameterCount > 0) throw new SqlException(SqlState.UndefinedParameter, "there is no parameter $1");
            // One of several statements in a string: its shape may be known, as it would be for a string of its own.
            if (amongOthers && FindByFingerprint(Encoding.UTF8.GetBytes(TextOf(text, statement))) is { } shared) return shared;
            return new QueryStep(this, PlanShifted(text, statement, data), null);
        }

        return Utility(statement, text, amongOthers, null);
    }

    /// <summary>A step for a prepared statement with its parameters.</summary>
    internal Step MakeStep(PreparedStatement prepared, ParameterRow? parameters)
    {
        if (prepared.Plan is not { } plan) return prepared.Statement.Node.IsEmpty ? new ActionStep(static () => "", isShort: true) : Utility(prepared.Statement, prepared.Text, false, parameters);
        if (plan.NeedsOpenPeriodCheck && parameters is not null && Database.Catalog.Version > 0)
        {
            // The past may have had another schema: this run gets a plan for its own moment, if that gives the same columns.
            var own = Planner.Plan(AsData(prepared.Statement.Node)!, prepared.DeclaredTypes, values: parameters.Boxed());
            if (SameColumns(plan.Shape, own.Shape)) plan = own;
        }

        return new QueryStep(this, plan, parameters, isDescribed: true);
    }

    /// <summary>Positions of errors count from the start of the whole string, not of its last statement.</summary>
    private QueryPlan PlanShifted(string text, Statement statement, DataStatement data) => PlanFor(TextOf(text, statement), data, []);

    /// <summary>A whole query string whose plan is known from before: no parsing at all. Null when there is none.</summary>
    private SimpleRun? FindCachedSimple(string text)
    {
        if (IsFailed) return null;
        var key = new PlanKey(text, "", EnvironmentText);
        long version = Catalog.Snapshot.Version;
        if (version < 0 || Plans.Find(key) is not { } plan || plan.CatalogVersion != version || !IsFresh(plan)) return null;
        return new SimpleRun(this, new QueryStep(this, plan, null));
    }

    private Step Utility(Statement statement, string text, bool amongOthers, ParameterRow? parameters) =>
        new UtilityStatements(this, text, amongOthers, parameters).Make(statement);

    /// <summary>The columns of a utility statement's result; null for none.</summary>
    private ResultShape? ShapeOfUtility(StatementNode node) => node switch
    {
        StatementNode.Show show => UtilityStatements.ShowShape(show.Name),
        { IsShowAll: true } => UtilityStatements.ShowAllShape,
        StatementNode.Explain explain => ExplainOptions.Of(explain).Shape,
        StatementNode.Call call => new CallStep(this, call.Call, null).Shape,
        StatementNode.ShowDrift drift => DriftStatements.ShowDrift(this, drift).Shape,
        StatementNode.Execute execute => _statements.GetValueOrDefault(execute.Name.Name)?.Shape,
        StatementNode.Fetch fetch when !fetch.IsMove => _portals.GetValueOrDefault(fetch.Cursor.Name)?.Shape,
        _ => null,
    };

    // ---- names that SQL statements reach as well as the protocol

    internal PreparedStatement? FindStatement(string name) => _statements.GetValueOrDefault(name);

    internal void AddStatement(PreparedStatement statement)
    {
        if (!_statements.TryAdd(statement.Name, statement)) throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{statement.Name}\" already exists");
    }

    internal IEnumerable<PreparedStatement> Statements => _statements.Values;

    internal void RemoveStatements() => _statements.Clear();

    internal Portal? FindPortal(string name) => _portals.GetValueOrDefault(name);

    internal void AddPortal(Portal portal)
    {
        if (!_portals.TryAdd(portal.Name, portal)) throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{portal.Name}\" already exists");
    }

    private int _unnamedPortals;

    /// <summary>The name of a cursor that nobody has named.</summary>
    internal string NewPortalName() => $"<unnamed portal {++_unnamedPortals}>";

    internal void ClosePortals()
    {
        foreach (string name in _portals.Keys.ToList()) ClosePortal(name);
    }

    internal IEnumerable<Portal> Portals => _portals.Values;
}

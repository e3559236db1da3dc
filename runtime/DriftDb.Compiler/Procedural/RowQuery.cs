using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Where a block takes rows from: a query of its text, or one that it computes.</summary>
internal abstract class RowQuery
{
    /// <summary>The query with the values that the variables have now.</summary>
    public abstract Step Open(BlockRun run);
}

/// <summary>A query of the block's text.</summary>
internal sealed class StaticRows(EmbeddedQuery query) : RowQuery
{
    public override Step Open(BlockRun run)
    {
        var (plan, values) = query.Prepare(run);
        if (plan.Shape is null) throw new SqlException(SqlState.SyntaxError, "cannot open a query that returns no rows");
        return new QueryStep(run.Session, plan, values);
    }
}

/// <summary>EXECUTE: the text of a query, with values for its parameters.</summary>
internal sealed class DynamicRows(EmbeddedQuery command, ImmutableArray<EmbeddedQuery> arguments) : RowQuery
{
    public override Step Open(BlockRun run)
    {
        var steps = Steps(run, command, arguments).ToList();
        if (steps is not [{ Shape: not null } one])
        {
            foreach (var step in steps) step.Dispose();
            throw new SqlException(SqlState.SyntaxError, "cannot open a query that returns no rows");
        }

        return one;
    }

    /// <summary>The statements of the text, each ready to run: the next one is planned when the one before is done. Their errors have no place in the block.</summary>
    public static IEnumerable<Step> Steps(BlockRun run, EmbeddedQuery command, ImmutableArray<EmbeddedQuery> arguments)
    {
        string text = run.TextOf(command) ?? throw new SqlException(SqlState.NullValueNotAllowed, "query string argument of EXECUTE is null");
        var values = new object?[arguments.Length];
        var types = new SqlType[arguments.Length];
        for (int i = 0; i < values.Length; i++) (values[i], types[i]) = arguments[i].Evaluate(run);
        var statements = WithoutPlace(() => SqlParser.Parse(text));
        foreach (var statement in statements.Where(statement => !statement.Node.IsEmpty))
            yield return WithoutPlace(() => Make(run, text, statement, values, [.. types]));
    }

    private static Step Make(BlockRun run, string text, Statement statement, object?[] values, ImmutableArray<SqlType> types)
    {
        var session = run.Session;
        if (statement.Node is StatementNode.Query { Item.Body: QueryBody.Select { Select.Into: not null } })
            throw new SqlException(SqlState.FeatureNotSupported, "EXECUTE of SELECT ... INTO is not implemented", hint: "You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.");
        if (Session.AsData(statement.Node) is not { } data) return UtilityStatement.Make(session, text, statement, values.Length == 0 ? null : ParameterRow.Of(values, types));
        var plan = session.PlanFor(Session.TextOf(text, statement), data, types);
        return new QueryStep(session, plan, plan.ParameterTypes.IsEmpty ? null : ParameterRow.Of(values, plan.ParameterTypes));
    }

    /// <summary>An error of a text that the client has not sent has no place that it could show.</summary>
    public static T WithoutPlace<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqlException error) when (!error.Span.IsNone)
        {
            throw error.At(SourceSpan.None);
        }
    }
}

using System.Collections.Immutable;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A bound cursor is declared: its variable holds the name that it will be opened under.</summary>
internal sealed class DeclareCursor(BlockVariable variable) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.Values[variable.Number] = Encoding.UTF8.GetBytes(variable.Name);
        return next;
    }
}

/// <summary>OPEN: a portal of the session, which lives until it is closed or the transaction ends.</summary>
internal sealed class OpenCursor(BlockVariable variable, RowQuery rows, bool isScrollable) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var session = run.Session;
        string name = CursorName.Find(run, variable) ?? session.NewPortalName();
        if (session.FindPortal(name) is not null) throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{name}\" already in use");
        var step = rows.Open(run);
        // The cursor's moment is the one in which it was opened.
        if (step is QueryStep query) query.Open();
        var shape = step.Shape!;
        var statement = new PreparedStatement(name, run.Program.Text, new Statement(StatementNode.Empty, SourceSpan.None, 0), []);
        session.AddPortal(new Portal(name, statement, shape, step, session, []) { IsScrollable = isScrollable, Cursor = isScrollable ? new Cursor(shape) : null });
        run.Values[variable.Number] = Encoding.UTF8.GetBytes(name);
        return next;
    }
}

/// <summary>The query of a bound cursor, with the values that OPEN or FOR gives to its parameters.</summary>
internal sealed class CursorRows(BoundCursor cursor, ImmutableArray<(BlockVariable Parameter, EmbeddedQuery Value)> arguments) : RowQuery
{
    public override Step Open(BlockRun run)
    {
        foreach (var (parameter, value) in arguments)
        {
            var (given, type) = value.Evaluate(run);
            run.Values[parameter.Number] = run.Session.Conversions.Convert(given, type, parameter.Type);
        }

        return new StaticRows(cursor.Query).Open(run);
    }
}

/// <summary>FETCH and MOVE, as the session's own do it.</summary>
internal sealed class FetchCursor(BlockVariable variable, FetchDirection direction, RowTarget? into) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(1), 0);
        var name = new Identifier(CursorName.Require(run, variable), true, SourceSpan.None);
        return new FetchStep(run.Session, (StatementNode.Fetch)StatementNode.NewFetch(name, direction, into is null));
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        var rows = (RowCapture)sink;
        run.RowCount = RunQuery.Affected(step.Tag);
        run.Found = run.RowCount > 0;
        into?.Assign(run, rows.Count == 0 ? null : rows[0], step.Shape!.Columns);
        return next;
    }
}

/// <summary>CLOSE.</summary>
internal sealed class CloseCursor(BlockVariable variable) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        string name = CursorName.Require(run, variable);
        if (run.Session.FindPortal(name) is null) throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
        run.Session.ClosePortal(name);
        return next;
    }
}

/// <summary>The name of the portal, which is a cursor variable's value.</summary>
internal static class CursorName
{
    public static string? Find(BlockRun run, BlockVariable variable) => run.Values[variable.Number] is byte[] name ? Encoding.UTF8.GetString(name) : null;

    public static string Require(BlockRun run, BlockVariable variable) =>
        Find(run, variable) ?? throw new SqlException(SqlState.NullValueNotAllowed, $"cursor variable \"{variable.Name}\" is null");
}

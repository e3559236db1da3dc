using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>UPDATE and DELETE … WHERE CURRENT OF a cursor: planned when they run, for the row that the cursor stands on then.</summary>
internal static class PositionedStatement
{
    public static Step Make(Session session, StatementNode statement, ParameterRow? parameters, IReadOnlyList<SqlType> parameterTypes)
    {
        string cursor = PositionedStatements.CursorOf(statement)!.Value.Name;
        var portal = session.FindPortal(cursor) ?? throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{cursor}\" does not exist");
        var table = Names.Relation(session, PositionedStatements.TableOf(statement));
        if (portal.RowTable != table.Oid) throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{cursor}\" is not a simply updatable scan of table \"{table.Name}\"");
        string row = portal.CurrentRowId ?? throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{cursor}\" is not positioned on a row");
        return new QueryStep(session, session.Planner.Plan(PositionedStatements.AtRow(statement, row), parameterTypes), parameters);
    }

    /// <summary>The statement as it is bound before anyone knows which row: for its parameters and its result.</summary>
    public static DataStatement Probe(StatementNode statement) => PositionedStatements.AtRow(statement, "(0,0)");
}

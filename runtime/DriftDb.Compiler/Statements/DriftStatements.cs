using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DriftQL's statements about documents.</summary>
internal static class DriftStatements
{
    public static Step ShowDrift(Session session, StatementNode.ShowDrift statement) => throw TableBuilder.Unsupported("SHOW DRIFT", statement.Table.Span);

    public static Step Insert(Session session, StatementNode.DriftInsert statement) => throw TableBuilder.Unsupported("INSERT of a document", statement.Table.Span);

    public static Step Patch(Session session, StatementNode.Patch statement) => throw TableBuilder.Unsupported("PATCH", statement.Table.Span);

    public static Step SoftDelete(Session session, StatementNode.SoftDelete statement) => throw TableBuilder.Unsupported("SOFT DELETE", statement.Table.Span);
}

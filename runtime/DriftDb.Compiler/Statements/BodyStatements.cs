using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Statements of a routine's or a block's body that aren't queries or changes of data.</summary>
internal static class BodyStatements
{
    public static Step Make(Session session, string text)
    {
        var statement = SqlParser.ParseOne(text);
        Require(statement.Node);
        return new UtilityStatements(session, text, amongOthers: true, null).Make(statement);
    }

    /// <summary>0A000 for what a body can't do: end the transaction that it runs in, or talk to the client.</summary>
    public static void Require(StatementNode node)
    {
        bool isRefused = node is StatementNode.Begin or StatementNode.Commit or StatementNode.Rollback or StatementNode.Savepoint or StatementNode.ReleaseSavepoint or StatementNode.RollbackToSavepoint
            or StatementNode.Copy or StatementNode.Vacuum or StatementNode.CreateDatabase or StatementNode.Fetch or StatementNode.Prepare or StatementNode.Execute;
        if (isRefused) throw new SqlException(SqlState.FeatureNotSupported, $"{DefinitionExecutor.TagOf(node)} is not allowed in an SQL function");
    }
}

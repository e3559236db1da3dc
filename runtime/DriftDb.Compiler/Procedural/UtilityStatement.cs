using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Statements of a block that aren't queries or changes of data: definitions, settings, messages.</summary>
internal static class UtilityStatement
{
    public static Step Make(Session session, string text, Statement statement, ParameterRow? parameters)
    {
        Require(statement.Node);
        return new UtilityStatements(session, text, amongOthers: true, parameters).Make(statement);
    }

    /// <summary>What a block can't do: end the transaction by SQL's commands, which are the block language's own here, or talk to the client.</summary>
    private static void Require(StatementNode node)
    {
        if (node is StatementNode.Begin or StatementNode.Commit or StatementNode.Rollback or StatementNode.Savepoint or StatementNode.ReleaseSavepoint or StatementNode.RollbackToSavepoint)
            throw new SqlException(SqlState.FeatureNotSupported, "unsupported transaction command in PL/pgSQL", hint: "Use a BEGIN block with an EXCEPTION clause instead.");
        if (node is StatementNode.Copy { Item: var copy } && copy.Endpoint.IsClient) throw new SqlException(SqlState.FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL");
        if (node is StatementNode.Vacuum or StatementNode.CreateDatabase or StatementNode.Drop { Item.Kind.IsDatabase: true })
            throw new SqlException(SqlState.ActiveSqlTransaction, $"{DefinitionExecutor.TagOf(node)} cannot be executed from a function");
    }
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DO LANGUAGE sql: the statements of the body one after the other, as one statement of the session. What they return is dropped.</summary>
internal sealed class DoBlock(Session session, string body, Queue<Statement> statements) : StatementsStep(session, "DO")
{
    private readonly Session _session = session;

    public static DoBlock Make(Session session, StatementNode.Do block)
    {
        string language = block.Language?.Value ?? "plpgsql";
        if (!language.Equals("sql", StringComparison.OrdinalIgnoreCase))
            throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist", hint: "DO LANGUAGE sql $$ … $$ runs SQL statements; other languages are not there.");
        return new DoBlock(session, block.Body, new Queue<Statement>(SqlParser.Parse(block.Body).Where(statement => !statement.Node.IsEmpty)));
    }

    protected override Step? Next()
    {
        if (!statements.TryDequeue(out var statement)) return null;
        if (statement.Node is StatementNode.Call call) return new CallStep(_session, call.Call, null);
        return Session.AsData(statement.Node) is { } data ? new QueryStep(_session, _session.Planner.Plan(data, []), null) : BodyStatements.Make(_session, Session.TextOf(body, statement));
    }
}

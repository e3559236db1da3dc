using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DO: a block of PL/pgSQL; or with LANGUAGE sql the statements of the body one after the other, as one statement of the session. What they return is dropped.</summary>
internal sealed class DoBlock(Session session, string body, Queue<Statement> statements) : StatementsStep(session, "DO")
{
    private readonly Session _session = session;

    public static Step Make(Session session, StatementNode.Do block)
    {
        string language = (block.Language?.Value ?? "plpgsql").ToLowerInvariant();
        if (language == "plpgsql") return Procedural(session, block);
        if (language != "sql") throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist", hint: "There are plpgsql and sql.");
        return new DoBlock(session, block.Body, new Queue<Statement>(SqlParser.Parse(block.Body).Where(statement => !statement.Node.IsEmpty)));
    }

    private static BlockStep Procedural(Session session, StatementNode.Do block)
    {
        int offset = block.Contents.IsNone ? -1 : block.Contents.Start;
        ProcedureBody body;
        try
        {
            body = PlpgsqlParser.Parse(block.Body);
        }
        catch (SqlException error)
        {
            throw error.At(offset < 0 ? SourceSpan.None : error.Span with { Start = error.Span.Start + offset });
        }

        return new BlockStep(session, "DO", BlockCompiler.Compile(session, body, offset), []);
    }

    protected override Step? Next()
    {
        if (!statements.TryDequeue(out var statement)) return null;
        if (statement.Node is StatementNode.Call call) return new CallStep(_session, call.Call, null);
        return Session.AsData(statement.Node) is { } data ? new QueryStep(_session, _session.Planner.Plan(data, []), null) : BodyStatements.Make(_session, Session.TextOf(body, statement));
    }
}

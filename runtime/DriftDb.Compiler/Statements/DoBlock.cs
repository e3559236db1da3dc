using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DO LANGUAGE sql: the statements of the body one after the other, as one statement of the session. What they return is dropped.</summary>
internal sealed class DoBlock(Session session, string body, Queue<Statement> statements) : Step
{
    private Step? _running;

    public static DoBlock Make(Session session, StatementNode.Do block)
    {
        string language = block.Language?.Value ?? "plpgsql";
        if (!language.Equals("sql", StringComparison.OrdinalIgnoreCase))
            throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist", hint: "DO LANGUAGE sql $$ … $$ runs SQL statements; other languages are not there.");
        return new DoBlock(session, block.Body, new Queue<Statement>(SqlParser.Parse(block.Body).Where(statement => !statement.Node.IsEmpty)));
    }

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (session.IsFailed) throw Session.FailedTransaction();
        while (_running is not null || statements.Count > 0)
        {
            _running ??= MakeStep(statements.Dequeue());
            if (_running.Advance(new InternalSql.CountingSink(), 0, onWorker: true) is not RunStatus.Complete and var status) return status;
            _running.Dispose();
            _running = null;
        }

        Tag = "DO";
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _running!.OnReady(callback);

    public override void Dispose()
    {
        _running?.Dispose();
        base.Dispose();
    }

    private Step MakeStep(Statement statement)
    {
        if (statement.Node is StatementNode.Call call) return new CallStep(session, call.Call, null);
        return Session.AsData(statement.Node) is { } data ? new QueryStep(session, session.Planner.Plan(data, []), null) : BodyStatements.Make(session, Session.TextOf(body, statement));
    }
}

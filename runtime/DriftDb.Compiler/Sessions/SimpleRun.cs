using System.Collections.Immutable;
using DriftDb.Frontend;

namespace DriftDb.Compiler;

/// <summary>
/// A query string of the simple protocol: its statements one after another, in one implicit transaction unless they open an explicit one. The implicit
/// transaction is committed before the last statement is acknowledged.
/// </summary>
internal sealed class SimpleRun : StatementRun
{
    private readonly Session _session;
    private readonly string _text;
    private readonly ImmutableArray<Statement> _statements;
    private readonly int _count;
    private Step? _step;
    private Step? _commit;
    private int _next;
    private bool _described;

    public SimpleRun(Session session, string text, ImmutableArray<Statement> statements)
    {
        (_session, _text, _statements) = (session, text, statements);
        _count = statements.Length;
    }

    /// <summary>A string that is one statement whose step is there already.</summary>
    public SimpleRun(Session session, Step only)
    {
        (_session, _text, _statements) = (session, "", []);
        _step = only;
        _count = 1;
    }

    public override CopyInput? CopyIn => _step?.CopyIn;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        try
        {
            return Run(sink, onWorker);
        }
        catch (Exception error)
        {
            _step?.Dispose();
            throw _session.StatementFailed(error);
        }
        finally
        {
            _session.Leaving();
        }
    }

    public override void OnReady(Action callback) => (_commit ?? _step)!.OnReady(callback);

    public override void Dispose() => _step?.Dispose();

    private RunStatus Run(IResultSink sink, bool onWorker)
    {
        while (true)
        {
            if (_step is null)
            {
                if (_next == _count)
                {
                    if (_next == 0) sink.Empty();
                    _session.Rest();
                    return RunStatus.Complete;
                }

                // Several statements in one string share the implicit transaction.
                _step = _session.MakeStep(_text, _statements[_next], _next > 0 || _count > 1);
                _described = false;
            }

            if (_commit is null)
            {
                if (!_described && _step.Shape is { } shape)
                {
                    // A statement other than a query that fails before its first row gives no description, as in PostgreSQL.
                    sink = new DescribingSink(sink, shape, this);
                }

                var status = _step.Advance(sink, 0, onWorker);
                if (sink is DescribingSink describing) sink = describing.Inner;
                if (status != RunStatus.Complete) return status;
                if (!_described && _step.Shape is { } empty)
                {
                    sink.Describe(empty);
                    _described = true;
                }

                if (_next == _count - 1) _commit = _session.CommitImplicitStep();
            }

            if (_commit is not null)
            {
                var status = _commit.Advance(sink, 0, onWorker);
                if (status != RunStatus.Complete) return status;
                _commit = null;
            }

            if (_step.Tag.Length > 0) sink.Complete(_step.Tag);
            else if (_count == 1) sink.Empty();
            _step.Dispose();
            _step = null;
            _next++;
        }
    }

    /// <summary>Announces the row description when a query opens, or before the first row of another statement.</summary>
    private sealed class DescribingSink(IResultSink inner, ResultShape shape, SimpleRun run) : IResultSink
    {
        public IResultSink Inner { get; } = inner;

        public void Describe(ResultShape described) => Inner.Describe(described);

        public void Opened(ResultShape described)
        {
            if (run._described) return;
            Inner.Describe(described);
            run._described = true;
        }

        public bool Rows(Types.TupleBuffer rows, int first, int count, ResultShape rowShape)
        {
            Opened(shape);
            return Inner.Rows(rows, first, count, rowShape);
        }

        public void Complete(string commandTag) => Inner.Complete(commandTag);

        public void Empty() => Inner.Empty();

        public void CopyOutBegin(int columns, bool isBinary) => Inner.CopyOutBegin(columns, isBinary);

        public bool CopyOutData(ReadOnlySpan<byte> data) => Inner.CopyOutData(data);

        public void CopyOutEnd() => Inner.CopyOutEnd();
    }
}

using System.Diagnostics;
using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>EXPLAIN: plans the statement; with ANALYZE runs it as well, in the session's transaction, and counts.</summary>
internal sealed class ExplainStep(Session session, StatementNode.Explain statement, ParameterRow? parameters) : Step
{
    private readonly ExplainOptions _options = ExplainOptions.Of(statement);
    private readonly DiscardedRows _discarded = new();
    private readonly Stopwatch _clock = new();
    private RowsStep? _answer;
    private QueryStep? _run;
    private QueryPlan? _plan;
    private StatementNode? _explained;
    private double _planningMs;

    public override ResultShape Shape => _options.Shape;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (_plan is null) Plan();
        if (_options.Analyze && _answer is null)
        {
            _clock.Start();
            var status = _run!.Advance(_discarded, 0, onWorker);
            _clock.Stop();
            if (status != RunStatus.Complete) return status;
        }

        _answer ??= new RowsStep(session, Shape, Answer, _ => "EXPLAIN");
        var answered = _answer.Advance(sink, maxRows, onWorker);
        Tag = _answer.Tag;
        return answered;
    }

    public override void OnReady(Action callback) => _run!.OnReady(callback);

    public override void Dispose() => _run?.Dispose();

    private void Plan()
    {
        if (session.IsFailed) throw Session.FailedTransaction();
        var clock = Stopwatch.StartNew();
        var (data, declared, arguments) = Explained(statement.Body.Node);
        session.Access.Check(session.Planner.Bind(data, declared).Accesses);
        _plan = session.Planner.Plan(data, declared, keepStages: _options.Stages, profiling: !_options.Analyze ? Profiling.None : _options.Timing ? Profiling.RowsAndTimes : Profiling.Rows);
        _plan.ThrowIfConstantFails();
        _planningMs = clock.Elapsed.TotalMilliseconds;
        if (_options.Analyze) _run = new QueryStep(session, _plan, arguments);
    }

    /// <summary>What is to be planned: the statement itself, a prepared one with its arguments, or the query of a statement that makes something of it.</summary>
    private (DataStatement Data, IReadOnlyList<SqlType> Declared, ParameterRow? Arguments) Explained(StatementNode node)
    {
        _explained = node;
        switch (node)
        {
            case StatementNode.Execute execute:
                var (prepared, arguments) = UtilityStatements.Arguments(session, execute);
                _explained = prepared.Statement.Node;
                return (Data(prepared.Statement.Node), prepared.ParameterTypes, arguments);
            case StatementNode.CreateTableAs { Item.Source: CreateTableSource.Query query }:
                if (_options.Analyze) throw TableBuilder.Unsupported("EXPLAIN ANALYZE of CREATE TABLE AS", statement.Body.Span);
                return (DataStatement.NewQuery(query.Item), [], null);
            case StatementNode.DeclareCursor declare:
                if (_options.Analyze) throw TableBuilder.Unsupported("EXPLAIN ANALYZE of DECLARE CURSOR", statement.Body.Span);
                return (DataStatement.NewQuery(declare.Item.Query), [], null);
            default: return (Data(node), parameters is null ? [] : parameters.Layout.Types, parameters);
        }
    }

    private DataStatement Data(StatementNode node) =>
        Session.AsData(node) ?? throw new SqlException(SqlState.FeatureNotSupported, "only queries and data-changing statements have a plan", statement.Body.Span);

    private void Answer(RowsStep.Rows rows)
    {
        foreach (string line in DeepStack.Run(Lines)) rows.Add(line);
    }

    private IReadOnlyList<string> Lines()
    {
        var plan = _plan!;
        if (_options.Stages) return [.. StagesFormat.Write(plan, _explained!)];
        var physical = plan.Optimized.Physical;
        var figures = new ExplainFigures(_options, _planningMs)
        {
            ExecutionMs = _run is null ? null : _clock.Elapsed.TotalMilliseconds,
            Counters = _run?.Execution?.Counters,
        };
        var root = ExplainTree.Build(physical, _options.Verbose);
        if (_run is not null) ExplainMeasures.Add(root, figures);
        return _options.Format != ExplainFormat.Text ? [StructuredFormat.Write(root, figures)] : [.. TextFormat.Write(root, figures)];
    }

    /// <summary>Drops the statement's rows.</summary>
    private sealed class DiscardedRows : IResultSink
    {
        public void Describe(ResultShape shape)
        {
        }

        public bool Rows(TupleBuffer rows, int first, int count, ResultShape shape) => true;

        public void Complete(string commandTag)
        {
        }

        public void Empty()
        {
        }

        public void CopyOutBegin(int columns, bool isBinary)
        {
        }

        public bool CopyOutData(ReadOnlySpan<byte> data) => true;

        public void CopyOutEnd()
        {
        }
    }
}

using System.Linq.Expressions;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// One pipeline: where its rows come from and the code that takes them. The code starts interpreted or compiled, by the estimate; interpreted code is compiled in the background once it has
/// run often enough (compiling costs about 4 µs a node, an interpreted row 200 times a compiled one).
/// </summary>
internal sealed class PipelineTemplate(int source, Expression<PipelineBody> lambda, double estimatedRows, string name, int profileNumber)
{
    private PipelineBody? _body;
    private long _interpretedRows;
    private int _executions, _promoting;

    public int Source { get; } = source;

    public string Name { get; } = name;

    /// <summary>The pipeline's number in the query's <see cref="PlanProfile"/>; -1 when it isn't measured.</summary>
    public int ProfileNumber => profileNumber;

    public double EstimatedRows { get; } = estimatedRows;

    public Expression<PipelineBody> Lambda => lambda;

    /// <summary>Whether the machine code is in use.</summary>
    public bool IsCompiled { get; private set; }

    public PipelineBody Body(CompileOptions options)
    {
        if (_body is { } ready) return ready;
        lock (lambda)
        {
            if (_body is not null) return _body;
            bool compile = EstimatedRows >= options.CompileAboveRows;
            _body = compile ? lambda.Compile() : lambda.Compile(preferInterpretation: true);
            IsCompiled = compile;
            return _body;
        }
    }

    /// <summary>Counts work done interpreted; past the thresholds the compiler is started in the background.</summary>
    public void Account(int rows, CompileOptions options)
    {
        if (IsCompiled || Volatile.Read(ref _promoting) != 0) return;
        if (Interlocked.Add(ref _interpretedRows, rows) < options.PromoteAfterRows) return;
        Promote();
    }

    public void AccountExecution(CompileOptions options)
    {
        if (!IsCompiled && Interlocked.Increment(ref _executions) >= options.PromoteAfterExecutions) Promote();
    }

    private void Promote()
    {
        if (Interlocked.Exchange(ref _promoting, 1) != 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static template =>
            {
                PipelineBody compiled = template.Lambda.Compile();
                template._body = compiled;
                template.IsCompiled = true;
            },
            this,
            preferLocal: false);
    }
}

/// <summary>A plan, or a nested one, as pipelines; immutable.</summary>
internal sealed class SubPlanTemplate(List<PipelineTemplate> pipelines, List<Func<OperatorState>> states, List<(int Node, int State)> watched, TupleLayout outputLayout, CompileOptions options)
{
    public IReadOnlyList<PipelineTemplate> Pipelines => pipelines;

    public TupleLayout OutputLayout => outputLayout;

    public CompileOptions Options => options;

    /// <summary>The buffers whose size is part of the profile: the node's number, the state's.</summary>
    public IReadOnlyList<(int Node, int State)> Watched => watched;

    public OperatorState[] CreateStates()
    {
        var created = new OperatorState[states.Count];
        for (int i = 0; i < created.Length; i++) created[i] = states[i]();
        return created;
    }
}

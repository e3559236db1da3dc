using System.Linq.Expressions;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// One pipeline: where its rows come from and the code that takes them. The code starts interpreted or compiled, by the estimate; interpreted code is compiled in the background once it has
/// run often enough (compiling costs about 4 µs a node, an interpreted row 200 times a compiled one). Its expression may be made as late as its first rows come: code for what has left memory is seldom asked for.
/// </summary>
internal sealed class PipelineTemplate(int source, Func<Expression<PipelineBody>> build, QueryBuilder query, double estimatedRows, string name, int profileNumber)
{
    private Expression<PipelineBody>? _lambda;
    private bool _isLate;
    private PipelineBody? _body;
    private long _interpretedRows;
    private int _executions, _promoting;

    public int Source { get; } = source;

    public string Name { get; } = name;

    /// <summary>The pipeline's number in the query's <see cref="PlanProfile"/>; -1 when it isn't measured.</summary>
    public int ProfileNumber => profileNumber;

    public double EstimatedRows { get; } = estimatedRows;

    public PipelineTemplate(int source, Expression<PipelineBody> lambda, QueryBuilder query, double estimatedRows, string name, int profileNumber)
        : this(source, () => lambda, query, estimatedRows, name, profileNumber) => _lambda = lambda;

    /// <summary>The code as a tree.</summary>
    public Expression<PipelineBody> Lambda
    {
        get
        {
            if (_lambda is { } known) return known;
            lock (query)
            {
                if (_lambda is not null) return _lambda;
                _isLate = true;
                var built = build();
                // Its constants may be new ones.
                query.Constants.Freeze();
                return _lambda = built;
            }
        }
    }

    /// <summary>Whether the code has been asked for.</summary>
    public bool IsBuilt => _lambda is not null;

    /// <summary>Whether the machine code is in use.</summary>
    public bool IsCompiled { get; private set; }

    public PipelineBody Body(CompileOptions options, Frame? frame = null)
    {
        if (_body is null) Compile(options);
        // Constants that came with late code are behind those that the run has begun with.
        if (_isLate && frame is not null) frame.Constants = query.Constants.Address;
        return _body!;
    }

    private void Compile(CompileOptions options)
    {
        var lambda = Lambda;
        lock (lambda)
        {
            if (_body is not null) return;
            // Late code runs over more rows than memory holds.
            bool compile = _isLate || EstimatedRows >= options.CompileAboveRows;
            _body = compile ? lambda.Compile() : lambda.Compile(preferInterpretation: true);
            IsCompiled = compile;
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
internal sealed class SubPlanTemplate(List<PipelineTemplate> pipelines, List<PipelineTemplate> auxiliary, List<Func<OperatorState>> states, List<(int Node, int State)> watched, TupleLayout outputLayout, CompileOptions options)
{
    public IReadOnlyList<PipelineTemplate> Pipelines => pipelines;

    /// <summary>Pipelines that operators run when they need them (<see cref="SubPlanInstance.RunAuxiliary"/>).</summary>
    public IReadOnlyList<PipelineTemplate> Auxiliary => auxiliary;

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

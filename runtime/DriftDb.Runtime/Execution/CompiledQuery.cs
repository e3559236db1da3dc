using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What a run is to measure of each plan node, for EXPLAIN ANALYZE.</summary>
public enum Profiling
{
    /// <summary>Nothing; the code is as if there were no profiling.</summary>
    None,
    /// <summary>Rows and loops.</summary>
    Rows,
    /// <summary>Rows, loops and times.</summary>
    RowsAndTimes,
}

/// <summary>How a plan is compiled.</summary>
public sealed record CompileOptions
{
    public static readonly CompileOptions Default = new();

    /// <summary>Types of $1, $2, …; default: as the plan's parameters say.</summary>
    public ImmutableArray<SqlType> ParameterTypes { get; init; }

    /// <summary>Estimated rows from which on a plan is compiled to machine code at once; below it starts interpreted.</summary>
    public double CompileAboveRows { get; init; } = 500;

    /// <summary>What to measure of each node (<see cref="QueryExecution.Counters"/>). Costs a call or two a row and node; rules point operations out.</summary>
    public Profiling Profiling { get; init; }

    /// <summary>Rows processed by interpretation after which the pipelines are compiled in the background.</summary>
    public long PromoteAfterRows { get; init; } = 2_000;

    /// <summary>Executions after which the pipelines are compiled in the background.</summary>
    public int PromoteAfterExecutions { get; init; } = 5;
}

/// <summary>A physical plan made executable: immutable, thread-safe, to be cached and started any number of times.</summary>
public sealed class CompiledQuery
{
    private readonly QueryTemplate _template;

    private CompiledQuery(PhysicalPlan plan, QueryTemplate template, ImmutableArray<SqlType> parameterTypes, TupleLayout parameterLayout)
    {
        Plan = plan;
        _template = template;
        ParameterTypes = parameterTypes;
        ParameterLayout = parameterLayout;
        Output = plan.Output;
        OutputLayout = new TupleLayout([.. Output.Select(column => column.Type)]);
    }

    public PhysicalPlan Plan { get; }

    public ImmutableArray<OutputColumn> Output { get; }

    /// <summary>How the result rows lie in the buffers given to <see cref="QueryExecution.Next"/>.</summary>
    public TupleLayout OutputLayout { get; }

    public ImmutableArray<SqlType> ParameterTypes { get; }

    /// <summary>How the row at <see cref="QueryContext.Parameters"/> lies.</summary>
    public TupleLayout ParameterLayout { get; }

    /// <summary>True when it is a point read or write that runs without code generation.</summary>
    public bool IsPointOperation => _template.IsPointOperation;

    /// <summary>Compiles (or readies for interpretation) a plan.</summary>
    public static CompiledQuery Compile(PhysicalPlan plan, CompileOptions? options = null)
    {
        RuntimeSetup.Initialize();
        options ??= CompileOptions.Default;
        ImmutableArray<SqlType> types = options.ParameterTypes.IsDefault ? PlanInspector.ParameterTypes(plan) : options.ParameterTypes;
        var layout = new TupleLayout(types);
        return new CompiledQuery(plan, QueryTemplate.Create(plan, options, layout), types, layout);
    }

    /// <summary>Starts a run. Errors of the query come from here or from <see cref="QueryExecution.Next"/>.</summary>
    public QueryExecution Start(QueryContext context) => _template.Start(context);

    /// <summary>The pipelines and their generated code, for EXPLAIN (STAGES).</summary>
    public string DescribePipelines() => _template.Describe();
}

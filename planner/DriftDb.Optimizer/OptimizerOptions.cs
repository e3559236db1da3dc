using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Settings of one optimisation; the names follow PostgreSQL's (<c>enable_hashjoin</c> …) and DriftDB's own (<c>drift.disabled_rules</c>).</summary>
public sealed record OptimizerOptions
{
    public static readonly OptimizerOptions Default = new();

    /// <summary>Rules that must not fire, by name.</summary>
    public IReadOnlySet<string> DisabledRules { get; init; } = new HashSet<string>();

    public bool EnableHashJoin { get; init; } = true;

    public bool EnableMergeJoin { get; init; } = true;

    public bool EnableNestedLoop { get; init; } = true;

    public bool EnableIndexScan { get; init; } = true;

    public bool EnableSeqScan { get; init; } = true;

    public bool EnableHashAggregate { get; init; } = true;

    public bool EnableSort { get; init; } = true;

    /// <summary>How much of tables stays in memory (<c>effective_cache_size</c>): what is beyond it is read anew for rows that are looked up here and there.</summary>
    public double CacheBytes { get; init; } = double.PositiveInfinity;

    /// <summary>Computes an expression without columns whose value can't change (immutable functions, constants), or throws <see cref="Types.SqlException"/>. Set by the compiler, which owns a runtime.</summary>
    public Func<ScalarExpr, ScalarConstant>? EvaluateConstant { get; init; }

    /// <summary>Called after each rewrite with the rule's name and the node before and after: how tests verify every step.</summary>
    public Action<string, LogicalPlan, LogicalPlan>? AfterRule { get; init; }

    /// <summary>The functions that unnesting may need (array_agg).</summary>
    public IFunctionCatalog? Functions { get; init; }
}

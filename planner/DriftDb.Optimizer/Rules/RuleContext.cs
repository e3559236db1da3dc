using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>What rules may use: fresh column ids, the catalog's functions, the settings, and the log of what fired.</summary>
public sealed class RuleContext(ColumnIds ids, OptimizerOptions options)
{
    private readonly List<string> _fired = [];

    public ColumnIds Ids { get; } = ids;

    public OptimizerOptions Options { get; } = options;

    /// <summary>Names of the rules that changed the plan, in order.</summary>
    public IReadOnlyList<string> Fired => _fired;

    /// <summary>The first error that the computation of a constant gave; null when there was none.</summary>
    public SqlException? ConstantError { get; private set; }

    public void Report(SqlException constantError) => ConstantError ??= constantError;

    public void Fire(string rule) => _fired.Add(rule);

    public bool IsEnabled(string rule) => !Options.DisabledRules.Contains(rule);
}

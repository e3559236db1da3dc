using System.Globalization;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A node's measured figures, of one loop on average.</summary>
internal readonly record struct ActualFigures(double StartupMs, double TotalMs, double Rows, long Loops);

/// <summary>The numbers of an EXPLAIN: estimates of each node, and what ANALYZE measured.</summary>
/// <param name="Options">What is to be shown.</param>
/// <param name="PlanningMs">Time to bind and optimise.</param>
internal sealed record ExplainFigures(ExplainOptions Options, double PlanningMs)
{
    /// <summary>Average bytes of a text value, as PostgreSQL assumes without statistics.</summary>
    private const int TextBytes = 32;

    /// <summary>Time of the whole run; null when there was none.</summary>
    public double? ExecutionMs { get; init; }

    public IReadOnlyDictionary<PhysicalPlan, NodeCounter>? Counters { get; init; }

    public static PhysicalPlan Estimated(ExplainNode node) => node.Plan ?? node.Estimates!;

    /// <summary>Rows that a node is expected to put out; a write without RETURNING puts out none.</summary>
    public static double Rows(ExplainNode node) => Estimated(node) is PhysicalWrite { Returning.IsDefault: true } ? 0 : Math.Max(1, Math.Round(Estimated(node).EstimatedRows));

    public static int WidthBytes(ExplainNode node) => Estimated(node).Output.Sum(column => Width(column.Type));

    /// <summary>What was measured of a plan node; null where nothing was.</summary>
    public NodeCounter? Counter(PhysicalPlan plan) => Counters is not null && Counters.TryGetValue(plan, out var counter) ? counter : null;

    /// <summary>What is shown of a node as its actual figures: averages of a loop, as PostgreSQL has them. Null where nothing was measured.</summary>
    public ActualFigures? Actual(ExplainNode node)
    {
        if (Counter(Estimated(node)) is not { } counter) return null;
        double loops = Math.Max(1, counter.Loops);
        // A node that only EXPLAIN has (Hash) is done when its input's taker is: a hash table is complete before anything comes out of it.
        return node.Plan is null && node.IsBlocking
            ? new ActualFigures(counter.TotalWithConsumerMs / loops, counter.TotalWithConsumerMs / loops, counter.Rows / loops, counter.Loops)
            : new ActualFigures(counter.StartupMs / loops, counter.TotalMs / loops, counter.Rows / loops, counter.Loops);
    }

    public static string Milliseconds(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static int Width(SqlType type) => type.Kind == PhysicalKind.Bytes
        ? type.Id switch { TypeId.Char => 1, TypeId.Name => 64, TypeId.VarChar or TypeId.BpChar when type.Typmod >= 4 => Math.Min(type.Length + 4, TextBytes * 4), _ => TextBytes }
        : type.Kind.ColumnWidthBytes();
}

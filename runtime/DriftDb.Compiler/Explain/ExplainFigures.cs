using System.Globalization;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The numbers of an EXPLAIN: estimates of each node, and what ANALYZE measured.</summary>
/// <param name="Options">What is to be shown.</param>
/// <param name="PlanningMs">Time to bind and optimise.</param>
internal sealed record ExplainFigures(ExplainOptions Options, double PlanningMs)
{
    /// <summary>Average bytes of a text value, as PostgreSQL assumes without statistics.</summary>
    private const int TextBytes = 32;

    /// <summary>Time of the run; only the whole statement is timed, since its pipelines run through many nodes at once.</summary>
    public double? ExecutionMs { get; init; }

    public double FirstRowMs { get; init; }

    public IReadOnlyDictionary<PhysicalPlan, NodeCounter>? Counters { get; init; }

    /// <summary>The node at the top, which has the statement's times.</summary>
    public PhysicalPlan? Root { get; init; }

    /// <summary>Rows that came out of the top when nothing was counted inside.</summary>
    public long RootRows { get; init; }

    public static PhysicalPlan Estimated(ExplainNode node) => node.Plan ?? node.Estimates!;

    /// <summary>Rows that a node is expected to put out; a write without RETURNING puts out none.</summary>
    public static double Rows(ExplainNode node) => Estimated(node) is PhysicalWrite { Returning.IsDefault: true } ? 0 : Math.Max(1, Math.Round(Estimated(node).EstimatedRows));

    public static int WidthBytes(ExplainNode node) => Estimated(node).Output.Sum(column => Width(column.Type));

    /// <summary>Rows that came out; null where nothing was counted.</summary>
    public long? ActualRows(ExplainNode node)
    {
        if (ExecutionMs is null) return null;
        if (Counters is not null && Counters.TryGetValue(Estimated(node), out var counter)) return counter.Rows;
        return ReferenceEquals(node.Plan, Root) ? RootRows : null;
    }

    public bool IsTimed(ExplainNode node) => Options.Timing && ReferenceEquals(node.Plan, Root);

    public static string Milliseconds(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static int Width(SqlType type) => type.Kind == PhysicalKind.Bytes
        ? type.Id switch { TypeId.Char => 1, TypeId.Name => 64, TypeId.VarChar or TypeId.BpChar when type.Typmod >= 4 => Math.Min(type.Typmod, TextBytes * 4), _ => TextBytes }
        : type.Kind.ColumnWidthBytes();
}

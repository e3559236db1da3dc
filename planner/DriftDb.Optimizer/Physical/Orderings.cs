using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>The order in which a physical plan puts its rows out, and whether it is the one asked for.</summary>
internal static class Orderings
{
    /// <summary>True when the plan's rows come in the order of the keys.</summary>
    public static bool Satisfies(PhysicalPlan plan, ImmutableArray<SortKey> keys)
    {
        var order = Of(plan, out var constants);
        int at = 0;
        foreach (var key in keys)
        {
            if (constants.Contains(key.ColumnId)) continue;
            if (at >= order.Count || order[at] != key) return false;
            at++;
        }

        return true;
    }

    /// <summary>True when rows with equal keys come one after another.</summary>
    public static bool Groups(PhysicalPlan plan, ImmutableArray<SortKey> keys)
    {
        var order = Of(plan, out var constants);
        var wanted = keys.Select(key => key.ColumnId).Where(id => !constants.Contains(id)).ToHashSet();
        return wanted.Count <= order.Count && order.Take(wanted.Count).All(key => wanted.Contains(key.ColumnId));
    }

    /// <summary>The order in which the plan's rows come; empty where none is proven.</summary>
    public static ImmutableArray<SortKey> Of(PhysicalPlan plan) => [.. Of(plan, out _)];

    private static List<SortKey> Of(PhysicalPlan plan, out HashSet<int> constants)
    {
        constants = [];
        switch (plan)
        {
            case PhysicalSort sort: return [.. sort.Keys];
            case PhysicalTopN top: return [.. top.Keys];
            case PhysicalFilter or PhysicalLimit or PhysicalLockRows or PhysicalDistinctOn or PhysicalWindow: return Of(plan.Inputs[0], out constants);
            case PhysicalStreamAggregate aggregate:
                var keys = aggregate.Keys.Select(key => key.Id).ToHashSet();
                return [.. Of(aggregate.Input, out constants).TakeWhile(key => keys.Contains(key.ColumnId))];
            case PhysicalIndexScan scan: return OfIndex(scan, constants);
            // A hash join has none: when its table outgrows memory rows come partition by partition.
            case PhysicalMergeJoin { Kind: not JoinKind.Full } join: return Of(join.Left, out constants);
            case PhysicalIndexJoin join: return Of(join.Left, out constants);
            case PhysicalProject project:
                var inner = Of(project.Input, out var innerConstants);
                var renamed = new Dictionary<int, int>();
                foreach (var assignment in project.Assignments)
                    if (assignment.Value is ScalarColumn column) renamed.TryAdd(column.Id, assignment.Column.Id);
                constants = [.. innerConstants.Where(renamed.ContainsKey).Select(id => renamed[id])];
                return [.. inner.TakeWhile(key => renamed.ContainsKey(key.ColumnId)).Select(key => key with { ColumnId = renamed[key.ColumnId] })];
            default: return [];
        }
    }

    private static List<SortKey> OfIndex(PhysicalIndexScan scan, HashSet<int> constants)
    {
        var order = new List<SortKey>();
        if (scan.Index.EqualityOnly && !scan.IsPointLookup) return order;
        for (int i = 0; i < scan.Index.Keys.Length; i++)
        {
            var key = scan.Index.Keys[i];
            int slot = scan.Sources.IndexOf(key.Ordinal);
            if (key.Ordinal < 0) return order;
            if (i < scan.Equal.Length)
            {
                if (slot >= 0) constants.Add(scan.Columns[slot].Id);
                continue;
            }

            if (slot < 0) return order;
            order.Add(new SortKey(scan.Columns[slot].Id, key.Descending != scan.Backward, key.NullsFirst != scan.Backward));
        }

        return order;
    }
}

using System.Numerics;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Chooses the order of inner joins: dynamic programming over connected sets of relations (Moerkotte and Neumann, "Dynamic Programming Strikes
/// Back", over subsets), greedily by smallest result past twelve relations. Outer, semi and anti joins are relations of their own here,
/// ordered inside.
/// </summary>
public sealed class OrderJoins(Estimator estimator)
{
    public const string Name = "order_joins";

    private const int LargestExact = 12;

    public LogicalPlan Run(LogicalPlan plan)
    {
        if (JoinGraph.From(plan) is not { } graph || graph.Relations.Count < 2) return plan.MapInputs(Run);
        for (int i = 0; i < graph.Relations.Count; i++) graph.Relations[i] = graph.Relations[i].MapInputs(Run);
        var ordered = graph.Relations.Count <= LargestExact ? Exact(graph) : Greedy(graph);
        var used = graph.Conditions.Where(condition => BitOperations.PopCount(condition.Relations) < 2).Select(condition => condition.Expression).ToList();
        var result = Conjunctions.Filter(ordered.Plan, used);
        // Columns of set operations and of the result count by position: the old order is kept.
        bool sameOrder = result.Output.Select(column => column.Id).SequenceEqual(plan.Output.Select(column => column.Id));
        return sameOrder ? result : new LogicalProject(result, [.. plan.Output.Select(Assignment.PassThrough)]);
    }

    private sealed record Candidate(LogicalPlan Plan, ulong Relations, double Rows, double Cost);

    private Candidate Leaf(LogicalPlan relation, int index) => new(relation, 1UL << index, estimator.Rows(relation), ScanCost(relation));

    /// <summary>Rows that have to be looked at to produce the relation.</summary>
    private double ScanCost(LogicalPlan relation) => relation switch
    {
        LogicalScan scan => Estimator.TableRows(scan),
        LogicalFilter filter => ScanCost(filter.Input),
        LogicalProject project => ScanCost(project.Input),
        _ => estimator.Rows(relation) * 2,
    };

    private Candidate Join(JoinGraph graph, Candidate left, Candidate right)
    {
        // The smaller side is built: by convention the right one.
        if (left.Rows < right.Rows) (left, right) = (right, left);
        var condition = Conjunctions.Combine(graph.Between(left.Relations, right.Relations));
        var join = new LogicalJoin(JoinKind.Inner, left.Plan, right.Plan, condition);
        double rows = estimator.Rows(join);
        bool hasKey = Conjunctions.Split(condition).Any(term => term is ScalarComparison { Operator: ComparisonOperator.Equal });
        double work = hasKey ? left.Rows + right.Rows * 2 + rows : left.Rows * right.Rows + rows;
        double cost = left.Cost + right.Cost + work;
        if (hasKey)
        {
            // A lookup for each row of the small side instead of reading the large one.
            if (HasIndex(left.Plan, condition)) cost = Math.Min(cost, right.Cost + right.Rows * 4 + rows);
            if (HasIndex(right.Plan, condition)) cost = Math.Min(cost, left.Cost + left.Rows * 4 + rows);
        }

        return new Candidate(join, left.Relations | right.Relations, rows, cost);
    }

    private static bool HasIndex(LogicalPlan plan, ScalarExpr condition)
    {
        var scan = plan switch { LogicalScan s => s, LogicalFilter { Input: LogicalScan s } => s, _ => null };
        if (scan is null || scan.Relation.Indexes.IsEmpty) return false;
        foreach (var term in Conjunctions.Split(condition).OfType<ScalarComparison>().Where(c => c.Operator == ComparisonOperator.Equal))
            foreach (var side in new[] { term.Left, term.Right })
                if (side is ScalarColumn column)
                    for (int i = 0; i < scan.Columns.Length; i++)
                        if (scan.Columns[i].Id == column.Id && scan.Relation.Indexes.Any(index => index.Predicate is null && index.Keys[0].Ordinal == scan.Sources[i])) return true;
        return false;
    }

    private Candidate Exact(JoinGraph graph)
    {
        int count = graph.Relations.Count;
        var best = new Dictionary<ulong, Candidate>();
        for (int i = 0; i < count; i++) best[1UL << i] = Leaf(graph.Relations[i], i);
        ulong all = (1UL << count) - 1;
        for (ulong set = 1; set <= all; set++)
        {
            if (BitOperations.PopCount(set) < 2) continue;
            for (int pass = 0; pass < 2 && !best.ContainsKey(set); pass++)
            {
                // Cross products only where nothing connects the set, and only for whole components at the top.
                bool allowCross = pass == 1;
                if (allowCross && set != all && IsConnectable(graph, set)) break;
                for (ulong left = (set - 1) & set; left > 0; left = (left - 1) & set)
                {
                    ulong right = set & ~left;
                    if (left < right || !best.TryGetValue(left, out var l) || !best.TryGetValue(right, out var r)) continue;
                    if (!allowCross && !graph.Connects(left, right)) continue;
                    var candidate = Join(graph, l, r);
                    if (!best.TryGetValue(set, out var current) || candidate.Cost < current.Cost) best[set] = candidate;
                }
            }
        }

        return best.TryGetValue(all, out var result) ? result : Greedy(graph);
    }

    /// <summary>True when some condition leads out of the set: then it needn't be made by a cross product.</summary>
    private static bool IsConnectable(JoinGraph graph, ulong set) => graph.Conditions.Exists(condition => (condition.Relations & set) != 0 && (condition.Relations & ~set) != 0);

    private Candidate Greedy(JoinGraph graph)
    {
        var parts = graph.Relations.Select(Leaf).ToList();
        while (parts.Count > 1)
        {
            Candidate? best = null;
            (int, int) pair = default;
            for (int pass = 0; pass < 2 && best is null; pass++)
                for (int i = 0; i < parts.Count; i++)
                    for (int j = 0; j < i; j++)
                    {
                        if (pass == 0 && !graph.Connects(parts[i].Relations, parts[j].Relations)) continue;
                        var candidate = Join(graph, parts[i], parts[j]);
                        if (best is null || candidate.Rows < best.Rows) (best, pair) = (candidate, (i, j));
                    }

            parts.RemoveAt(pair.Item1);
            parts.RemoveAt(pair.Item2);
            parts.Add(best!);
        }

        return parts[0];
    }
}

using System.Numerics;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>The relations of a tree of inner joins, and the conditions between them.</summary>
internal sealed class JoinGraph
{
    private JoinGraph(List<LogicalPlan> relations, List<Condition> conditions)
    {
        Relations = relations;
        // Of conditions of which one follows from the others the first is kept: those that belong to a key of several columns, by which the estimator and the index joins find whole keys.
        Conditions = [.. conditions.OrderBy(condition => IsPartOfKey(condition, relations) ? 0 : 1)];
    }

    /// <summary>A condition and the relations that it uses, as a bit set.</summary>
    public sealed record Condition(ScalarExpr Expression, ulong Relations)
    {
        /// <summary>The two columns that it says are equal, of one type; null for anything else.</summary>
        public (int Left, int Right)? Equal { get; } =
            Expression is ScalarComparison { Operator: ComparisonOperator.Equal, Left: ScalarColumn left, Right: ScalarColumn right } && left.Type.Equals(right.Type) ? (left.Id, right.Id) : null;
    }

    public List<LogicalPlan> Relations { get; }

    public List<Condition> Conditions { get; }

    /// <summary>The graph of the inner joins at the plan's root; null when there is no inner join there.</summary>
    public static JoinGraph? From(LogicalPlan plan)
    {
        if (plan is not LogicalJoin { Kind: JoinKind.Inner }) return null;
        var relations = new List<LogicalPlan>();
        var terms = new List<ScalarExpr>();
        Collect(plan, relations, terms);
        if (relations.Count > 60) return null;
        var owner = new Dictionary<int, int>();
        for (int i = 0; i < relations.Count; i++)
            foreach (var column in relations[i].Output) owner[column.Id] = i;
        var conditions = terms.ConvertAll(term => new Condition(term, FreeColumns.Of(term).Where(owner.ContainsKey).Aggregate(0UL, (set, id) => set | 1UL << owner[id])));
        AddTransitive(conditions, owner);
        return new JoinGraph(relations, conditions);
    }

    public bool Connects(ulong left, ulong right) =>
        Conditions.Exists(condition => (condition.Relations & left) != 0 && (condition.Relations & right) != 0 && (condition.Relations & ~(left | right)) == 0);

    /// <summary>
    /// Conditions that can be tested once the two sets are joined, and not before. An equality that follows from others, inside of the sets or given already, is left out: it would
    /// be tested in vain, and counted twice by the estimator.
    /// </summary>
    public List<ScalarExpr> Between(ulong left, ulong right)
    {
        var between = new List<ScalarExpr>();
        EqualColumns? equal = null;
        foreach (var condition in Conditions)
        {
            if ((condition.Relations & ~(left | right)) != 0 || (condition.Relations & left) == 0 || (condition.Relations & right) == 0) continue;
            if (condition.Equal is var (a, b) && !(equal ??= EqualWithin(left, right)).Unite(a, b)) continue;
            between.Add(condition.Expression);
        }

        return between;
    }

    private EqualColumns EqualWithin(ulong left, ulong right)
    {
        var equal = new EqualColumns();
        foreach (var condition in Conditions)
            if (condition.Equal is var (a, b) && ((condition.Relations & ~left) == 0 || (condition.Relations & ~right) == 0)) equal.Unite(a, b);
        return equal;
    }

    private static bool IsPartOfKey(Condition condition, List<LogicalPlan> relations) =>
        condition.Equal is var (a, b) && relations.Exists(relation =>
        {
            var scan = relation switch { LogicalScan s => s, LogicalFilter { Input: LogicalScan s } => s, _ => null };
            if (scan is null) return false;
            int slot = -1;
            for (int i = 0; i < scan.Columns.Length; i++)
                if (scan.Columns[i].Id == a || scan.Columns[i].Id == b) slot = i;
            return slot >= 0 && scan.Relation.Indexes.Any(index => index is { IsUnique: true, Keys.Length: > 1 } && index.Keys.Any(key => key.Ordinal == scan.Sources[slot]));
        });

    /// <summary>Columns that are known to be equal, as sets (union-find).</summary>
    private sealed class EqualColumns
    {
        private readonly Dictionary<int, int> _parents = [];

        /// <summary>Makes two columns equal; false when they were known to be.</summary>
        public bool Unite(int a, int b)
        {
            (a, b) = (Find(a), Find(b));
            if (a == b) return false;
            _parents[a] = b;
            return true;
        }

        private int Find(int column)
        {
            while (_parents.TryGetValue(column, out int parent)) column = parent;
            return column;
        }
    }

    private static void Collect(LogicalPlan plan, List<LogicalPlan> relations, List<ScalarExpr> terms)
    {
        switch (plan)
        {
            case LogicalJoin { Kind: JoinKind.Inner } join:
                Collect(join.Left, relations, terms);
                Collect(join.Right, relations, terms);
                terms.AddRange(Conjunctions.Split(join.Condition));
                break;
            case LogicalFilter { Input: LogicalJoin { Kind: JoinKind.Inner } } filter when !Volatile.Is(filter.Predicate):
                Collect(filter.Input, relations, terms);
                terms.AddRange(Conjunctions.Split(filter.Predicate));
                break;
            default:
                relations.Add(plan);
                break;
        }
    }

    /// <summary>a = b and b = c give a = c, which may be the better join. Only between columns of three relations.</summary>
    private static void AddTransitive(List<Condition> conditions, Dictionary<int, int> owner)
    {
        var equalities = conditions.Select(condition => condition.Expression).OfType<ScalarComparison>()
            .Where(c => c is { Operator: ComparisonOperator.Equal, Left: ScalarColumn l, Right: ScalarColumn r } && l.Type.Equals(r.Type) && owner.ContainsKey(l.Id) && owner.ContainsKey(r.Id))
            .Select(c => (Left: (ScalarColumn)c.Left, Right: (ScalarColumn)c.Right)).ToList();
        var known = equalities.Select(e => Key(e.Left.Id, e.Right.Id)).ToHashSet();
        for (int i = 0; i < equalities.Count && equalities.Count < 200; i++)
        {
            for (int j = 0; j < i; j++)
            {
                var (a, b) = equalities[i];
                var (c, d) = equalities[j];
                var (x, y) = a.Id == c.Id ? (b, d) : a.Id == d.Id ? (b, c) : b.Id == c.Id ? (a, d) : b.Id == d.Id ? (a, c) : (a, a);
                if (owner[x.Id] == owner[y.Id] || !known.Add(Key(x.Id, y.Id))) continue;
                equalities.Add((x, y));
                conditions.Add(new Condition(new ScalarComparison(ComparisonOperator.Equal, x, y), 1UL << owner[x.Id] | 1UL << owner[y.Id]));
            }
        }
    }

    private static (int, int) Key(int a, int b) => a < b ? (a, b) : (b, a);
}

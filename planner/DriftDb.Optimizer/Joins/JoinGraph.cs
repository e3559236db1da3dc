using System.Numerics;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>The relations of a tree of inner joins, and the conditions between them.</summary>
internal sealed class JoinGraph
{
    private JoinGraph(List<LogicalPlan> relations, List<Condition> conditions)
    {
        Relations = relations;
        Conditions = conditions;
    }

    /// <summary>A condition and the relations that it uses, as a bit set.</summary>
    public sealed record Condition(ScalarExpr Expression, ulong Relations);

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

    /// <summary>Conditions that can be tested once the two sets are joined, and not before.</summary>
    public IEnumerable<ScalarExpr> Between(ulong left, ulong right) => Conditions
        .Where(condition => (condition.Relations & ~(left | right)) == 0 && (condition.Relations & left) != 0 && (condition.Relations & right) != 0)
        .Select(condition => condition.Expression);

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

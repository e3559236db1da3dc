using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// Checks that a logical plan hangs together: every column that is read is put out below (or belongs to an outer query), with the type that it is read as; no node puts a column out twice;
/// conditions are boolean. Rules are run under it in tests.
/// </summary>
public static class PlanVerifier
{
    /// <summary>Throws with the place and the reason when the plan is broken.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="outer">Columns of outer queries that it may read.</param>
    public static void Check(LogicalPlan plan, IReadOnlySet<int> outer)
    {
        var visible = new Dictionary<int, OutputColumn>();
        Check(plan, outer, visible);
    }

    private static void Check(LogicalPlan plan, IReadOnlySet<int> outer, IReadOnlyDictionary<int, OutputColumn> around)
    {
        var inputs = plan.Inputs;
        for (int i = 0; i < inputs.Length; i++)
        {
            // The right side of an apply reads the left side's rows.
            var known = plan is LogicalApply && i == 1 ? With(around, inputs[0].Output) : around;
            Check(inputs[i], outer, known);
        }

        var ids = new HashSet<int>();
        foreach (var column in plan.Output)
            if (!ids.Add(column.Id)) throw Broken(plan, $"puts {column} out twice");

        var scope = With(around, inputs.SelectMany(input => input.Output));
        if (plan is LogicalInsert insert) scope = With(scope, insert.NewColumns);
        foreach (var expression in plan.Expressions) Check(plan, expression, outer, scope);
        foreach (int id in FreeColumns.Named(plan))
            if (!inputs[0].Output.Any(column => column.Id == id)) throw Broken(plan, $"names #{id}, which its input doesn't put out");

        switch (plan)
        {
            case LogicalFilter filter: IsCondition(plan, filter.Predicate); break;
            case LogicalJoin join: IsCondition(plan, join.Condition); break;
            case LogicalApply apply: IsCondition(plan, apply.Condition); break;
            case LogicalSetOperation set when set.Left.Output.Length != set.Columns.Length || set.Right.Output.Length != set.Columns.Length:
                throw Broken(plan, "has sides of another width");
            case LogicalProject project:
                foreach (var assignment in project.Assignments)
                    if (assignment.Column.Type.Id != assignment.Value.Type.Id) throw Broken(plan, $"computes {assignment.Column} of type {assignment.Column.Type} as {assignment.Value.Type}");
                break;
        }
    }

    private static void Check(LogicalPlan plan, ScalarExpr expression, IReadOnlySet<int> outer, IReadOnlyDictionary<int, OutputColumn> scope)
    {
        var variables = expression.DescendantsAndSelf().OfType<ScalarLet>().Select(let => let.VariableId).ToHashSet();
        foreach (var node in expression.DescendantsAndSelf())
        {
            if (node is ScalarSubquery subquery) Check(subquery.Plan, outer, scope);
            if (node is not ScalarColumn column || variables.Contains(column.Id)) continue;
            if (!scope.TryGetValue(column.Id, out var defined))
            {
                if (!outer.Contains(column.Id)) throw Broken(plan, $"reads {column.Name}#{column.Id}, which nothing below puts out");
                continue;
            }

            if (defined.Type.Id != column.Type.Id) throw Broken(plan, $"reads {column.Name}#{column.Id} as {column.Type}, but it is {defined.Type}");
        }
    }

    private static void IsCondition(LogicalPlan plan, ScalarExpr condition)
    {
        if (condition.Type.Id != TypeId.Bool) throw Broken(plan, $"has a condition of type {condition.Type}");
    }

    private static Dictionary<int, OutputColumn> With(IReadOnlyDictionary<int, OutputColumn> known, IEnumerable<OutputColumn> more)
    {
        var all = new Dictionary<int, OutputColumn>(known);
        foreach (var column in more) all[column.Id] = column;
        return all;
    }

    private static InvalidOperationException Broken(LogicalPlan plan, string reason) => new($"{plan.GetType().Name} {reason}:\n{plan}");
}

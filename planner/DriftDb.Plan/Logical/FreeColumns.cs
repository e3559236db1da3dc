namespace DriftDb.Plan;

/// <summary>Which columns a plan or an expression uses without defining them: its correlations with outer queries.</summary>
public static class FreeColumns
{
    /// <summary>All column ids that an expression refers to, its subqueries' free columns included.</summary>
    public static HashSet<int> Of(ScalarExpr expression)
    {
        var used = new HashSet<int>();
        Collect(expression, used);
        return used;
    }

    /// <summary>Column ids that the plan uses and that no node below the use defines.</summary>
    public static HashSet<int> Of(LogicalPlan plan)
    {
        var used = new HashSet<int>();
        var defined = new HashSet<int>();
        Collect(plan, used, defined);
        used.ExceptWith(defined);
        return used;
    }

    public static bool IsCorrelated(LogicalPlan plan) => Of(plan).Count > 0;

    /// <summary>Column ids that the node itself names outside of expressions.</summary>
    public static IEnumerable<int> Named(LogicalPlan plan) => plan switch
    {
        LogicalSort sort => sort.Keys.Select(key => key.ColumnId),
        LogicalDistinctOn distinct => distinct.KeyIds,
        LogicalAggregate aggregate => aggregate.Keys.Select(key => key.Id),
        LogicalWindow window => [.. window.PartitionBy.Select(key => key.Id), .. window.OrderBy.Select(key => key.ColumnId)],
        _ => [],
    };

    private static void Collect(ScalarExpr expression, HashSet<int> used)
    {
        var variables = new HashSet<int>();
        foreach (var node in expression.DescendantsAndSelf())
        {
            if (node is ScalarColumn column) used.Add(column.Id);
            else if (node is ScalarLet let) variables.Add(let.VariableId);
            else if (node is ScalarSubquery subquery) used.UnionWith(Of(subquery.Plan));
        }

        used.ExceptWith(variables);
    }

    private static void Collect(LogicalPlan plan, HashSet<int> used, HashSet<int> defined)
    {
        foreach (var column in plan.Output) defined.Add(column.Id);
        foreach (var expression in plan.Expressions) Collect(expression, used);
        foreach (int id in Named(plan)) used.Add(id);
        if (plan is LogicalInsert insert)
            foreach (var column in insert.NewColumns) defined.Add(column.Id);
        foreach (var input in plan.Inputs) Collect(input, used, defined);
    }
}

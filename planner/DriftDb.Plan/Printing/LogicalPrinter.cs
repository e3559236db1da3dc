using System.Runtime.CompilerServices;
using System.Text;

namespace DriftDb.Plan;

/// <summary>Prints a logical plan as an indented tree with column ids: the form of EXPLAIN (STAGES) and of golden tests.</summary>
public static class LogicalPrinter
{
    public static string Print(LogicalPlan plan)
    {
        var text = new StringBuilder();
        Write(plan, text, 0);
        return text.ToString().TrimEnd('\n');
    }

    private static void Write(LogicalPlan plan, StringBuilder text, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        text.Append(' ', depth * 2).Append(Describe(plan)).Append('\n');
        foreach (var expression in plan.Expressions)
            foreach (var subquery in expression.DescendantsAndSelf().OfType<ScalarSubquery>())
            {
                text.Append(' ', depth * 2 + 4).Append("subquery ").Append(subquery.Kind.ToString().ToLowerInvariant()).Append(":\n");
                Write(subquery.Plan, text, depth + 3);
            }

        foreach (var input in plan.Inputs) Write(input, text, depth + 1);
    }

    private static string Describe(LogicalPlan plan) => plan switch
    {
        LogicalScan scan => $"scan {scan.Relation.Name} {Period(scan.Period)}[{string.Join(", ", scan.Columns)}]",
        LogicalValues values => $"values [{string.Join(", ", values.Columns)}] {string.Join(" ", values.Rows.Take(5).Select(row => $"({string.Join(", ", row)})"))}{(values.Rows.Length > 5 ? $" … {values.Rows.Length} rows" : "")}",
        LogicalFilter filter => $"filter {filter.Predicate}",
        LogicalProject project => $"project [{string.Join(", ", project.Assignments.Select(a => a.IsPassThrough ? a.Column.ToString() : $"{a.Column} = {a.Value}"))}]",
        LogicalJoin join => $"{Name(join.Kind)} join on {join.Condition}{(join.Mark is null ? "" : $" mark {join.Mark}")}",
        LogicalApply apply => $"{Name(apply.Kind)} apply on {apply.Condition}{(apply.Mark is null ? "" : $" mark {apply.Mark}")}",
        LogicalAggregate aggregate => $"aggregate by [{string.Join(", ", aggregate.Keys)}] [{string.Join(", ", aggregate.Aggregates.Select(AggregatePrinter.Print))}]"
            + (aggregate.GroupingSets.IsDefault ? "" : $" sets {string.Join(" ", aggregate.GroupingSets.Select(set => $"({string.Join(", ", set)})"))}"),
        LogicalWindow window => $"window partition by [{string.Join(", ", window.PartitionBy)}] order by [{Keys(window.OrderBy)}] [{string.Join(", ", window.Calls.Select(c => $"{c.Column} = {c.Function.Name}({string.Join(", ", c.Arguments)})"))}]",
        LogicalSort sort => $"sort [{Keys(sort.Keys)}]",
        LogicalLimit limit => $"limit {limit.Count?.ToString() ?? "all"}{(limit.IsPercent ? " percent" : "")}{(limit.Offset is null ? "" : $" offset {limit.Offset}")}{(limit.TieKeys.IsDefaultOrEmpty ? "" : " with ties")}",
        LogicalDistinctOn distinct => $"distinct on [{string.Join(", ", distinct.KeyIds.Select(id => $"#{id}"))}]",
        LogicalSetOperation set => $"{set.Kind.ToString().ToLowerInvariant()}{(set.All ? " all" : "")} [{string.Join(", ", set.Columns)}]",
        LogicalWith with => $"with {with.Name} ({with.CteId}){(with.Materialized ? " materialized" : "")}",
        LogicalCteScan scan => $"cte scan {scan.Name} ({scan.CteId}) [{string.Join(", ", scan.Columns)}]",
        LogicalRecursiveUnion union => $"recursive union{(union.Distinct ? "" : " all")} ({union.CteId}) [{string.Join(", ", union.Columns)}]",
        LogicalTableFunction function => $"function {function.Function.Name}({string.Join(", ", function.Arguments)}) [{string.Join(", ", function.Output)}]",
        LogicalInsert insert => $"insert into {insert.Target.Name}",
        LogicalUpdate update => $"update {update.Target.Name} set [{string.Join(", ", update.ChangedOrdinals.Select(ordinal => update.Target.Columns[ordinal].Name))}]",
        LogicalDelete delete => $"delete from {delete.Target.Name}",
        LogicalLockRows rows => $"lock rows {string.Join(", ", rows.Targets.Select(target => target.Relation.Name))} for {rows.Strength}",
        _ => plan.GetType().Name,
    };

    internal static string Name(JoinKind kind) => kind switch
    {
        JoinKind.AntiNullAware => "null-aware anti",
        _ => kind.ToString().ToLowerInvariant(),
    };

    internal static string Keys(IEnumerable<SortKey> keys) =>
        string.Join(", ", keys.Select(key => $"#{key.ColumnId}{(key.Descending ? " desc" : "")}{(key.NullsFirst != key.Descending ? key.NullsFirst ? " nulls first" : " nulls last" : "")}"));

    internal static string Period(SystemTimePeriod? period) => period is null ? "" : $"{period.Kind}({string.Join(", ", period.Bounds)}) ";
}

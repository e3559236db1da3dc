using System.Runtime.CompilerServices;
using System.Text;

namespace DriftDb.Plan;

/// <summary>Prints a physical plan as an indented tree with column ids, for EXPLAIN (STAGES) and golden tests. EXPLAIN's own form is made by the compiler.</summary>
public static class PhysicalPrinter
{
    public static string Print(PhysicalPlan plan)
    {
        var text = new StringBuilder();
        Write(plan, text, 0);
        return text.ToString().TrimEnd('\n');
    }

    private static void Write(PhysicalPlan plan, StringBuilder text, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        text.Append(' ', depth * 2).Append(Describe(plan)).Append('\n');
        foreach (var input in plan.Inputs) Write(input, text, depth + 1);
    }

    private static string Describe(PhysicalPlan plan) => plan switch
    {
        PhysicalTableScan scan => $"table scan {scan.Relation.Name} {LogicalPrinter.Period(scan.Period)}[{string.Join(", ", scan.Columns)}]{Optional(" filter ", scan.Filter)}",
        PhysicalIndexScan scan => $"index scan {scan.Index.Name} on {scan.Relation.Name} {LogicalPrinter.Period(scan.Period)}= ({string.Join(", ", scan.Equal)}){KeySet(scan.AnyOf)}"
            + $"{Bound(" from ", scan.Lower)}{Bound(" to ", scan.Upper)}{(scan.Backward ? " backward" : "")} [{string.Join(", ", scan.Columns)}]{Optional(" filter ", scan.Filter)}",
        PhysicalSystemScan scan => $"system scan {scan.Relation.Name} [{string.Join(", ", scan.Columns)}]{Optional(" filter ", scan.Filter)}",
        PhysicalValues values => $"values {values.Rows.Length} rows [{string.Join(", ", values.Columns)}]",
        PhysicalTableFunction function => $"function {function.Function.Name}({string.Join(", ", function.Arguments)})",
        PhysicalCteScan scan => $"cte scan {scan.Name} ({scan.CteId})",
        PhysicalFilter filter => $"filter {filter.Predicate}",
        PhysicalProject project => $"project [{string.Join(", ", project.Assignments.Select(a => a.IsPassThrough ? a.Column.ToString() : $"{a.Column} = {a.Value}"))}]",
        PhysicalLimit limit => $"limit{Optional(" ", limit.Count)}{(limit.IsPercent ? " percent" : "")}{Optional(" offset ", limit.Offset)}",
        PhysicalSort sort => $"sort [{LogicalPrinter.Keys(sort.Keys)}]",
        PhysicalTopN top => $"top {top.Count}{Optional(" offset ", top.Offset)} by [{LogicalPrinter.Keys(top.Keys)}]",
        PhysicalHashJoin join => $"hash {LogicalPrinter.Name(join.Kind)} join on {JoinKeys(join.Keys)}{Optional(" and ", join.Residual)}{(join.BuildLeft ? " build left" : "")}",
        PhysicalMergeJoin join => $"merge {LogicalPrinter.Name(join.Kind)} join on {JoinKeys(join.Keys)}{Optional(" and ", join.Residual)}",
        PhysicalNestedLoopJoin join => $"nested loop {LogicalPrinter.Name(join.Kind)} join on {join.Condition}",
        PhysicalIndexJoin join => $"index {LogicalPrinter.Name(join.Kind)} join by ({string.Join(", ", join.KeyValues)}){Optional(" and ", join.Residual)}",
        PhysicalApply apply => $"{LogicalPrinter.Name(apply.Kind)} apply [{string.Join(", ", apply.Bindings.Select(b => $"{b.Slot} = {b.Value}"))}] on {apply.Condition}",
        PhysicalHashAggregate aggregate => $"hash aggregate by [{string.Join(", ", aggregate.Keys)}] [{string.Join(", ", aggregate.Aggregates.Select(AggregatePrinter.Print))}]",
        PhysicalStreamAggregate aggregate => $"stream aggregate by [{string.Join(", ", aggregate.Keys)}] [{string.Join(", ", aggregate.Aggregates.Select(AggregatePrinter.Print))}]",
        PhysicalHashSetOperation set => $"hash {set.Kind.ToString().ToLowerInvariant()}{(set.All ? " all" : "")}",
        PhysicalInsert insert => $"insert into {insert.Target.Name}",
        PhysicalUpdate update => $"update {update.Target.Name}",
        PhysicalDelete delete => $"delete from {delete.Target.Name}",
        PhysicalWith with => $"with {with.Name} ({with.CteId})",
        _ => plan.GetType().Name["Physical".Length..],
    };

    private static string JoinKeys(IEnumerable<JoinKey> keys) => string.Join(" and ", keys.Select(key => $"{key.Left} = {key.Right}"));

    private static string KeySet(IndexKeySet? set) => set is null ? "" : set.IsArray ? $" any of array {set.Values[0]}" : $" any of ({string.Join(", ", set.Values)})";

    private static string Bound(string before, IndexBound? bound) => bound is null ? "" : $"{before}{(bound.Inclusive ? "[" : "(")}{bound.Value}";

    private static string Optional(string before, ScalarExpr? expression) => expression is null ? "" : before + expression;
}

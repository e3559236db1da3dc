using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Facts about a whole plan.</summary>
internal static class PlanInspector
{
    public static IEnumerable<PhysicalPlan> Nodes(PhysicalPlan plan)
    {
        var stack = new Stack<PhysicalPlan>();
        stack.Push(plan);
        while (stack.TryPop(out var node))
        {
            yield return node;
            foreach (var input in node.Inputs) stack.Push(input);
        }
    }

    /// <summary>Every expression of a node, those that <see cref="PhysicalPlan.Expressions"/> leaves out too.</summary>
    public static IEnumerable<ScalarExpr> Expressions(PhysicalPlan node)
    {
        IEnumerable<ScalarExpr> more = node switch
        {
            PhysicalTableScan { Period: { } period } => period.Bounds,
            PhysicalIndexScan { Period: { } period } => period.Bounds,
            PhysicalWindow window => window.Calls.SelectMany(call => call.Arguments
                .Concat(call.Filter is null ? [] : [call.Filter])
                .Concat(new[] { call.Frame?.Start.Offset, call.Frame?.End.Offset }.OfType<ScalarExpr>())),
            PhysicalInsert insert => insert.Checks.Select(check => check.Condition).Concat(Returning(insert))
                .Concat(insert.OnConflict is { } conflict ? (conflict.Update.IsDefault ? [] : conflict.Update.Select(u => u.Value)).Concat(conflict.Where is null ? [] : [conflict.Where]) : []),
            PhysicalUpdate update => update.Checks.Select(check => check.Condition).Concat(Leftovers(update.Leftovers)).Concat(Returning(update)),
            PhysicalDelete delete => Leftovers(delete.Leftovers).Concat(Returning(delete)),
            _ => [],
        };
        return node.Expressions.Concat(more);

        static IEnumerable<ScalarExpr> Leftovers(ImmutableArray<LeftoverRow> leftovers) => leftovers.SelectMany(leftover => leftover.Checks.Select(check => check.Condition));

        static IEnumerable<ScalarExpr> Returning(PhysicalWrite write) => write.Returning.IsDefault ? [] : write.Returning.Select(assignment => assignment.Value);
    }

    /// <summary>Whether another run may answer otherwise, or does something besides answering: volatile functions, writes, row locks.</summary>
    public static bool HasEffects(PhysicalPlan plan) => Nodes(plan).Any(node =>
        node is PhysicalWrite or PhysicalLockRows or PhysicalTableFunction { Function.Volatility: Volatility.Volatile } or PhysicalSystemScan || Expressions(node).Any(SubPlanBuilder.IsVolatile));

    public static ImmutableArray<SqlType> ParameterTypes(PhysicalPlan plan)
    {
        var types = new SortedDictionary<int, SqlType>();
        foreach (var node in Nodes(plan))
            foreach (var expression in Expressions(node))
                foreach (var parameter in expression.DescendantsAndSelf().OfType<ScalarParameter>())
                    types[parameter.Number] = parameter.Type;
        if (types.Count == 0) return [];
        return [.. Enumerable.Range(1, types.Keys.Max()).Select(number => types.GetValueOrDefault(number, SqlType.Text))];
    }
}

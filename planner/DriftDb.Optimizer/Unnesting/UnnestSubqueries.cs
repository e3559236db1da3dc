using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: subqueries inside expressions. After: dependent joins (applies) whose result columns the expressions read.
/// EXISTS and ANY as terms of a filter become semi joins, NOT EXISTS and &lt;&gt; ALL anti joins; a scalar subquery becomes a single join
/// (a second row is 21000); whatever stands deeper in an expression becomes a mark join's boolean column.
/// </summary>
public sealed class UnnestSubqueries : IRule
{
    public string Name => "unnest_subqueries";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context) => plan switch
    {
        LogicalFilter filter when HasSubquery(filter.Predicate) => Filter(filter, context),
        LogicalJoin { Kind: JoinKind.Inner } join when HasSubquery(join.Condition) =>
            new LogicalFilter(join with { Condition = ScalarConstant.True }, join.Condition),
        LogicalJoin join when HasSubquery(join.Condition) => OuterJoinCondition(join, context),
        LogicalProject or LogicalAggregate or LogicalWindow when plan.Expressions.Any(HasSubquery) => OverInput(plan, context),
        LogicalValues values when values.Expressions.Any(HasSubquery) => Values(values),
        _ => null,
    };

    private static bool HasSubquery(ScalarExpr expression) => expression.DescendantsAndSelf().Any(node => node is ScalarSubquery);

    private static LogicalProject Filter(LogicalFilter filter, RuleContext context)
    {
        var input = filter.Input;
        // Terms without subqueries first: they make the joins' left sides small.
        var plain = Conjunctions.Split(filter.Predicate).Where(term => !HasSubquery(term)).ToList();
        input = Conjunctions.Filter(input, plain);
        var rest = new List<ScalarExpr>();
        foreach (var term in Conjunctions.Split(filter.Predicate).Where(HasSubquery))
        {
            if (AsJoin(term, input) is { } joined) input = joined;
            else
            {
                (input, var replaced) = Extract(term, input, context);
                rest.Add(replaced);
            }
        }

        input = Conjunctions.Filter(input, rest);
        return new LogicalProject(input, [.. filter.Output.Select(Assignment.PassThrough)]);
    }

    /// <summary>The term as a semi or anti join of its own; null when it isn't one.</summary>
    private static LogicalPlan? AsJoin(ScalarExpr term, LogicalPlan input)
    {
        bool negated = false;
        while (term is ScalarNot not)
        {
            negated = !negated;
            term = not.Operand;
        }

        if (term is not ScalarSubquery subquery || subquery.Operands.Any(HasSubquery)) return null;
        return (subquery.Kind, negated) switch
        {
            (SubqueryKind.Exists, _) => new LogicalApply(negated ? JoinKind.Anti : JoinKind.Semi, input, subquery.Plan, ScalarConstant.True),
            (SubqueryKind.Any, false) => new LogicalApply(JoinKind.Semi, input, subquery.Plan, Condition(subquery, subquery.Operator)),
            // NOT (x op ANY …): no row may make the comparison true or NULL.
            (SubqueryKind.Any, true) => new LogicalApply(JoinKind.AntiNullAware, input, subquery.Plan, Condition(subquery, subquery.Operator)),
            // x op ALL: no row may make the opposite comparison true or NULL. Floats' NaN keeps a total order, so the opposite is exact.
            (SubqueryKind.All, false) => new LogicalApply(JoinKind.AntiNullAware, input, subquery.Plan, NegatedCondition(subquery)),
            (SubqueryKind.All, true) => new LogicalApply(JoinKind.Semi, input, subquery.Plan, NegatedCondition(subquery)),
            _ => null,
        };
    }

    private static ScalarExpr Condition(ScalarSubquery subquery, ComparisonOperator op)
    {
        var terms = subquery.Operands.Zip(subquery.Plan.Output, (left, right) => (ScalarExpr)new ScalarComparison(op, left, right.Reference())).ToList();
        if (terms.Count == 1) return terms[0];
        // Rows compare equal when all fields do, unequal when one does; orders of rows were expanded by the binder.
        return op == ComparisonOperator.NotEqual ? new ScalarOr([.. terms]) : new ScalarAnd([.. terms]);
    }

    private static ScalarExpr NegatedCondition(ScalarSubquery subquery) => Condition(subquery, ScalarComparison.Negate(subquery.Operator));

    /// <summary>Makes a column of every subquery in the expression, by applies over the input.</summary>
    private static (LogicalPlan Input, ScalarExpr Expression) Extract(ScalarExpr expression, LogicalPlan input, RuleContext context)
    {
        ScalarExpr Go(ScalarExpr node)
        {
            // Operands first: they may hold subqueries themselves. Rewriting children before the node keeps this order.
            var mapped = node.MapChildren(Go);
            if (mapped is not ScalarSubquery subquery) return mapped;
            switch (subquery.Kind)
            {
                case SubqueryKind.Scalar:
                    input = new LogicalApply(JoinKind.Single, input, Renamed(subquery.Plan, input, context, out var value), ScalarConstant.True);
                    return value.Reference() with { ColumnNullable = true, Nullable = true, Span = subquery.Span };
                case SubqueryKind.Exists:
                {
                    var mark = context.Ids.New("exists", SqlType.Bool, false);
                    input = new LogicalApply(JoinKind.Mark, input, subquery.Plan, ScalarConstant.True, mark);
                    return mark.Reference();
                }

                case SubqueryKind.Any:
                {
                    var mark = context.Ids.New("any", SqlType.Bool, true);
                    input = new LogicalApply(JoinKind.Mark, input, subquery.Plan, Condition(subquery, subquery.Operator), mark);
                    return mark.Reference();
                }

                case SubqueryKind.All:
                {
                    // ALL is NOT ANY of the opposite, NULLs included.
                    var mark = context.Ids.New("all", SqlType.Bool, true);
                    input = new LogicalApply(JoinKind.Mark, input, subquery.Plan, NegatedCondition(subquery), mark);
                    return new ScalarNot(mark.Reference());
                }

                default:
                    return ArrayOf(subquery, ref input, context);
            }
        }

        var result = Go(expression);
        return (input, result);
    }

    /// <summary>The subquery's one column, under a new id when the input has it already (the same column selected by a correlated subquery).</summary>
    private static LogicalPlan Renamed(LogicalPlan plan, LogicalPlan input, RuleContext context, out OutputColumn column)
    {
        column = plan.Output[0];
        int id = column.Id;
        if (!input.Output.Any(other => other.Id == id)) return plan;
        var renamed = context.Ids.New(column.Name, column.Type, column.Nullable);
        var project = new LogicalProject(plan, [new Assignment(renamed, column.Reference())]);
        column = renamed;
        return project;
    }

    /// <summary>ARRAY(…): array_agg over the query, an empty array for no rows.</summary>
    private static ScalarCoalesce ArrayOf(ScalarSubquery subquery, ref LogicalPlan input, RuleContext context)
    {
        var function = context.Options.Functions?.FindFunctions("array_agg").FirstOrDefault(f => f.Kind == FunctionKind.Aggregate)
            ?? throw new SqlException(SqlState.FeatureNotSupported, "ARRAY(subquery) is not supported", subquery.Span);
        var column = context.Ids.New("array", subquery.Type, true);
        var source = subquery.Plan.Output[0];
        // The order of a sorted subquery carries over: the aggregate takes rows as they come.
        var aggregate = new LogicalAggregate(subquery.Plan, [], [new AggregateCall(column, function, [source.Reference()], false, null, [])]);
        input = new LogicalApply(JoinKind.Single, input, aggregate, ScalarConstant.True);
        return new ScalarCoalesce([column.Reference(), new ScalarArray([], subquery.Type)]);
    }

    private static LogicalPlan OverInput(LogicalPlan plan, RuleContext context)
    {
        var input = plan.Inputs[0];
        var rewritten = plan.MapExpressions(expression =>
        {
            if (!HasSubquery(expression)) return expression;
            (input, var replaced) = Extract(expression, input, context);
            return replaced;
        });
        return rewritten.WithInputs([input]);
    }

    /// <summary>A condition of an outer join is a matter of its right side when it uses no left columns beside; else the join runs as an apply.</summary>
    private static LogicalApply OuterJoinCondition(LogicalJoin join, RuleContext context)
    {
        if (join.Kind == JoinKind.Full) throw new SqlException(SqlState.FeatureNotSupported, "a subquery in the condition of a FULL JOIN is not supported");
        var right = new LogicalFilter(join.Right, join.Condition);
        return new LogicalApply(join.Kind, join.Left, right, ScalarConstant.True, join.Mark);
    }

    /// <summary>VALUES with subqueries: each such row becomes a projection over one row, all rows together a UNION ALL.</summary>
    private static LogicalPlan Values(LogicalValues values)
    {
        LogicalPlan? result = null;
        foreach (var row in values.Rows)
        {
            var columns = values.Columns;
            LogicalPlan one = new LogicalProject(LogicalValues.OneRow, [.. columns.Zip(row, (column, value) => new Assignment(column, value))]);
            result = result is null ? one : new LogicalSetOperation(SetOperationKind.Union, true, result, one, columns);
        }

        return result!;
    }
}

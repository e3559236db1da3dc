using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: expressions over constants, conditions with TRUE and FALSE in them. After: their values, computed once.
/// </summary>
/// <remarks>
/// x AND FALSE is FALSE and x OR TRUE is TRUE even where x is NULL or would fail. An expression whose evaluation fails is left as it is:
/// the error belongs to the execution, which may never reach it (CASE WHEN false THEN 1/0).
/// </remarks>
public sealed class FoldConstants : IRule
{
    public string Name => "fold_constants";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        var folded = plan.MapExpressions(expression => expression.Rewrite(node => Fold(node, context)));
        if (folded is LogicalFilter { Predicate: ScalarConstant { IsTrue: true } } filter) return filter.Input;
        return ReferenceEquals(folded, plan) ? null : folded;
    }

    public static ScalarExpr Fold(ScalarExpr node, RuleContext context)
    {
        switch (node)
        {
            case ScalarAnd and: return FoldAnd(and);
            case ScalarOr or: return FoldOr(or);
            case ScalarNot { Operand: ScalarConstant constant }: return constant.Value is bool value ? (value ? ScalarConstant.False : ScalarConstant.True) : node;
            case ScalarNot { Operand: ScalarNot inner }: return inner.Operand;
            case ScalarNot { Operand: ScalarComparison comparison } when !IsFloat(comparison.Left.Type):
                return comparison with { Operator = ScalarComparison.Negate(comparison.Operator) };
            case ScalarNot { Operand: ScalarIsNull test }: return test with { Negated = !test.Negated };
            case ScalarNot { Operand: ScalarIn test }: return test with { Negated = !test.Negated };
            case ScalarNot { Operand: ScalarLike test }: return test with { Negated = !test.Negated };
            case ScalarIsNull { Operand.Nullable: false } test when !Volatile.Is(test.Operand) && test.Operand is ScalarColumn or ScalarConstant: return Bool(test.Negated);
            case ScalarIsNull { Operand: ScalarConstant { Value: null } } test: return Bool(!test.Negated);
            case ScalarCase choice: return FoldCase(choice);
        }

        if (node is ScalarLeaf || node.Children.IsEmpty || context.Options.EvaluateConstant is not { } evaluate) return node;
        if (!node.Children.All(child => child is ScalarConstant) || node is ScalarSubquery or ScalarRow or ScalarArray) return node;
        if (node is ScalarCall { Function.Volatility: not Volatility.Immutable }) return node;
        // Conversions to time types depend on the session's time zone and stay stable, not immutable.
        if (node is ScalarCast { TargetType.Id: TypeId.TimestampTz or TypeId.TimeTz } || node is ScalarCast { Operand.Type.Id: TypeId.TimestampTz or TypeId.TimeTz }) return node;
        if (node is ScalarCast cast && (cast.TargetType.Id is TypeId.RegClass or TypeId.RegType or TypeId.RegProc or TypeId.RegNamespace or TypeId.RegRole || cast.Operand.Type.Id is TypeId.RegClass or TypeId.RegType)) return node;
        return evaluate(node) is { } result ? result.With(node.Span) : node;
    }

    private static bool IsFloat(SqlType type) => type.Id is TypeId.Float4 or TypeId.Float8;

    private static ScalarConstant Bool(bool value) => value ? ScalarConstant.True : ScalarConstant.False;

    private static ScalarExpr FoldAnd(ScalarAnd and)
    {
        if (and.Terms.Any(term => term is ScalarConstant { IsFalse: true })) return ScalarConstant.False;
        if (!and.Terms.Any(term => term is ScalarConstant { IsTrue: true } or ScalarAnd)) return and;
        var terms = Conjunctions.Split(and);
        return terms.Length == 0 ? ScalarConstant.True : terms.Length == 1 ? terms[0] : new ScalarAnd(terms);
    }

    private static ScalarExpr FoldOr(ScalarOr or)
    {
        if (or.Terms.Any(term => term is ScalarConstant { IsTrue: true })) return ScalarConstant.True;
        if (!or.Terms.Any(term => term is ScalarConstant { IsFalse: true } or ScalarOr)) return or;
        ImmutableArray<ScalarExpr> terms = [.. or.Terms.SelectMany(term => term is ScalarOr inner ? inner.Terms : [term]).Where(term => term is not ScalarConstant { IsFalse: true })];
        return terms.Length == 0 ? ScalarConstant.False : terms.Length == 1 ? terms[0] : new ScalarOr(terms);
    }

    private static ScalarExpr FoldCase(ScalarCase choice)
    {
        for (int i = 0; i < choice.Conditions.Length; i++)
        {
            if (choice.Conditions[i] is not ScalarConstant constant) continue;
            if (constant.IsTrue)
                return i == 0 ? choice.Results[0] : new ScalarCase(choice.Conditions[..i], choice.Results[..i], choice.Results[i]);
            var rest = new ScalarCase(choice.Conditions.RemoveAt(i), choice.Results.RemoveAt(i), choice.Else);
            return rest.Conditions.IsEmpty ? rest.Else : FoldCase(rest);
        }

        return choice;
    }
}

using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: expressions over constants, conditions with TRUE and FALSE in them. After: their values, computed once.
/// </summary>
/// <remarks>
/// x AND FALSE is FALSE and x OR TRUE is TRUE even where x is NULL. As in PostgreSQL, constants are computed from left to right and only as far as they
/// count: nothing behind a FALSE of an AND, no branch of a CASE whose condition is known to be false. A constant whose computation fails is an error of
/// the whole statement, whether or not a row would have reached it; it is reported to the context and the expression stays as it is.
/// </remarks>
public sealed class FoldConstants : IRule
{
    public string Name => "fold_constants";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        var folded = plan.MapExpressions(expression => FoldTree(expression, context));
        if (folded is LogicalFilter { Predicate: ScalarConstant { IsTrue: true } } filter) return filter.Input;
        return ReferenceEquals(folded, plan) ? null : folded;
    }

    private static ScalarExpr FoldTree(ScalarExpr node, RuleContext context) => node switch
    {
        ScalarAnd and => FoldTerms(and, and.Terms, static constant => constant.IsFalse, context),
        ScalarOr or => FoldTerms(or, or.Terms, static constant => constant.IsTrue, context),
        ScalarCoalesce coalesce => FoldTerms(coalesce, coalesce.Arguments, static constant => constant.Value is not null, context),
        ScalarCase choice => FoldBranches(choice, context),
        _ => Fold(node.MapChildren(child => FoldTree(child, context)), context),
    };

    /// <summary>Folds terms from left to right up to the first that decides; those behind it stay as they are.</summary>
    private static ScalarExpr FoldTerms(ScalarExpr node, ImmutableArray<ScalarExpr> terms, Func<ScalarConstant, bool> decides, RuleContext context)
    {
        bool isDecided = false;
        var folded = ImmutableArrays.Map(terms, term =>
        {
            if (isDecided) return term;
            var result = FoldTree(term, context);
            isDecided = result is ScalarConstant constant && decides(constant);
            return result;
        });
        return Fold(folded == terms ? node : node.WithChildren(folded), context);
    }

    /// <summary>Folds each condition before its result, and no result that can't be reached.</summary>
    private static ScalarExpr FoldBranches(ScalarCase choice, RuleContext context)
    {
        var (conditions, results) = (choice.Conditions.ToBuilder(), choice.Results.ToBuilder());
        bool isDecided = false;
        for (int i = 0; i < conditions.Count && !isDecided; i++)
        {
            conditions[i] = FoldTree(conditions[i], context);
            var constant = conditions[i] as ScalarConstant;
            isDecided = constant is { IsTrue: true };
            if (constant is null || isDecided) results[i] = FoldTree(results[i], context);
        }

        var last = isDecided ? choice.Else : FoldTree(choice.Else, context);
        bool isSame = ReferenceEquals(last, choice.Else) && SameNodes(conditions, choice.Conditions) && SameNodes(results, choice.Results);
        return Fold(isSame ? choice : choice with { Conditions = conditions.ToImmutable(), Results = results.ToImmutable(), Else = last }, context);
    }

    private static bool SameNodes(ImmutableArray<ScalarExpr>.Builder after, ImmutableArray<ScalarExpr> before)
    {
        for (int i = 0; i < before.Length; i++)
        {
            if (!ReferenceEquals(after[i], before[i])) return false;
        }

        return true;
    }

    private static ScalarExpr Fold(ScalarExpr node, RuleContext context)
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
            case ScalarNot { Operand: ScalarQuantifiedArray test } when !IsFloat(test.Operand.Type): return test with { Operator = ScalarComparison.Negate(test.Operator), IsAll = !test.IsAll };
            case ScalarNot { Operand: ScalarLike test }: return test with { Negated = !test.Negated };
            case ScalarIsNull { Operand.Nullable: false } test when !Volatile.Is(test.Operand) && test.Operand is ScalarColumn or ScalarConstant: return Bool(test.Negated);
            case ScalarIsNull { Operand: ScalarConstant { Value: null } } test: return Bool(!test.Negated);
            case ScalarCase choice: return FoldCase(choice);
            case ScalarIn list when LongLists.AsArray(list) is { } test: return test;
        }

        if (IsStrict(node) && node.Children.Any(child => child is ScalarConstant { Value: null })) return ScalarConstant.Null(node.Type).With(node.Span);
        if (node is ScalarLeaf || node.Children.IsEmpty || context.Options.EvaluateConstant is not { } evaluate) return node;
        if (!node.Children.All(child => child is ScalarConstant) || !IsImmutable(node)) return node;
        try
        {
            return evaluate(node).With(node.Span);
        }
        catch (SqlException error)
        {
            context.Report(error);
            return node;
        }
    }

    /// <summary>True when a NULL operand makes the node NULL whatever the others are: with a constant NULL it is never computed, so that the others can't fail either.</summary>
    private static bool IsStrict(ScalarExpr node) => node switch
    {
        ScalarArithmetic or ScalarComparison or ScalarNegate => true,
        ScalarCall call => call.Function.IsStrict,
        _ => false,
    };

    /// <summary>True when the node's value depends on its operands alone: not on the time, the session's settings or the catalog.</summary>
    private static bool IsImmutable(ScalarExpr node) => node switch
    {
        ScalarSubquery or ScalarRow or ScalarArray => false,
        ScalarCall call => call.Function.Volatility == Volatility.Immutable,
        ScalarCast { Operand.Type: var from, TargetType: var to } => !IsZoned(from) && !IsZoned(to) && !IsRegistered(from) && !IsRegistered(to) && !(IsText(from) && IsTime(to)) && !(IsTime(from) && IsText(to)),
        _ => true,
    };

    private static bool IsZoned(SqlType type) => type.Id is TypeId.TimestampTz or TypeId.TimeTz;

    /// <summary>Types whose text depends on DateStyle and IntervalStyle, or on the clock ('today').</summary>
    private static bool IsTime(SqlType type) => type.Id is TypeId.Date or TypeId.Time or TypeId.Timestamp or TypeId.Interval;

    private static bool IsText(SqlType type) => type.Id is TypeId.Text or TypeId.VarChar or TypeId.BpChar or TypeId.Unknown;

    private static bool IsRegistered(SqlType type) => type.Id is TypeId.RegClass or TypeId.RegType or TypeId.RegProc or TypeId.RegNamespace or TypeId.RegRole;

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

using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Whether two expressions compute the same by the same steps: same nodes, same columns, same constants; spans don't count.</summary>
public static class ScalarEquality
{
    public static bool Same(ScalarExpr? a, ScalarExpr? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a is null || b is null || a.GetType() != b.GetType()) return false;
        if (!SameOwnFields(a, b)) return false;
        var left = a.Children;
        var right = b.Children;
        if (left.Length != right.Length) return false;
        for (int i = 0; i < left.Length; i++)
            if (!Same(left[i], right[i])) return false;
        return true;
    }

    /// <summary>Compares what a node has beside its children. Nodes whose only other property is their type fall through to the last line.</summary>
    private static bool SameOwnFields(ScalarExpr a, ScalarExpr b) => (a, b) switch
    {
        (ScalarColumn x, ScalarColumn y) => x.Id == y.Id,
        (ScalarConstant x, ScalarConstant y) => x.Type.Equals(y.Type) && SameValue(x.Value, y.Value),
        (ScalarParameter x, ScalarParameter y) => x.Number == y.Number,
        (ScalarOuter x, ScalarOuter y) => x.Slot == y.Slot,
        (ScalarCall x, ScalarCall y) => ReferenceEquals(x.Function, y.Function) && x.Function.Volatility != Volatility.Volatile,
        (ScalarArithmetic x, ScalarArithmetic y) => x.Operator == y.Operator && x.Type.Equals(y.Type),
        (ScalarComparison x, ScalarComparison y) => x.Operator == y.Operator,
        (ScalarIsNull x, ScalarIsNull y) => x.Negated == y.Negated,
        (ScalarIsBool x, ScalarIsBool y) => x.Value == y.Value && x.Negated == y.Negated,
        (ScalarIsDistinct x, ScalarIsDistinct y) => x.Negated == y.Negated,
        (ScalarIn x, ScalarIn y) => x.Negated == y.Negated,
        (ScalarLike x, ScalarLike y) => x.Negated == y.Negated && x.IgnoreCase == y.IgnoreCase,
        (ScalarCase x, ScalarCase y) => x.Conditions.Length == y.Conditions.Length,
        (ScalarExtreme x, ScalarExtreme y) => x.Greatest == y.Greatest,
        (ScalarCast x, ScalarCast y) => x.TargetType.Equals(y.TargetType) && x.IsExplicit == y.IsExplicit,
        (ScalarQuantifiedArray x, ScalarQuantifiedArray y) => x.Operator == y.Operator && x.IsAll == y.IsAll,
        (ScalarLet x, ScalarLet y) => x.VariableId == y.VariableId,
        (ScalarSubquery x, ScalarSubquery y) => ReferenceEquals(x.Plan, y.Plan) && x.Kind == y.Kind && x.Operator == y.Operator,
        (ScalarField x, ScalarField y) => x.Index == y.Index,
        _ => a.Type.Equals(b.Type),
    };

    private static bool SameValue(object? a, object? b) =>
        a is byte[] x && b is byte[] y ? x.AsSpan().SequenceEqual(y) : Equals(a, b);
}

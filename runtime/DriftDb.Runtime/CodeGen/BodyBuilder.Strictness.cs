using System.Linq.Expressions;

namespace DriftDb.Runtime;

/// <summary>
/// Strict operations: NULL if an operand is, but the operands are computed first, and an error in one is the statement's error (<c>NULL + 1 / 0</c> is 22012). Values are computed
/// where they are used, and not where the operation is NULL anyhow; so an operand that may raise is computed beforehand when another one may be NULL.
/// </summary>
internal sealed partial class BodyBuilder
{
    private (Code Left, Code Right) Strict(Code left, Code right)
    {
        if (right.IsNull is not null && MayRaise(left.Value)) left = Stable(left);
        if (left.IsNull is not null && MayRaise(right.Value)) right = Stable(right);
        return (left, right);
    }

    private static bool MayRaise(Expression value)
    {
        var search = new RaisingCalls();
        search.Visit(value);
        return search.IsFound;
    }

    /// <summary>Looks for calls that aren't known to return: functions, divisions, arithmetic that checks for overflow.</summary>
    private sealed class RaisingCalls : ExpressionVisitor
    {
        private static readonly HashSet<string> s_safeNumeric =
        [
            nameof(NumericMath.AddWide), nameof(NumericMath.SubtractWide), nameof(NumericMath.MultiplyWide), nameof(NumericMath.AddNarrow), nameof(NumericMath.SubtractNarrow),
            nameof(NumericMath.MultiplyNarrow), nameof(NumericMath.MultiplyLongs), nameof(NumericMath.ScaleUp), nameof(NumericMath.FromFixed64), nameof(NumericMath.FromFixed128),
            nameof(NumericMath.FromInt64), nameof(NumericMath.Decode), nameof(NumericMath.Compare), nameof(NumericMath.Negate),
        ];

        public bool IsFound { get; private set; }

        public override Expression? Visit(Expression? node) => IsFound ? node : base.Visit(node);

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            Type? owner = node.Method.DeclaringType;
            bool isSafe = owner == typeof(Memory) || owner == typeof(BytesMath) || owner == typeof(Types.ValueComparer) || owner == typeof(ScanKernels)
                || (owner == typeof(NumericMath) && s_safeNumeric.Contains(node.Method.Name)) || node.Method.Name == nameof(IComparable.CompareTo);
            IsFound |= !isSafe;
            return IsFound ? node : base.VisitMethodCall(node);
        }
    }
}

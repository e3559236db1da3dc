using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>Comparison, hashing.</summary>
internal sealed partial class BodyBuilder
{
    private Code EmitComparison(ScalarComparison node)
    {
        SqlType leftType = node.Left.Type, rightType = node.Right.Type;
        if (IsUnboundedPair(leftType, rightType))
        {
            ((Expression l, Expression? ln), (Expression r, Expression? rn)) = Strict(EmitNumericCode(node.Left), EmitNumericCode(node.Right));
            return Guarded(Compare(node.Operator, MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Compare), l, r), Constant(0)), AnyNull(ln, rn));
        }

        (Code left, Code right) = Strict(Emit(node.Left), Emit(node.Right));
        Expression value = node.Operator switch
        {
            ComparisonOperator.Equal => EqualCode(leftType, left.Value, rightType, right.Value),
            ComparisonOperator.NotEqual => Not(EqualCode(leftType, left.Value, rightType, right.Value)),
            _ => OrderedCode(node.Operator, leftType, left.Value, rightType, right.Value),
        };
        Expression? isNull = AnyNull(left.IsNull, right.IsNull);
        // A NULL's bytes may be anything: only cheap kinds are compared without looking.
        return leftType.Kind is PhysicalKind.Bytes ? Guarded(value, isNull) : new Code(value, isNull);
    }

    private static bool IsUnboundedPair(SqlType left, SqlType right) =>
        left.Id == TypeId.Numeric && right.Id == TypeId.Numeric && (!left.IsFixedNumeric || !right.IsFixedNumeric || CommonPrecision(left, right) > 38);

    private static int CommonPrecision(SqlType left, SqlType right) => Math.Max(left.Precision - left.Scale, right.Precision - right.Scale) + Math.Max(left.Scale, right.Scale);

    private static Expression Compare(ComparisonOperator op, Expression left, Expression right) => op switch
    {
        ComparisonOperator.Equal => Expression.Equal(left, right),
        ComparisonOperator.NotEqual => NotEqual(left, right),
        ComparisonOperator.Less => LessThan(left, right),
        ComparisonOperator.LessOrEqual => LessThanOrEqual(left, right),
        ComparisonOperator.Greater => GreaterThan(left, right),
        _ => GreaterThanOrEqual(left, right),
    };

    private static Expression OrderedCode(ComparisonOperator op, SqlType leftType, Expression left, SqlType rightType, Expression right)
    {
        switch (leftType.Kind)
        {
            case PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 or PhysicalKind.Int128 when leftType.Kind == rightType.Kind && leftType.Scale == rightType.Scale:
                if (leftType.Kind == PhysicalKind.Int32 && ValueComparer.IsUnsigned(leftType.Id)) return Compare(op, Expression.Convert(left, typeof(uint)), Expression.Convert(right, typeof(uint)));
                return Compare(op, left, right);
            default:
                return Compare(op, OrderCode(leftType, left, rightType, right), Constant(0));
        }
    }

    /// <summary>A negative number, 0 or a positive one.</summary>
    public static Expression OrderCode(SqlType leftType, Expression left, SqlType rightType, Expression right)
    {
        if (leftType.Id == TypeId.Numeric && (leftType.Kind != rightType.Kind || leftType.Scale != rightType.Scale)) (left, right) = AlignNumerics(leftType, left, rightType, right);
        switch (leftType.Kind)
        {
            case PhysicalKind.Bytes:
                return leftType.Id switch
                {
                    TypeId.BpChar when rightType.Id == TypeId.BpChar => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.ComparePadded), left, right),
                    TypeId.Numeric or TypeId.TimeTz or TypeId.Array or TypeId.Int2Vector or TypeId.OidVector or TypeId.Record or TypeId.Jsonb =>
                        MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.CompareTyped), Constant(leftType), left, right),
                    _ => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.Compare), left, right),
                };
            case PhysicalKind.Float32 or PhysicalKind.Float64:
                return MemoryCode.Call(typeof(ValueComparer), nameof(ValueComparer.CompareFloats), ToDouble(left), ToDouble(right));
            default:
                if (leftType.Kind == PhysicalKind.Int32 && ValueComparer.IsUnsigned(leftType.Id)) (left, right) = (Expression.Convert(left, typeof(uint)), Expression.Convert(right, typeof(uint)));
                return Expression.Call(left, left.Type.GetMethod("CompareTo", [left.Type])!, right);
        }
    }

    /// <summary>Whether two values that aren't NULL are equal, as a boolean.</summary>
    public static Expression EqualCode(SqlType leftType, Expression left, SqlType rightType, Expression right)
    {
        if (leftType.Id == TypeId.Numeric && (leftType.Kind != rightType.Kind || leftType.Scale != rightType.Scale)) (left, right) = AlignNumerics(leftType, left, rightType, right);
        switch (leftType.Kind)
        {
            case PhysicalKind.Bytes:
                return leftType.Id switch
                {
                    TypeId.BpChar when rightType.Id == TypeId.BpChar => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.EqualPadded), left, right),
                    TypeId.Numeric or TypeId.TimeTz or TypeId.Array or TypeId.Int2Vector or TypeId.OidVector or TypeId.Record or TypeId.Jsonb =>
                        Expression.Equal(MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.CompareTyped), Constant(leftType), left, right), Constant(0)),
                    _ => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.Equal), left, right),
                };
            case PhysicalKind.Float32 or PhysicalKind.Float64:
                return MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.EqualFloats), ToDouble(left), ToDouble(right));
            case PhysicalKind.Interval:
                return MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.EqualIntervals), left, right);
            default:
                return Expression.Equal(left, right);
        }
    }

    private static Expression ToDouble(Expression value) => value.Type == typeof(double) ? value : Expression.Convert(value, typeof(double));

    /// <summary>Two numerics of different forms as two of one form that compare as they do.</summary>
    private static (Expression Left, Expression Right) AlignNumerics(SqlType leftType, Expression left, SqlType rightType, Expression right)
    {
        if (!leftType.IsFixedNumeric || !rightType.IsFixedNumeric || CommonPrecision(leftType, rightType) > 38) return (NumericValue(left, leftType), NumericValue(right, rightType));
        int scale = Math.Max(leftType.Scale, rightType.Scale);
        Type type = CommonPrecision(leftType, rightType) <= 18 ? typeof(long) : typeof(Int128);
        return (Rescale(left, leftType.Scale, scale, type), Rescale(right, rightType.Scale, scale, type));
    }

    /// <summary>A hash of a value that isn't NULL; equal values of the type have equal hashes.</summary>
    public static Expression HashCode(SqlType type, Expression value) => type.Kind switch
    {
        PhysicalKind.Bytes => type.Id is TypeId.Text or TypeId.VarChar or TypeId.Name or TypeId.Bytea or TypeId.Unknown
            ? MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.Hash), value)
            : type.Id == TypeId.BpChar ? MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashPadded), value)
            : MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashTyped), Constant(type), value),
        PhysicalKind.Float32 or PhysicalKind.Float64 => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashFloat), ToDouble(value)),
        PhysicalKind.Interval => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashInterval), value),
        PhysicalKind.Int128 => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashInt128), value),
        PhysicalKind.Uuid => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashUuid), value),
        PhysicalKind.Bool => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashInt64), Condition(value, Constant(1L), Constant(0L))),
        _ => MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.HashInt64), value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long))),
    };

    /// <summary>The hash of several values, NULLs included.</summary>
    public Expression HashOf(IReadOnlyList<(SqlType Type, Code Code)> keys)
    {
        ParameterExpression hash = Variable(typeof(ulong), "hash");
        for (int i = 0; i < keys.Count; i++)
        {
            Expression one = HashCode(keys[i].Type, keys[i].Code.Value);
            if (keys[i].Code.IsNull is { } isNull) one = Condition(isNull, Constant(0x5bd1e995UL), one);
            Add(Expression.Assign(hash, i == 0 ? one : MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.Combine), hash, one)));
        }

        if (keys.Count == 0) Add(Expression.Assign(hash, Constant(0UL)));
        return hash;
    }
}

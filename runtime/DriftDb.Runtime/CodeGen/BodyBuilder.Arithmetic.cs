using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>
/// Arithmetic. Fixed numerics are scaled integers: the result's precision, proven by the compiler, says that nothing overflows. Numerics without a proof are
/// <see cref="SqlNumeric"/> values on the stack, encoded only where a tree of operations ends.
/// </summary>
internal sealed partial class BodyBuilder
{
    private Code EmitArithmetic(ScalarArithmetic node)
    {
        if (node.Type.Id == TypeId.Numeric)
        {
            if (!node.Type.IsFixedNumeric)
            {
                (Expression value, Expression? isNull) = EmitNumeric(node);
                return Guarded(MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Encode), value, ContextArena), isNull);
            }

            if (node.Left.Type.IsFixedNumeric && node.Right.Type.IsFixedNumeric && node.Operator != ArithmeticOperator.Divide) return EmitFixed(node);
            (Expression wide, Expression? wideNull) = EmitNumericOperation(node);
            return Guarded(FromNumeric(wide, node.Type), wideNull);
        }

        (Code left, Code right) = Strict(Emit(node.Left), Emit(node.Right));
        Expression? anyNull = AnyNull(left.IsNull, right.IsNull);
        if (node.Type.Kind is PhysicalKind.Float32 or PhysicalKind.Float64)
            return Guarded(MemoryCode.Call(typeof(FloatMath), node.Operator.ToString() + (node.Type.Kind == PhysicalKind.Float32 ? "32" : "64"), left.Value, right.Value), anyNull);
        return Guarded(MemoryCode.Call(typeof(IntegerMath), node.Operator.ToString() + node.Type.Kind, left.Value, right.Value), anyNull);
    }

    private Code EmitNegate(ScalarNegate node)
    {
        if (node.Type is { Id: TypeId.Numeric, IsFixedNumeric: false })
        {
            (Expression value, Expression? isNull) = EmitNumeric(node);
            return Guarded(MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Encode), value, ContextArena), isNull);
        }

        Code operand = Emit(node.Operand);
        return node.Type switch
        {
            { Id: TypeId.Interval } => Guarded(MemoryCode.Call(typeof(IntervalMath), nameof(IntervalMath.Negate), operand.Value), operand.IsNull),
            { Id: TypeId.Numeric } or { Kind: PhysicalKind.Float32 or PhysicalKind.Float64 } => operand with { Value = Negate(operand.Value) },
            _ => Guarded(MemoryCode.Call(typeof(IntegerMath), "Negate" + node.Type.Kind, operand.Value), operand.IsNull),
        };
    }

    private Code EmitFixed(ScalarArithmetic node)
    {
        SqlType leftType = node.Left.Type, rightType = node.Right.Type, result = node.Type;
        (Code left, Code right) = Strict(Emit(node.Left), Emit(node.Right));
        Expression? isNull = AnyNull(left.IsNull, right.IsNull);
        Type stack = result.Kind.StackType();
        switch (node.Operator)
        {
            case ArithmeticOperator.Add or ArithmeticOperator.Subtract:
                Expression a = Rescale(left.Value, leftType.Scale, result.Scale, stack), b = Rescale(right.Value, rightType.Scale, result.Scale, stack);
                return new Code(node.Operator == ArithmeticOperator.Add ? Expression.Add(a, b) : Subtract(a, b), isNull);
            case ArithmeticOperator.Multiply when stack == typeof(long):
                return new Code(Multiply(left.Value, right.Value), isNull);
            case ArithmeticOperator.Multiply when left.Value.Type == typeof(long) && right.Value.Type == typeof(long):
                return new Code(MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.MultiplyLongs), left.Value, right.Value), isNull);
            case ArithmeticOperator.Multiply:
                return new Code(Multiply(Widen(left.Value), Widen(right.Value)), isNull);
            default: // modulo: both at the larger scale; the operands may be wider than the result
                int scale = Math.Max(leftType.Scale, rightType.Scale);
                if (CommonPrecision(leftType, rightType) > 38)
                {
                    (Expression wide, Expression? wideNull) = EmitNumericOperation(node);
                    return Guarded(FromNumeric(wide, node.Type), wideNull);
                }

                Expression remainder = MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.ModuloInt128), Rescale(left.Value, leftType.Scale, scale, typeof(Int128)), Rescale(right.Value, rightType.Scale, scale, typeof(Int128)));
                return Guarded(stack == typeof(long) ? Expression.Convert(remainder, typeof(long)) : remainder, isNull);
        }
    }

    private static Expression Widen(Expression value) => value.Type == typeof(Int128) ? value : Expression.Convert(value, typeof(Int128));

    /// <summary>A scaled integer at a larger or the same scale, in another width.</summary>
    public static Expression Rescale(Expression value, int from, int to, Type type)
    {
        if (type == typeof(long))
        {
            if (value.Type != typeof(long)) value = Expression.Convert(value, typeof(long));
            return to == from ? value : value is ConstantExpression { Value: long constant } ? Constant(constant * PowersOfTen.Long(to - from)) : Multiply(value, Constant(PowersOfTen.Long(to - from)));
        }

        if (to > from && value.Type == typeof(long) && to - from <= 18) return MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.MultiplyLongs), value, Constant(PowersOfTen.Long(to - from)));
        value = Widen(value);
        return to == from ? value : MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.ScaleUp), value, Constant(to - from));
    }

    /// <summary>An expression of type numeric as a <see cref="SqlNumeric"/> on the stack.</summary>
    public (Expression Value, Expression? IsNull) EmitNumeric(ScalarExpr expression)
    {
        switch (expression)
        {
            case ScalarArithmetic arithmetic when !arithmetic.Type.IsFixedNumeric: return EmitNumericOperation(arithmetic);
            case ScalarNegate negate when !negate.Type.IsFixedNumeric:
                (Expression operand, Expression? operandNull) = EmitNumeric(negate.Operand);
                return (MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Negate), operand), operandNull);
            case ScalarCast { Operand.Type: { IsInteger: true } } cast when cast.Type is { Id: TypeId.Numeric, IsFixedNumeric: false, Typmod: < 0 }:
                Code integer = Emit(cast.Operand);
                return (MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.FromInt64), integer.Value.Type == typeof(long) ? integer.Value : Expression.Convert(integer.Value, typeof(long))), integer.IsNull);
            case ScalarCast { Operand.Type.IsFixedNumeric: true } cast when cast.Type is { Id: TypeId.Numeric, IsFixedNumeric: false, Typmod: < 0 }:
                return EmitNumeric(cast.Operand);
            default:
                Code code = Emit(expression);
                return (NumericValue(code.Value, expression.Type), code.IsNull);
        }
    }

    private Code EmitNumericCode(ScalarExpr expression)
    {
        (Expression value, Expression? isNull) = EmitNumeric(expression);
        return new Code(value, isNull);
    }

    private (Expression Value, Expression? IsNull) EmitNumericOperation(ScalarArithmetic node)
    {
        (Code first, Code second) = (EmitNumericCode(node.Left), EmitNumericCode(node.Right));
        ((Expression left, Expression? leftNull), (Expression right, Expression? rightNull)) = Strict(first, second);
        Expression? isNull = AnyNull(leftNull, rightNull);
        Expression value = MemoryCode.Call(typeof(NumericMath), node.Operator.ToString(), left, right);
        if (isNull is null) return (value, null);
        isNull = Stable(isNull);
        return (Condition(isNull, Default(typeof(SqlNumeric)), value), isNull);
    }

    /// <summary>
    /// A numeric without proven precision, made of sums, differences and products of fixed ones, tried in 128 bits: the scale, and code whose value may be
    /// <see cref="NumericMath.Overflowed"/>. Null where the tree has anything else or too many digits behind the point.
    /// </summary>
    public (int Scale, Func<Code> Emit)? TryWide(ScalarExpr expression)
    {
        switch (expression)
        {
            case { Type.IsFixedNumeric: true }: return (expression.Type.Scale, () => Emit(expression) is var code ? code with { Value = Widen(code.Value) } : default);
            case ScalarCast { Operand.Type.IsFixedNumeric: true, TargetType: { Id: TypeId.Numeric, Typmod: < 0 } } cast: return TryWide(cast.Operand);
            case ScalarCast { Operand.Type.IsInteger: true, TargetType: { Id: TypeId.Numeric, Typmod: < 0 } } cast:
                return (0, () => Emit(cast.Operand) is var code ? code with { Value = Widen(Expression.Convert(code.Value, typeof(long))) } : default);
            case ScalarArithmetic { Operator: ArithmeticOperator.Multiply } product when TryWide(product.Left) is { } left && TryWide(product.Right) is { } right && left.Scale + right.Scale <= 30:
                return (left.Scale + right.Scale, () => Combine(nameof(NumericMath.MultiplyWide), left.Emit(), right.Emit()));
            case ScalarArithmetic { Operator: ArithmeticOperator.Add or ArithmeticOperator.Subtract } sum when TryWide(sum.Left) is { } left && TryWide(sum.Right) is { } right:
                int scale = Math.Max(left.Scale, right.Scale);
                return (scale, () => Combine(sum.Operator == ArithmeticOperator.Add ? nameof(NumericMath.AddWide) : nameof(NumericMath.SubtractWide), Scaled(left.Emit(), scale - left.Scale), Scaled(right.Emit(), scale - right.Scale)));
            default: return null;
        }

        static Code Scaled(Code code, int digits) => digits == 0 ? code : code with { Value = MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.MultiplyWide), code.Value, Constant(PowersOfTen.Wide(digits))) };
        Code Combine(string method, Code left, Code right)
        {
            (left, right) = Strict(left, right);
            return new Code(MemoryCode.Call(typeof(NumericMath), method, left.Value, right.Value), AnyNull(left.IsNull, right.IsNull));
        }
    }

    /// <summary>
    /// Sums, differences and products of fixed numerics tried in 64 bits: the scale, and code whose value may be <see cref="NumericMath.NarrowOverflowed"/>. Null where the tree has anything else.
    /// </summary>
    public (int Scale, Func<Code> Emit)? TryNarrow(ScalarExpr expression)
    {
        switch (expression)
        {
            case { Type.IsFixedNumeric: true, Type.Kind: PhysicalKind.Int64 }: return (expression.Type.Scale, () => Emit(expression));
            case ScalarCast { Operand.Type.IsFixedNumeric: true, TargetType: { Id: TypeId.Numeric, Typmod: < 0, IsFixedNumeric: false } } cast: return TryNarrow(cast.Operand);
            case ScalarCast { Operand.Type.IsInteger: true, TargetType: { Id: TypeId.Numeric, Typmod: < 0, IsFixedNumeric: false } } cast:
                return (0, () => Emit(cast.Operand) is var code ? code with { Value = code.Value.Type == typeof(long) ? code.Value : Expression.Convert(code.Value, typeof(long)) } : default);
            case ScalarArithmetic { Operator: ArithmeticOperator.Multiply } product when TryNarrow(product.Left) is { } left && TryNarrow(product.Right) is { } right && left.Scale + right.Scale <= 30:
                return (left.Scale + right.Scale, () => Combine(nameof(NumericMath.MultiplyNarrow), left.Emit(), right.Emit()));
            case ScalarArithmetic { Operator: ArithmeticOperator.Add or ArithmeticOperator.Subtract } sum when TryNarrow(sum.Left) is { } left && TryNarrow(sum.Right) is { } right && Math.Abs(left.Scale - right.Scale) <= 18:
                int scale = Math.Max(left.Scale, right.Scale);
                return (scale, () => Combine(sum.Operator == ArithmeticOperator.Add ? nameof(NumericMath.AddNarrow) : nameof(NumericMath.SubtractNarrow), Scaled(left.Emit(), scale - left.Scale), Scaled(right.Emit(), scale - right.Scale)));
            default: return null;
        }

        static Code Scaled(Code code, int digits) => digits == 0 ? code : code with { Value = MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.MultiplyNarrow), code.Value, Constant(PowersOfTen.Long(digits))) };
        Code Combine(string method, Code left, Code right)
        {
            (left, right) = Strict(left, right);
            return new Code(MemoryCode.Call(typeof(NumericMath), method, left.Value, right.Value), AnyNull(left.IsNull, right.IsNull));
        }
    }

    /// <summary>A numeric in column form as a <see cref="SqlNumeric"/>.</summary>
    public static Expression NumericValue(Expression value, SqlType type) => !type.IsFixedNumeric
        ? MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Decode), value)
        : MemoryCode.Call(typeof(NumericMath), type.Kind == PhysicalKind.Int64 ? nameof(NumericMath.FromFixed64) : nameof(NumericMath.FromFixed128), value, Constant((int)type.Scale));

    /// <summary>A <see cref="SqlNumeric"/> in the form of a column of the type.</summary>
    public Expression FromNumeric(Expression value, SqlType type) => !type.IsFixedNumeric
        ? MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.Encode), value, ContextArena)
        : MemoryCode.Call(typeof(NumericMath), type.Kind == PhysicalKind.Int64 ? nameof(NumericMath.ToFixed64) : nameof(NumericMath.ToFixed128), value, Constant((int)type.Precision), Constant((int)type.Scale));

    /// <summary>A value in the form that another type of the same SQL type has: only numerics have several.</summary>
    public Code Coerce(Code code, SqlType from, SqlType to)
    {
        if (from.Kind == to.Kind && (from.Id != TypeId.Numeric || !from.IsFixedNumeric || from.Scale == to.Scale)) return code;
        if (from.Id != TypeId.Numeric || to.Id != TypeId.Numeric)
        {
            // The binder leaves integer-like types of one width alone; anything else is a cast that it forgot.
            return from.Kind == to.Kind ? code : EmitCast(code, from, to, isExplicit: false);
        }

        if (from.IsFixedNumeric && to.IsFixedNumeric && to.Scale >= from.Scale && to.Precision - to.Scale >= from.Precision - from.Scale)
            return code with { Value = Rescale(code.Value, from.Scale, to.Scale, to.Kind.StackType()) };
        return Guarded(FromNumeric(NumericValue(code.Value, from), to), code.IsNull);
    }
}

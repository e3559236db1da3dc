using System.Linq.Expressions;
using System.Reflection;
using DriftDb.Plan;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>Calls of SQL functions, casts, arrays, rows.</summary>
internal sealed partial class BodyBuilder
{
    private static readonly MethodInfo DatumOf = typeof(Datum).GetMethod(nameof(Datum.Of))!;
    private static readonly MethodInfo DatumAs = typeof(Datum).GetMethod(nameof(Datum.As))!;

    private Code EmitCall(ScalarCall call)
    {
        if (call.Function.Implementation is not MethodImplementation implementation)
            throw new SqlException(SqlState.UndefinedFunction, $"function {call.Function} cannot be called here", call.Span);
        var codes = call.Arguments.Select(argument => Stable(Emit(argument))).ToArray();
        Expression? isNull = call.Function.IsStrict ? AnyNull([.. codes.Select(code => code.IsNull)]) : call.Function.SpreadsArray ? codes[^1].IsNull : null;
        Expression result = CallMethod(implementation, call.Arguments.Select(argument => argument.Type).ToArray(), codes, call.Function.SpreadsArray);
        if (result.Type == typeof(void)) result = Block(result, Default(typeof(ByteSlice)));
        // The call itself may say NULL: it is made once, into a variable.
        Type returned = result.Type;
        bool mayBeNull = Nullable.GetUnderlyingType(returned) is not null || returned == typeof(Datum) || (!returned.IsValueType && !call.Function.NeverNull);
        if (isNull is not null) isNull = Stable(isNull);
        if (!mayBeNull)
        {
            // Volatile functions must run once for each row, not once for each use.
            Expression value = FromClr(result, call.Type);
            if (isNull is not null) value = Condition(isNull, Default(value.Type), value);
            return new Code(call.Function.Volatility == Volatility.Volatile ? Assign(value) : value, isNull);
        }

        ParameterExpression raw = Variable(returned, "call");
        Add(Expression.Assign(raw, isNull is null ? result : Condition(isNull, Default(returned), result)));
        Expression nothing = Nullable.GetUnderlyingType(returned) is not null ? Not(Property(raw, "HasValue"))
            : returned == typeof(Datum) ? Property(raw, nameof(Datum.IsNull))
            : ReferenceEqual(raw, Constant(null, returned));
        Expression anyNull = Stable(isNull is null ? nothing : OrElse(isNull, nothing));
        Expression inner = Nullable.GetUnderlyingType(returned) is not null ? Property(raw, "Value") : raw;
        Expression converted = FromClr(inner, call.Type);
        return new Code(Assign(Condition(anyNull, Default(converted.Type), converted)), anyNull);
    }

    private Expression CallMethod(MethodImplementation implementation, SqlType[] types, Code[] codes, bool spreadsArray = false)
    {
        ParameterInfo[] parameters = implementation.Method.GetParameters();
        var arguments = new List<Expression>();
        int first = 0;
        if (implementation.TakesContext)
        {
            arguments.Add(Context);
            first = 1;
        }

        int fixedCount = parameters.Length - first - (implementation.IsVariadic ? 1 : 0);
        for (int i = 0; i < fixedCount; i++)
            arguments.Add(i < codes.Length ? ToClr(codes[i], types[i], parameters[i + first].ParameterType) : Default(parameters[i + first].ParameterType));
        if (spreadsArray) arguments.Add(MemoryCode.Call(typeof(ArrayFunctions), nameof(ArrayFunctions.Elements), ToDatum(codes[^1], types[^1])));
        else if (implementation.IsVariadic)
            arguments.Add(NewArrayInit(typeof(Datum), codes.Skip(fixedCount).Select((code, i) => ToDatum(code, types[fixedCount + i]))));
        return Expression.Call(implementation.Method, arguments);
    }

    /// <summary>A value as the CLR type that a function's parameter has.</summary>
    private Expression ToClr(Code code, SqlType type, Type target)
    {
        if (target == typeof(Datum)) return ToDatum(code, type);
        if (Nullable.GetUnderlyingType(target) is { } underlying)
        {
            Expression some = Expression.Convert(ToClr(Code.NotNull(code.Value), type, underlying), target);
            return code.IsNull is null ? some : Condition(code.IsNull, Default(target), some);
        }

        Expression value = code.Value;
        if (target == typeof(string)) value = Expression.Call(value, nameof(ByteSlice.ToString), null);
        else if (target == typeof(byte[])) value = MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.ToArray), value);
        else if (target == typeof(SqlNumeric)) value = NumericValue(value, type);
        else if (target == typeof(TimeTz)) value = MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.ToTimeTz), value);
        else if (target != value.Type) value = value.Type.IsPrimitive && target.IsPrimitive ? Expression.Convert(value, target) : throw new InvalidOperationException($"argument of type {type} doesn't fit {target}");
        if (target.IsValueType || code.IsNull is null) return value;
        return Condition(code.IsNull, Constant(null, target), value);
    }

    public static Expression ToDatum(Code code, SqlType type)
    {
        Expression datum = Expression.Call(DatumOf.MakeGenericMethod(code.Value.Type), Constant(type), code.Value);
        return code.IsNull is null ? datum : Condition(code.IsNull, MemoryCode.Call(typeof(Datum), nameof(Datum.Null), Constant(type)), datum);
    }

    /// <summary>A function's result in the form of a column of the type.</summary>
    private Expression FromClr(Expression value, SqlType type)
    {
        Type stack = type.Kind.StackType();
        if (value.Type == typeof(Datum))
        {
            if (type.Id == TypeId.Numeric) return FromNumeric(Property(value, nameof(Datum.Numeric)), type);
            return Expression.Call(value, DatumAs.MakeGenericMethod(stack));
        }

        if (value.Type == typeof(SqlNumeric)) return FromNumeric(value, type);
        if (value.Type == typeof(string)) return MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.FromString), value, ContextArena);
        if (value.Type == typeof(byte[])) return MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.FromArray), value, ContextArena);
        if (value.Type == typeof(TimeTz)) return MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.FromTimeTz), value, ContextArena);
        if (value.Type == stack) return value;
        return value.Type.IsPrimitive && stack.IsPrimitive ? Expression.Convert(value, stack) : throw new InvalidOperationException($"result {value.Type} doesn't fit {type}");
    }

    // ---- Casts ----

    private Code EmitCast(ScalarCast cast)
    {
        SqlType from = cast.Operand.Type, to = cast.TargetType;
        if (from.Id == TypeId.Numeric && to.Id == TypeId.Numeric && to.Typmod < 0 && !(from.IsFixedNumeric && to.IsFixedNumeric))
        {
            (Expression value, Expression? isNull) = EmitNumeric(cast.Operand);
            return from.Kind == to.Kind && !to.IsFixedNumeric ? Emit(cast.Operand) : Guarded(FromNumeric(value, to), isNull);
        }

        return EmitCast(Emit(cast.Operand), from, to, cast.IsExplicit);
    }

    /// <summary>Converts a value; where there is no shorter way, through its text (an I/O cast, as PostgreSQL calls it).</summary>
    public Code EmitCast(Code operand, SqlType from, SqlType to, bool isExplicit)
    {
        if (operand.IsNull is ConstantExpression { Value: true }) return new Code(Default(to.Kind.StackType()), True);
        if (from.Equals(to)) return operand;
        // The catalogs' vectors lie as arrays do; only their text is different.
        if (to.IsArray && from.Id is (TypeId.Int2Vector or TypeId.OidVector)) return EmitCast(operand, SqlType.ArrayOf(from.Id == TypeId.Int2Vector ? SqlType.Int2 : SqlType.Oid), to, isExplicit);
        // One enum or composite type at two moments: the values are the same.
        if (from.SameTypeAs(to) && (from.Enum is not null || from.IsComposite)) return operand;
        // A record says by itself what its fields are.
        if (from.Id == TypeId.Record && to.Id == TypeId.Record && !to.IsComposite) return operand;
        if (from.IsArray && to.IsArray) return EmitArrayCast(operand, from, to, isExplicit);
        Expression value = operand.Value;
        if (from.Id == TypeId.Numeric || to.Id == TypeId.Numeric)
        {
            if (NumericCast(operand, from, to) is { } numeric) return numeric;
        }
        else if (from.IsInteger && to.IsInteger || from.Kind == to.Kind && from.Kind == PhysicalKind.Int32 && to.Typmod < 0)
        {
            if (from.Kind == to.Kind) return from.Id == TypeId.Date || to.Id == TypeId.Date ? throw Cannot(from, to) : operand;
            if (to.Kind > from.Kind) return operand with { Value = Expression.Convert(value, to.Kind.StackType()) };
            Expression wide = value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long));
            return Guarded(MemoryCode.Call(typeof(IntegerMath), to.Kind == PhysicalKind.Int16 ? nameof(IntegerMath.Int64ToInt16) : nameof(IntegerMath.Int64ToInt32), wide), operand.IsNull);
        }
        else if (from.IsInteger && to.Kind is PhysicalKind.Float32 or PhysicalKind.Float64) return operand with { Value = Expression.Convert(value, to.Kind.StackType()) };
        else if (from.Kind == PhysicalKind.Float32 && to.Kind == PhysicalKind.Float64) return operand with { Value = Expression.Convert(value, typeof(double)) };
        else if (CastFunctions.Find(from, to) is { } method)
        {
            var arguments = new List<Expression>();
            foreach (ParameterInfo parameter in method.GetParameters())
                arguments.Add(parameter.ParameterType == typeof(QueryContext) ? Context
                    : parameter.ParameterType == typeof(SqlType) ? Constant(parameter.Name == "from" ? from : to)
                    : parameter.Name == "isExplicit" ? Constant(isExplicit)
                    : parameter.ParameterType == value.Type ? value : Expression.Convert(value, parameter.ParameterType));
            return Guarded(Expression.Call(method, arguments), operand.IsNull);
        }
        else if (from.IsString && to.IsString && to.Typmod < 0 && to.Id != TypeId.Name && from.Id != TypeId.BpChar) return operand;

        Expression datum = Expression.Call(DatumOf.MakeGenericMethod(value.Type), Constant(from), value);
        return Guarded(Expression.Call(MemoryCode.Call(typeof(CastFunctions), nameof(CastFunctions.ThroughText), Context, datum, Constant(to), Constant(isExplicit)), DatumAs.MakeGenericMethod(to.Kind.StackType())), operand.IsNull);
    }

    private static SqlException Cannot(SqlType from, SqlType to) => new(SqlState.CannotCoerce, $"cannot cast type {from} to {to}");

    private Code? NumericCast(Code operand, SqlType from, SqlType to)
    {
        Expression value = operand.Value;
        if (to.Id == TypeId.Numeric)
        {
            if (from.IsInteger && to.IsFixedNumeric && to.Typmod < 0)
            {
                Expression wide = value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long));
                return operand with { Value = Rescale(wide, 0, to.Scale, to.Kind.StackType()) };
            }

            Expression? number = from.Id switch
            {
                TypeId.Numeric => NumericValue(value, from),
                TypeId.Int2 or TypeId.Int4 or TypeId.Int8 => MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.FromInt64), value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long))),
                TypeId.Float4 => MemoryCode.Call(typeof(SqlNumeric), nameof(SqlNumeric.FromDouble), Expression.Convert(value, typeof(double)), Constant(6)),
                TypeId.Float8 => MemoryCode.Call(typeof(SqlNumeric), nameof(SqlNumeric.FromDouble), value, Constant(15)),
                TypeId.Money => MemoryCode.Call(typeof(NumericMath), nameof(NumericMath.FromFixed64), value, Constant(2)),
                TypeId.Jsonb => MemoryCode.Call(typeof(CastFunctions), nameof(CastFunctions.JsonbToNumeric), value),
                _ => null,
            };
            if (number is null) return null;
            if (to.Typmod >= 4) number = Expression.Call(number, nameof(SqlNumeric.WithTypmod), null, Constant(to.Typmod));
            return Guarded(FromNumeric(number, to), operand.IsNull);
        }

        Expression source = NumericValue(value, from);
        return to.Id switch
        {
            TypeId.Int2 => Guarded(MemoryCode.Call(typeof(CastFunctions), nameof(CastFunctions.NumericToInt16), source), operand.IsNull),
            TypeId.Int4 => Guarded(MemoryCode.Call(typeof(CastFunctions), nameof(CastFunctions.NumericToInt32), source), operand.IsNull),
            TypeId.Int8 => Guarded(MemoryCode.Call(typeof(CastFunctions), nameof(CastFunctions.NumericToInt64), source), operand.IsNull),
            TypeId.Float4 => Guarded(Expression.Call(source, nameof(SqlNumeric.ToFloat4), null), operand.IsNull),
            TypeId.Float8 => Guarded(Expression.Call(source, nameof(SqlNumeric.ToFloat8), null), operand.IsNull),
            _ => null,
        };
    }

    // ---- Arrays ----

    private Code EmitArray(ScalarArray node)
    {
        var codes = node.Elements.Select(element => ToDatum(Stable(Emit(element)), element.Type)).ToArray();
        return Code.NotNull(Assign(MemoryCode.Call(typeof(ArrayFunctions), nameof(ArrayFunctions.Build), Context, Constant(node.Type), NewArrayInit(typeof(Datum), codes))));
    }

    private Code EmitSubscript(ScalarSubscript node)
    {
        Code array = Stable(Emit(node.Array));
        var indexes = node.Indexes.Select(index => (Code: Stable(Emit(index)), index.Type)).ToArray();
        Expression? isNull = AnyNull([array.IsNull, .. indexes.Select(index => index.Code.IsNull)]);
        Expression numbers = NewArrayInit(typeof(int), indexes.Select(index => index.Code.Value.Type == typeof(int) ? index.Code.Value : Expression.Convert(index.Code.Value, typeof(int))));
        SqlType arrayType = node.Array.Type;
        Expression found = MemoryCode.Call(typeof(ArrayFunctions), nameof(ArrayFunctions.Subscript), Constant(arrayType), array.Value, numbers);
        ParameterExpression datum = Assign(isNull is null ? found : Condition(isNull, MemoryCode.Call(typeof(Datum), nameof(Datum.Null), Constant(node.Type)), found));
        Expression nothing = Stable(Property(datum, nameof(Datum.IsNull)));
        return new Code(Condition(nothing, Default(node.Type.Kind.StackType()), FromClr(datum, node.Type)), nothing);
    }

    private Code EmitQuantified(ScalarQuantifiedArray node)
    {
        Code operand = Stable(Emit(node.Operand)), array = Stable(Emit(node.Array));
        Expression left = ToDatum(operand, node.Operand.Type), right = ToDatum(array, node.Array.Type);
        Expression call = Members(node) is { } members
            ? Expression.Call(members, node.IsAll ? nameof(ArrayMembers.None) : nameof(ArrayMembers.Any), null, left, right)
            : MemoryCode.Call(typeof(ArrayFunctions), nameof(ArrayFunctions.Quantified), left, right, Constant(node.Operator), Constant(node.IsAll));
        ParameterExpression result = Assign(call); // 1, 0, or -1 for NULL
        return new Code(Expression.Equal(result, Constant(1)), LessThan(result, Constant(0)));
    }

    /// <summary>The set of the array's elements where the array is the same for all rows and the test is one for equality; else null.</summary>
    private Expression? Members(ScalarQuantifiedArray node)
    {
        bool isEquality = node.Operator == (node.IsAll ? ComparisonOperator.NotEqual : ComparisonOperator.Equal);
        if (!isEquality || node.Array is not (ScalarConstant or ScalarParameter)) return null;
        SqlType element = ArrayReader.StoredElement(ArrayFunctions.ElementType(node.Array.Type));
        if (!ArrayMembers.CanHash(node.Operand.Type, element)) return null;
        int number = Plan.Query.ArrayMembersCount++;
        return Hoist(("members", number), typeof(ArrayMembers), () => Expression.Call(Frame, nameof(Runtime.Frame.MembersOf), null, Constant(number)));
    }
}

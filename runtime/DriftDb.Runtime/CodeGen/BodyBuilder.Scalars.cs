using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>Scalars: leaves, logic, conditionals, tests.</summary>
internal sealed partial class BodyBuilder
{
    public static readonly ConstantExpression True = Constant(true), False = Constant(false);

    /// <summary>Code for an expression; statements it needs are added here.</summary>
    public Code Emit(ScalarExpr expression)
    {
        switch (expression)
        {
            case ScalarConstant constant: return EmitConstant(constant);
            case ScalarParameter parameter: return EmitParameter(parameter);
            case ScalarOuter outer: return EmitOuter(outer);
            case ScalarColumn column: return Column(column.Id);
            case ScalarArithmetic arithmetic: return EmitArithmetic(arithmetic);
            case ScalarNegate negate: return EmitNegate(negate);
            case ScalarComparison comparison: return EmitComparison(comparison);
            case ScalarAnd and: return EmitJunction(and.Terms, isAnd: true);
            case ScalarOr or: return EmitJunction(or.Terms, isAnd: false);
            case ScalarNot not:
                Code operand = Emit(not.Operand);
                return operand with { Value = Not(operand.Value) };
            case ScalarIsNull isNull:
                operand = Emit(isNull.Operand);
                if (operand.IsNull is null) return Code.NotNull(Constant(isNull.Negated));
                return Code.NotNull(isNull.Negated ? Not(operand.IsNull) : operand.IsNull);
            case ScalarIsBool isBool: return EmitIsBool(isBool);
            case ScalarIsDistinct distinct: return EmitIsDistinct(distinct);
            case ScalarCase @case: return EmitCase(@case);
            case ScalarCoalesce coalesce: return EmitCoalesce(coalesce);
            case ScalarExtreme extreme: return EmitExtreme(extreme);
            case ScalarLet let:
                Code value = Stable(Emit(let.Value));
                Define(let.VariableId, value);
                return Emit(let.Body);
            case ScalarIn @in: return EmitIn(@in);
            case ScalarLike like: return EmitLike(like);
            case ScalarCast cast: return EmitCast(cast);
            case ScalarCall call: return EmitCall(call);
            case ScalarArray array: return EmitArray(array);
            case ScalarSubscript subscript: return EmitSubscript(subscript);
            case ScalarQuantifiedArray quantified: return EmitQuantified(quantified);
            case ScalarRow row: return EmitRow(row);
            case ScalarField field: return EmitField(field);
            default: throw new SqlException(SqlState.FeatureNotSupported, $"{expression.GetType().Name} is not supported here", expression.Span);
        }
    }

    /// <summary>Goes to the label unless the condition is true (false or NULL).</summary>
    public void EmitFilter(ScalarExpr condition, LabelTarget otherwise)
    {
        switch (condition)
        {
            case ScalarConstant { IsTrue: true }: return;
            case ScalarAnd and:
                foreach (ScalarExpr term in and.Terms) EmitFilter(term, otherwise);
                return;
        }

        Code code = Emit(condition);
        Expression fails = code.IsNull is null ? Not(code.Value) : OrElse(code.IsNull, Not(code.Value));
        Add(IfThen(fails, Goto(otherwise)));
    }

    /// <summary>True exactly where the condition is true.</summary>
    public static Expression IsTrue(Code code) => code.IsNull is null ? code.Value : AndAlso(Not(code.IsNull), code.Value);

    public static Expression? AnyNull(params Expression?[] nulls)
    {
        Expression? any = null;
        foreach (Expression? isNull in nulls)
        {
            if (isNull is null) continue;
            any = any is null ? isNull : OrElse(any, isNull);
        }

        return any;
    }

    private Code EmitConstant(ScalarConstant constant)
    {
        Type type = constant.Type.Kind.StackType();
        if (constant.Value is null) return new Code(Default(type), True);
        if (constant.Value is bool or short or int or long or float or double) return Code.NotNull(Constant(constant.Value, type));
        return Code.NotNull(HoistConstant(constant.Value, constant.Type));
    }

    /// <summary>A constant that isn't a primitive lies in the constants' row.</summary>
    private Expression HoistConstant(object value, SqlType type)
    {
        int offset = Plan.Constants.Add(value, type);
        return Hoist(("constant", offset), type.Kind.StackType(), () => MemoryCode.Read(type.Kind, Field(Frame, nameof(Runtime.Frame.Constants)), offset));
    }

    private Code EmitParameter(ScalarParameter parameter)
    {
        int index = parameter.Number - 1;
        if (index >= Plan.Parameters.ColumnCount) throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${parameter.Number}");
        SqlType declared = Plan.Parameters.Types[index];
        return HoistSlot(("parameter", index), nameof(Runtime.Frame.Parameters), Plan.Parameters, index) is var code && declared.Kind == parameter.Type.Kind ? code : Coerce(code, declared, parameter.Type);
    }

    private Code EmitOuter(ScalarOuter outer)
    {
        Plan.Outer.Declare(outer.Slot, outer.Type);
        Expression row = Field(Frame, nameof(Runtime.Frame.Outer));
        string key = "outer" + outer.Slot;
        Expression isNull = Hoist(key + "null", typeof(bool), () => MemoryCode.Call("ReadBool", row, Constant(OuterSlots.NullOffset(outer.Slot))));
        Expression value = Hoist(key, outer.Type.Kind.StackType(), () => Condition(isNull, Default(outer.Type.Kind.StackType()), MemoryCode.Read(outer.Type.Kind, row, OuterSlots.ValueOffset(outer.Slot))));
        return new Code(value, isNull);
    }

    private Code HoistSlot(object key, string field, TupleLayout layout, int index)
    {
        PhysicalKind kind = layout.Types[index].Kind;
        Expression row = Field(Frame, field);
        Expression isNull = Hoist((key, "null"), typeof(bool), () => MemoryCode.IsNull(row, index));
        Expression value = Hoist(key, kind.StackType(), () => Condition(isNull, Default(kind.StackType()), MemoryCode.Read(kind, row, layout.Offset(index))));
        return new Code(value, isNull);
    }

    /// <summary>AND and OR with short circuit: <c>FALSE AND NULL</c> is FALSE, whatever comes first.</summary>
    private Code EmitJunction(IReadOnlyList<ScalarExpr> terms, bool isAnd)
    {
        // Where no term may be NULL nor needs statements, plain short-circuit operators do.
        Begin();
        var codes = new List<Code>();
        bool simple = true;
        foreach (ScalarExpr term in terms)
        {
            int before = _blocks.Peek().Count;
            Code code = Emit(term);
            simple &= code.IsNull is null && _blocks.Peek().Count == before;
            if (!simple) break;
            codes.Add(code);
        }

        if (simple)
        {
            _blocks.Pop();
            return Code.NotNull(codes.Select(code => code.Value).Aggregate((left, right) => isAnd ? AndAlso(left, right) : OrElse(left, right)));
        }

        _blocks.Pop(); // emitted again below, nested as it must be

        ParameterExpression result = Variable(typeof(bool), isAnd ? "and" : "or"), anyNull = Variable(typeof(bool), "n");
        LabelTarget done = Label("done");
        Expression statements = Nested(() =>
        {
            Add(Expression.Assign(result, Constant(!isAnd)));
            Add(Expression.Assign(anyNull, False));
            foreach (ScalarExpr term in terms)
            {
                Code code = Stable(Emit(term));
                // The value that decides: FALSE for AND, TRUE for OR. `result` begins as it.
                Expression decides = isAnd ? Not(code.Value) : code.Value;
                if (code.IsNull is null) Add(IfThen(decides, Block(Expression.Assign(anyNull, False), Goto(done))));
                else Add(IfThenElse(code.IsNull, Expression.Assign(anyNull, True), IfThen(decides, Block(typeof(void), Expression.Assign(anyNull, False), Goto(done)))));
            }

            Add(Expression.Assign(result, Constant(isAnd)));
            Add(Label(done));
        });
        Add(statements);
        return new Code(result, anyNull);
    }

    private Code EmitIsBool(ScalarIsBool test)
    {
        Code operand = Emit(test.Operand);
        Expression value = test.Value ? operand.Value : Not(operand.Value);
        if (operand.IsNull is not null) value = AndAlso(Not(operand.IsNull), value);
        return Code.NotNull(test.Negated ? Not(value) : value);
    }

    private Code EmitIsDistinct(ScalarIsDistinct test)
    {
        Code left = Stable(Emit(test.Left)), right = Stable(Emit(test.Right));
        Expression equal = EqualCode(test.Left.Type, left.Value, test.Right.Type, right.Value);
        Expression same = (left.IsNull, right.IsNull) switch
        {
            (null, null) => equal,
            ({ } l, null) => AndAlso(Not(l), equal),
            (null, { } r) => AndAlso(Not(r), equal),
            ({ } l, { } r) => Condition(OrElse(l, r), AndAlso(l, r), equal),
        };
        return Code.NotNull(test.Negated ? same : Not(same));
    }

    private Code EmitCase(ScalarCase node)
    {
        (ParameterExpression value, ParameterExpression? isNull) = Result(node.Type, node.Nullable);
        Add(Branch(0));
        return new Code(value, isNull);

        Expression Branch(int index) => Nested(() =>
        {
            if (index == node.Conditions.Length)
            {
                Deliver(node.Else);
                return;
            }

            Code condition = Emit(node.Conditions[index]);
            Add(IfThenElse(IsTrue(condition), Nested(() => Deliver(node.Results[index])), Branch(index + 1)));
        });

        void Deliver(ScalarExpr result) => SetResult(value, isNull, EmitAs(result, node.Type));
    }

    private Code EmitCoalesce(ScalarCoalesce node)
    {
        (ParameterExpression value, ParameterExpression? isNull) = Result(node.Type, node.Nullable);
        Add(Branch(0));
        return new Code(value, isNull);

        Expression Branch(int index) => Nested(() =>
        {
            Code code = EmitAs(node.Arguments[index], node.Type);
            if (code.IsNull is null || index == node.Arguments.Length - 1)
            {
                SetResult(value, isNull, code);
                return;
            }

            code = Stable(code);
            Add(IfThenElse(code.IsNull!, Branch(index + 1), Nested(() => SetResult(value, isNull, Code.NotNull(code.Value)))));
        });
    }

    private Code EmitExtreme(ScalarExtreme node)
    {
        (ParameterExpression value, ParameterExpression? isNull) = Result(node.Type, nullable: true);
        Add(Expression.Assign(isNull!, True));
        foreach (ScalarExpr argument in node.Arguments)
        {
            Code code = Stable(EmitAs(argument, node.Type));
            Expression order = OrderCode(node.Type, code.Value, node.Type, value);
            Expression better = node.Greatest ? GreaterThan(order, Constant(0)) : LessThan(order, Constant(0));
            Expression take = OrElse(isNull!, better);
            if (code.IsNull is not null) take = AndAlso(Not(code.IsNull), take);
            Add(IfThen(take, Block(typeof(void), Expression.Assign(value, code.Value), Expression.Assign(isNull!, False))));
        }

        return new Code(value, node.Nullable ? isNull : null);
    }

    private Code EmitIn(ScalarIn node)
    {
        Code operand = Stable(Emit(node.Operand));
        ParameterExpression result = Variable(typeof(bool), "in"), anyNull = Variable(typeof(bool), "n");
        LabelTarget done = Label("done");
        Add(Nested(() =>
        {
            Add(Expression.Assign(result, False));
            Add(Expression.Assign(anyNull, operand.IsNull ?? False));
            if (operand.IsNull is not null) Add(IfThen(anyNull, Goto(done)));
            foreach (ScalarExpr item in node.Items)
            {
                Code code = Emit(item);
                Expression found = IfThen(EqualCode(node.Operand.Type, operand.Value, item.Type, code.Value), Block(typeof(void), Expression.Assign(result, True), Expression.Assign(anyNull, False), Goto(done)));
                Add(code.IsNull is null ? found : IfThenElse(code.IsNull, Expression.Assign(anyNull, True), found));
            }

            Add(Label(done));
        }));
        return new Code(node.Negated ? Not(result) : result, node.Nullable ? anyNull : null);
    }

    private Code EmitLike(ScalarLike node)
    {
        (Code text, Code pattern) = Strict(Emit(node.Operand), Emit(node.Pattern));
        Code? escape = node.Escape is null ? null : Emit(node.Escape);
        Expression? isNull = AnyNull(text.IsNull, pattern.IsNull, escape?.IsNull);
        Expression match = escape is null
            ? MemoryCode.Call(typeof(LikeMatcher), nameof(LikeMatcher.Like), text.Value, pattern.Value, Constant(node.IgnoreCase))
            : MemoryCode.Call(typeof(LikeMatcher), nameof(LikeMatcher.LikeEscape), text.Value, pattern.Value, escape.Value.Value, Constant(node.IgnoreCase));
        return Guarded(node.Negated ? Not(match) : match, isNull);
    }

    // ---- Results and guards ----

    private (ParameterExpression Value, ParameterExpression? IsNull) Result(SqlType type, bool nullable) =>
        (Variable(type.Kind.StackType(), "r"), nullable ? Variable(typeof(bool), "n") : null);

    private void SetResult(ParameterExpression value, ParameterExpression? isNull, Code code)
    {
        if (code.IsNull is not ConstantExpression { Value: true }) Add(Expression.Assign(value, code.Value));
        if (isNull is not null) Add(Expression.Assign(isNull, code.IsNull ?? False));
    }

    /// <summary>A value whose computation may throw or is costly: only evaluated where no operand is NULL.</summary>
    private Code Guarded(Expression value, Expression? isNull)
    {
        if (isNull is null) return Code.NotNull(value);
        Expression stable = Stable(isNull);
        return new Code(Condition(stable, Default(value.Type), value), stable);
    }
}

using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Expressions without columns that are evaluated when an operator starts: bounds, keys, limits. Constants, parameters and outer values are read where they are;
/// anything else is interpreted.
/// </summary>
internal sealed unsafe class StartValues
{
    private readonly ScalarExpr?[] _expressions;
    private readonly int[] _constantOffsets;
    private readonly TupleLayout _parameters;
    private readonly Expression<PipelineBody>? _lambda;
    private PipelineBody? _body;

    public StartValues(SubPlanBuilder plan, ScalarExpr?[] expressions)
    {
        _expressions = expressions;
        _parameters = plan.Parameters;
        _constantOffsets = new int[expressions.Length];
        Layout = new TupleLayout([.. expressions.Select(expression => expression?.Type ?? SqlType.Int8)]);
        bool complex = false;
        for (int i = 0; i < expressions.Length; i++)
        {
            if (expressions[i] is ScalarConstant { Value: { } value } constant) _constantOffsets[i] = plan.Constants.Add(value, constant.Type);
            else if (expressions[i] is ScalarOuter outer) plan.Outer.Declare(outer.Slot, outer.Type);
            else if (expressions[i] is ScalarParameter parameter && IsDirect(parameter)) { }
            else if (expressions[i] is not (null or ScalarConstant)) complex = true;
        }

        if (!complex) return;
        var body = new BodyBuilder(plan);
        Expression arena = body.Hoist("statementArena", typeof(Arena), () => Expression.Property(body.Context, nameof(QueryContext.StatementArena)));
        for (int i = 0; i < expressions.Length; i++)
            if (expressions[i] is { } expression && !IsSimple(expression)) body.Store(body.Input, Layout, i, body.Emit(expression), arena);
        _lambda = body.ToLambda();
    }

    public int Count => _expressions.Length;

    /// <summary>How the values lie after <see cref="Evaluate"/>.</summary>
    public TupleLayout Layout { get; }

    public bool Has(int index) => _expressions[index] is not null;

    /// <summary>Writes all values as a row of <see cref="Layout"/>; those that have no expression are NULL.</summary>
    public void Evaluate(Frame frame, byte* row)
    {
        new Span<byte>(row, Layout.NullBitmapBytes).Clear();
        for (int i = 0; i < _expressions.Length; i++)
        {
            byte* slot = row + Layout.Offset(i);
            int width = Layout.Types[i].Kind.TupleWidthBytes();
            switch (_expressions[i])
            {
                case null or ScalarConstant { Value: null }: TupleLayout.SetNull(row, i); break;
                case ScalarConstant: Buffer.MemoryCopy((byte*)frame.Constants + _constantOffsets[i], slot, width, width); break;
                case ScalarParameter parameter when IsDirect(parameter):
                    byte* parameters = (byte*)frame.Parameters;
                    if (TupleLayout.IsNull(parameters, parameter.Number - 1)) TupleLayout.SetNull(row, i);
                    else Buffer.MemoryCopy(parameters + _parameters.Offset(parameter.Number - 1), slot, width, width);
                    break;
                case ScalarOuter outer:
                    byte* value = (byte*)frame.Outer;
                    if (value[OuterSlots.NullOffset(outer.Slot)] != 0) TupleLayout.SetNull(row, i);
                    else Buffer.MemoryCopy(value + OuterSlots.ValueOffset(outer.Slot), slot, width, width);
                    break;
            }
        }

        if (_lambda is null) return;
        _body ??= _lambda.Compile(preferInterpretation: true);
        _body(frame, (long)row, 1);
    }

    /// <summary>Evaluates values of bigint; null for NULL or none.</summary>
    public long? Int64(Frame frame, int index)
    {
        byte* row = stackalloc byte[Layout.StrideBytes];
        Evaluate(frame, row);
        if (TupleLayout.IsNull(row, index)) return null;
        byte* slot = row + Layout.Offset(index);
        return Layout.Types[index].Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => *(long*)slot };
    }

    /// <summary>Evaluates values of numeric; null for NULL or none.</summary>
    public SqlNumeric? Numeric(Frame frame, int index)
    {
        byte* row = stackalloc byte[Layout.StrideBytes];
        Evaluate(frame, row);
        if (TupleLayout.IsNull(row, index)) return null;
        byte* slot = row + Layout.Offset(index);
        SqlType type = Layout.Types[index];
        return type.Kind switch
        {
            PhysicalKind.Bytes => SqlNumeric.Decode((*(ByteSlice*)slot).Span),
            PhysicalKind.Int64 => new SqlNumeric(*(long*)slot, type.Scale),
            _ => new SqlNumeric(*(Int128*)slot, type.Scale),
        };
    }

    private bool IsDirect(ScalarParameter parameter) => parameter.Number <= _parameters.ColumnCount && _parameters.Types[parameter.Number - 1].Kind == parameter.Type.Kind
        && (parameter.Type.Id != TypeId.Numeric || _parameters.Types[parameter.Number - 1].Scale == parameter.Type.Scale);

    private bool IsSimple(ScalarExpr expression) => expression is ScalarConstant or ScalarOuter || expression is ScalarParameter parameter && IsDirect(parameter);
}

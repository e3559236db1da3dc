using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A value that needs no generated code: a constant, a parameter, a column of the row found, or a sum or difference of two such.</summary>
internal abstract unsafe class PointValue(SqlType type)
{
    public SqlType Type { get; } = type;

    /// <summary>Writes the value into a slot; false for NULL. Bytes go into the arena, or stay where they are when it is null.</summary>
    public abstract bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena);

    public static PointValue? TryCreate(ScalarExpr expression, SqlType type, TupleLayout parameters, Func<int, (int ColumnId, SqlType Type)?> columns)
    {
        switch (expression)
        {
            case ScalarConstant { Value: null }: return new NullValue(type);
            case ScalarConstant constant when SameForm(constant.Type, type): return new ConstantValue(constant.Value!, type);
            case ScalarParameter parameter when parameter.Number <= parameters.ColumnCount && SameForm(parameters.Types[parameter.Number - 1], type): return new ParameterValue(type, parameters, parameter.Number - 1);
            case ScalarParameter parameter when parameter.Number <= parameters.ColumnCount && IsWidening(parameters.Types[parameter.Number - 1], type):
                return new WidenedValue(new ParameterValue(parameters.Types[parameter.Number - 1], parameters, parameter.Number - 1), type);
            case ScalarColumn column when columns(column.Id) is { } stored && SameForm(stored.Type, type): return new ColumnValue(stored.ColumnId, type);
            case ScalarCast { Operand: ScalarParameter or ScalarConstant or ScalarColumn } cast when SameForm(cast.Operand.Type, type) && cast.TargetType.Typmod < 0: return TryCreate(cast.Operand, type, parameters, columns);
            case ScalarCast cast when IsWidening(cast.Operand.Type, type) && cast.TargetType.Id == type.Id:
                return TryCreate(cast.Operand, cast.Operand.Type, parameters, columns) is { } narrow ? new WidenedValue(narrow, type) : null;
            case ScalarArithmetic { Operator: ArithmeticOperator.Add or ArithmeticOperator.Subtract } sum when type.Kind is PhysicalKind.Int32 or PhysicalKind.Int64 && SameForm(sum.Type, type) && type.IsInteger:
                return TryCreate(sum.Left, type, parameters, columns) is { } left && TryCreate(sum.Right, type, parameters, columns) is { } right
                    ? new SumValue(left, right, sum.Operator == ArithmeticOperator.Subtract, type)
                    : null;
            case ScalarNegate negate when type.Kind is PhysicalKind.Int32 or PhysicalKind.Int64 && SameForm(negate.Type, type) && type.IsInteger:
                return TryCreate(negate.Operand, type, parameters, columns) is { } operand ? new SumValue(new ConstantValue(type.Kind == PhysicalKind.Int32 ? (object)0 : 0L, type), operand, true, type) : null;
            case ScalarCall { Function.Name: "now" or "transaction_timestamp", Arguments.IsEmpty: true } when type.Id == TypeId.TimestampTz && type.Typmod < 0: return new TransactionTimeValue(type);
            case ScalarCast { Operand: ScalarCall { Function.Name: "now" or "transaction_timestamp", Arguments.IsEmpty: true } } when type.Id == TypeId.Timestamp && type.Typmod < 0: return new TransactionTimeValue(type);
            case ScalarCall { Function.Name: "nextval", Arguments: [ScalarConstant { Value: int sequence }] } when type.Id == TypeId.Int8: return new NextSequenceValue(type, sequence);
            case ScalarCast { Operand: ScalarCall { Function.Name: "nextval", Arguments: [ScalarConstant { Value: int sequence }] } } when type.Id == TypeId.Int4: return new NextSequenceValue(type, sequence);
            default: return null;
        }
    }

    private static bool SameForm(SqlType from, SqlType to) => from.Kind == to.Kind && from.Id == to.Id && from.Scale == to.Scale && from.Precision <= Math.Max(to.Precision, from.Precision)
        && (to.Typmod < 0 || from.Typmod == to.Typmod || to.Kind != PhysicalKind.Bytes);

    private static bool IsWidening(SqlType from, SqlType to) => from.Id == TypeId.Int4 && to.Id == TypeId.Int8;

    protected static void Copy(PhysicalKind kind, byte* from, byte* to)
    {
        switch (kind)
        {
            case PhysicalKind.Bool: *to = *from; break;
            case PhysicalKind.Int16: *(short*)to = *(short*)from; break;
            case PhysicalKind.Int32 or PhysicalKind.Float32: *(int*)to = *(int*)from; break;
            case PhysicalKind.Int64 or PhysicalKind.Float64: *(long*)to = *(long*)from; break;
            default: Unsafe.CopyBlockUnaligned(to, from, 16); break;
        }
    }

    /// <summary>now(), as timestamptz or as local timestamp.</summary>
    private sealed class TransactionTimeValue(SqlType type) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            long now = context.Session.TransactionTimeMicros;
            *(long*)slot = Type.Id == TypeId.Timestamp ? context.Settings.ToLocal(now) : now;
            return true;
        }
    }

    /// <summary>nextval of a known sequence: what serial and identity columns default to.</summary>
    private sealed class NextSequenceValue(SqlType type, int sequence) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            long value = context.Session.NextValue(sequence);
            if (Type.Id == TypeId.Int8) *(long*)slot = value;
            else *(int*)slot = value == (int)value ? (int)value : throw new SqlException(SqlState.NumericValueOutOfRange, "integer out of range");
            return true;
        }
    }

    private sealed class NullValue(SqlType type) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena) => false;
    }

    private sealed class ConstantValue : PointValue
    {
        private readonly byte[] _slot = GC.AllocateArray<byte>(16, pinned: true);
        private readonly Arena _arena = new();

        public ConstantValue(object value, SqlType type) : base(type)
        {
            fixed (byte* slot = _slot) BoxedValue.Store(value, type, slot, _arena);
        }

        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            fixed (byte* own = _slot) Copy(Type.Kind, own, slot);
            if (arena is not null && Type.Kind == PhysicalKind.Bytes) *(ByteSlice*)slot = arena.Copy(*(ByteSlice*)slot);
            return true;
        }
    }

    private sealed class ParameterValue(SqlType type, TupleLayout layout, int index) : PointValue(type)
    {
        private readonly int _offset = layout.Offset(index);

        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            byte* parameters = context.Parameters;
            if (TupleLayout.IsNull(parameters, index)) return false;
            Copy(Type.Kind, parameters + _offset, slot);
            if (arena is not null && Type.Kind == PhysicalKind.Bytes) *(ByteSlice*)slot = arena.Copy(*(ByteSlice*)slot);
            return true;
        }
    }

    /// <summary>An integer as bigint: literals are integers, whatever the column they are added to.</summary>
    private sealed class WidenedValue(PointValue integer, SqlType type) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            int value;
            if (!integer.Write(context, row, (byte*)&value, null)) return false;
            *(long*)slot = value;
            return true;
        }
    }

    private sealed class ColumnValue(int columnId, SqlType type) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            if (columnId < 0)
            {
                *(long*)slot = row.RowId;
                return true;
            }

            if (row.IsNull(columnId)) return false;
            switch (Type.Kind)
            {
                case PhysicalKind.Bool: *slot = row.GetBool(columnId) ? (byte)1 : (byte)0; break;
                case PhysicalKind.Int16: *(short*)slot = row.GetInt16(columnId); break;
                case PhysicalKind.Int32: *(int*)slot = row.GetInt32(columnId); break;
                case PhysicalKind.Int64: *(long*)slot = row.GetInt64(columnId); break;
                case PhysicalKind.Int128: Unsafe.WriteUnaligned(slot, row.GetInt128(columnId)); break;
                case PhysicalKind.Float32: *(float*)slot = row.GetFloat32(columnId); break;
                case PhysicalKind.Float64: *(double*)slot = row.GetFloat64(columnId); break;
                case PhysicalKind.Interval: Unsafe.WriteUnaligned(slot, row.GetInterval(columnId)); break;
                case PhysicalKind.Uuid: Unsafe.WriteUnaligned(slot, row.GetUuid(columnId)); break;
                default:
                    ByteSlice bytes = row.GetBytes(columnId);
                    *(ByteSlice*)slot = arena is null ? bytes : arena.Copy(bytes);
                    break;
            }

            return true;
        }
    }

    private sealed class SumValue(PointValue left, PointValue right, bool isDifference, SqlType type) : PointValue(type)
    {
        public override bool Write(QueryContext context, in RowVersion row, byte* slot, Arena? arena)
        {
            long a = 0, b = 0;
            if (!left.Write(context, row, (byte*)&a, null) || !right.Write(context, row, (byte*)&b, null)) return false;
            if (Type.Kind == PhysicalKind.Int32) *(int*)slot = isDifference ? IntegerMath.SubtractInt32((int)a, (int)b) : IntegerMath.AddInt32((int)a, (int)b);
            else *(long*)slot = isDifference ? IntegerMath.SubtractInt64(a, b) : IntegerMath.AddInt64(a, b);
            return true;
        }
    }
}

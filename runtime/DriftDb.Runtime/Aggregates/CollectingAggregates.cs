using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>An aggregate whose result has all values of its group in it. What it collects may be larger than memory.</summary>
internal abstract class CollectingAggregate : AggregateState
{
    private readonly PageableList<byte> _collected = new();

    protected SqlType Type { get; private set; } = SqlType.Text;

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => Type = resultType;

    public override void Free() => _collected.Clear();

    /// <summary>Throws 54000 beyond the largest value that there may be.</summary>
    protected void Collect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Limits.ValueBytes - _collected.Count)
            throw new SqlException(SqlState.ProgramLimitExceeded, "out of memory", detail: $"Cannot enlarge a value beyond {Limits.ValueBytes} bytes.");
        _collected.AddRange(bytes);
    }

    /// <summary>What was collected between a beginning and an end, as one value.</summary>
    protected unsafe ByteSlice Enclosed(Arena arena, ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> end)
    {
        int length = checked(beginning.Length + _collected.Count + end.Length);
        byte* address = arena.Allocate(length);
        var whole = new Span<byte>(address, length);
        beginning.CopyTo(whole);
        _collected.CopyTo(whole[beginning.Length..]);
        end.CopyTo(whole[(beginning.Length + _collected.Count)..]);
        return new ByteSlice(address, length);
    }
}

/// <summary>string_agg.</summary>
[SqlAggregate("string_agg", "text, text", "text", Strict = false), SqlAggregate("string_agg", "bytea, bytea", "bytea", Strict = false)]
internal sealed unsafe class StringAggregate : CollectingAggregate
{
    private bool _any;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        if (TupleLayout.IsNull(arguments, 0)) return;
        if (_any && !TupleLayout.IsNull(arguments, 1)) Collect((*(ByteSlice*)(arguments + layout.Offset(1))).Span);
        _any = true;
        Collect((*(ByteSlice*)(arguments + layout.Offset(0))).Span);
    }

    public override Datum Result(QueryContext context, Arena arena) => _any ? Datum.Of(Type, Enclosed(arena, [], [])) : Datum.Null(Type);
}

/// <summary>array_agg, of elements or of arrays of one shape. The elements are collected as they lie in the result (<see cref="ArrayReader"/>).</summary>
[SqlAggregate("array_agg", "anynonarray", "anyarray", Strict = false), SqlAggregate("array_agg", "anyarray", "anyarray", Strict = false)]
internal sealed unsafe class ArrayAggregate : CollectingAggregate
{
    private readonly ArrayBuilder _one = new();

    /// <summary>The header of the first array, which all others must have; empty where elements are collected.</summary>
    private byte[] _shape = [];
    private int _values, _elements;
    private bool _hasNulls;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        if (layout.Types[0].IsArray) AddArray(TupleLayout.IsNull(arguments, 0) ? throw new SqlException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays") : new ArrayReader(*(ByteSlice*)(arguments + layout.Offset(0))));
        else AddElement(layout.Types[0], arguments, layout);
        _values++;
    }

    public override Datum Result(QueryContext context, Arena arena)
    {
        if (_values == 0) return Datum.Null(Type);
        // The shape of the elements' arrays behind the number of them.
        int dimensions = 1 + (_shape.Length == 0 ? 0 : new ArrayReader(_shape).Dimensions);
        Span<byte> header = stackalloc byte[8 + 8 * dimensions];
        header.Clear();
        header[0] = (byte)dimensions;
        header[1] = _hasNulls ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], _elements);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], _values);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], 1);
        if (_shape.Length > 0) _shape.AsSpan(8).CopyTo(header[16..]);
        return Datum.Of(Type, Enclosed(arena, header, []));
    }

    private void AddElement(SqlType element, byte* arguments, TupleLayout layout)
    {
        _elements++;
        _one.Begin();
        if (TupleLayout.IsNull(arguments, 0))
        {
            _one.AddNull();
            _hasNulls = true;
        }
        else _one.AddSlot(element, arguments + layout.Offset(0));
        Collect(_one.Elements);
    }

    private void AddArray(ArrayReader array)
    {
        if (array.Dimensions == 0 && _values == 0) throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        if (_values == 0) _shape = array.Header.ToArray();
        else if (!array.Header[8..].SequenceEqual(_shape.AsSpan(8))) throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
        _elements = checked(_elements + array.Count);
        _hasNulls |= array.HasNulls;
        Collect(array.Elements);
    }
}

/// <summary>json_agg, json_object_agg and their jsonb kin: the text of the members, with a beginning and an end.</summary>
internal abstract class JsonCollectingAggregate : CollectingAggregate
{
    private readonly ByteWriter _member = new();
    private bool _any;

    protected abstract ReadOnlySpan<byte> Beginning { get; }

    protected abstract ReadOnlySpan<byte> End { get; }

    public override unsafe void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        _member.Clear();
        if (_any) _member.Write(", "u8);
        WriteMember(_member, isFirst: !_any, context, arguments, layout);
        _any = true;
        Collect(_member.Written);
    }

    protected abstract unsafe void WriteMember(ByteWriter writer, bool isFirst, QueryContext context, byte* arguments, TupleLayout layout);

    public override Datum Result(QueryContext context, Arena arena)
    {
        if (!_any) return Datum.Null(Type);
        ByteSlice whole = Enclosed(arena, Beginning, End);
        return Datum.Of(Type, Type.Id == TypeId.Jsonb ? JsonFunctions.Canonical(context, whole.Span) : whole);
    }

    protected static unsafe Datum ValueOf(byte* arguments, TupleLayout layout, int index) =>
        TupleLayout.IsNull(arguments, index) ? Datum.Null(layout.Types[index]) : Datum.FromSlot(layout.Types[index], arguments + layout.Offset(index));
}

/// <summary>json_agg and jsonb_agg.</summary>
[SqlAggregate("json_agg", "anyelement", "json", Strict = false), SqlAggregate("jsonb_agg", "anyelement", "jsonb", Strict = false)]
internal sealed unsafe class JsonAggregate : JsonCollectingAggregate
{
    protected override ReadOnlySpan<byte> Beginning => "["u8;

    protected override ReadOnlySpan<byte> End => "]"u8;

    protected override void WriteMember(ByteWriter writer, bool isFirst, QueryContext context, byte* arguments, TupleLayout layout)
    {
        // PostgreSQL puts rows and arrays on lines of their own.
        if (!isFirst && layout.Types[0].Id is TypeId.Record or TypeId.Array && !TupleLayout.IsNull(arguments, 0)) writer.Write("\n "u8);
        JsonFunctions.Append(writer, ValueOf(arguments, layout, 0), context);
    }
}

/// <summary>json_object_agg and jsonb_object_agg.</summary>
[SqlAggregate("json_object_agg", "any, any", "json", Strict = false), SqlAggregate("jsonb_object_agg", "any, any", "jsonb", Strict = false)]
internal sealed unsafe class JsonObjectAggregate : JsonCollectingAggregate
{
    protected override ReadOnlySpan<byte> Beginning => "{ "u8;

    protected override ReadOnlySpan<byte> End => " }"u8;

    protected override void WriteMember(ByteWriter writer, bool isFirst, QueryContext context, byte* arguments, TupleLayout layout)
    {
        JsonFunctions.WriteKey(writer, ValueOf(arguments, layout, 0), 0, context);
        writer.Write(" : "u8);
        JsonFunctions.Append(writer, ValueOf(arguments, layout, 1), context);
    }
}

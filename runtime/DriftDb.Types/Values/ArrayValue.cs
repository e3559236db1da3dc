using System.Buffers.Binary;

namespace DriftDb.Types;

/// <summary>
/// An array as bytes: dimensions (u8), flags (u8: 1 = has NULLs), u16 0, count of elements (i32), then for each dimension its length and lower bound (i32, i32), then the elements
/// in row-major order, each a length (i32; -1 for NULL) and the value's bytes as in a tuple slot. Numeric elements are always in the unbounded encoding.
/// An empty array has no dimensions. All little-endian.
/// </summary>
public readonly ref struct ArrayReader
{
    private readonly ReadOnlySpan<byte> _bytes;

    public ArrayReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ArrayReader(ByteSlice bytes) : this(bytes.Span)
    {
    }

    public int Dimensions => _bytes[0];

    public bool HasNulls => (_bytes[1] & 1) != 0;

    public int Count => BinaryPrimitives.ReadInt32LittleEndian(_bytes[4..]);

    public int Length(int dimension) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[(8 + 8 * dimension)..]);

    public int LowerBound(int dimension) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[(12 + 8 * dimension)..]);

    public int HeaderBytes => 8 + 8 * Dimensions;

    public ReadOnlySpan<byte> Header => _bytes[..HeaderBytes];

    /// <summary>The elements as they lie behind the header.</summary>
    public ReadOnlySpan<byte> Elements => _bytes[HeaderBytes..];

    public Enumerator GetEnumerator() => new(Elements);

    /// <summary>The element at a row-major index; false for NULL. Walks, unless the elements are all of one fixed width.</summary>
    public bool TryGet(int index, PhysicalKind kind, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = _bytes[HeaderBytes..];
        if (kind != PhysicalKind.Bytes && !HasNulls)
        {
            int width = kind.ColumnWidthBytes();
            value = rest.Slice(index * (width + 4) + 4, width);
            return true;
        }

        for (; ; index--)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (index == 0)
            {
                value = length < 0 ? default : rest.Slice(4, length);
                return length >= 0;
            }

            rest = rest[(4 + Math.Max(0, length))..];
        }
    }

    /// <summary>How the element type's values lie in an array: numerics unbounded.</summary>
    public static SqlType StoredElement(SqlType element) => element.IsFixedNumeric ? SqlType.Numeric : element;

    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        public Enumerator(ReadOnlySpan<byte> elements) => _rest = elements;

        public bool IsNull { get; private set; }

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            int length = BinaryPrimitives.ReadInt32LittleEndian(_rest);
            IsNull = length < 0;
            Current = IsNull ? default : _rest.Slice(4, length);
            _rest = _rest[(4 + Math.Max(0, length))..];
            return true;
        }
    }
}

/// <summary>Builds an array's bytes: dimensions first, then the elements in order.</summary>
public sealed class ArrayBuilder
{
    private readonly ByteWriter _writer = new(128);

    public int Count { get; private set; }

    /// <summary>Starts an array of one dimension, of as many elements as are added.</summary>
    public void Begin()
    {
        _writer.Clear();
        Count = 0;
        Span<byte> header = _writer.GetSpan(16)[..16];
        header.Clear();
        header[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], 1);
        _writer.Advance(16);
    }

    /// <summary>Starts an array of given dimensions; the elements must fill them.</summary>
    public void Begin(ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        _writer.Clear();
        Count = 0;
        int bytes = 8 + 8 * lengths.Length;
        Span<byte> header = _writer.GetSpan(bytes)[..bytes];
        header.Clear();
        header[0] = (byte)lengths.Length;
        for (int i = 0; i < lengths.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(8 + 8 * i)..], lengths[i]);
            BinaryPrimitives.WriteInt32LittleEndian(header[(12 + 8 * i)..], lowerBounds[i]);
        }

        _writer.Advance(bytes);
    }

    /// <summary>Starts an array of the same dimensions as another.</summary>
    public void BeginLike(ArrayReader other)
    {
        _writer.Clear();
        Count = 0;
        _writer.Write(other.Header);
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        Span<byte> span = _writer.GetSpan(4 + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, value.Length);
        value.CopyTo(span[4..]);
        _writer.Advance(4 + value.Length);
        Count++;
    }

    /// <summary>Adds a value as it lies in a tuple slot of the element's stored type.</summary>
    public unsafe void AddSlot(SqlType element, byte* slot)
    {
        if (element.Kind == PhysicalKind.Bytes) Add((*(ByteSlice*)slot).Span);
        else if (element.IsFixedNumeric) AddFixed(element, slot);
        else Add(new ReadOnlySpan<byte>(slot, element.Kind.TupleWidthBytes()));
    }

    /// <summary>A value's bytes as an array has them, of a value that lies in a tuple slot.</summary>
    public static unsafe byte[] Stored(SqlType element, byte* slot)
    {
        if (element.Kind == PhysicalKind.Bytes) return (*(ByteSlice*)slot).Span.ToArray();
        if (!element.IsFixedNumeric) return new ReadOnlySpan<byte>(slot, element.Kind.TupleWidthBytes()).ToArray();
        Span<byte> bytes = stackalloc byte[32];
        return bytes[..Unscaled(element, slot).Encode(bytes)].ToArray();
    }

    /// <summary>Adds a boxed value of the element type, or NULL.</summary>
    public unsafe void AddBoxed(SqlType element, object? value)
    {
        switch (value)
        {
            case null: AddNull(); break;
            case byte[] bytes: Add(bytes); break;
            default:
                byte* slot = stackalloc byte[16];
                BoxedValue.Store(value, element, slot, NoBytes);
                AddSlot(element, slot);
                break;
        }
    }

    public void AddNull()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_writer.GetSpan(4), -1);
        _writer.Advance(4);
        Count++;
        // The flag lies in the header; the writer's start is still ours.
        _hasNulls = true;
    }

    private bool _hasNulls;

    /// <summary>For values that have no bytes.</summary>
    private static readonly Arena NoBytes = new();

    public void AddElement(ArrayReader.Enumerator element)
    {
        if (element.IsNull) AddNull();
        else Add(element.Current);
    }

    /// <summary>The elements so far of an array of one dimension, as they lie behind its header; valid until the next is added.</summary>
    public ReadOnlySpan<byte> Elements => _writer.Written[16..];

    /// <summary>The finished bytes, valid until the next Begin.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        Span<byte> all = _writer.WrittenSpan;
        if (Count == 0)
        {
            _writer.Clear();
            Span<byte> empty = _writer.GetSpan(8)[..8];
            empty.Clear();
            _writer.Advance(8);
            _hasNulls = false;
            return _writer.Written;
        }

        all[1] = _hasNulls ? (byte)1 : (byte)0;
        _hasNulls = false;
        BinaryPrimitives.WriteInt32LittleEndian(all[4..], Count);
        if (all[0] == 1) BinaryPrimitives.WriteInt32LittleEndian(all[8..], Count);
        return all;
    }

    private unsafe void AddFixed(SqlType element, byte* slot)
    {
        Span<byte> bytes = stackalloc byte[32];
        Add(bytes[..Unscaled(element, slot).Encode(bytes)]);
    }

    /// <summary>A scaled integer as a number with its decimals.</summary>
    private static unsafe SqlNumeric Unscaled(SqlType element, byte* slot) => new(element.Kind == PhysicalKind.Int64 ? *(long*)slot : *(Int128*)slot, element.Scale);
}

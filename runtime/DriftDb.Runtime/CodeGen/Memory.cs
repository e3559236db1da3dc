using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// What generated code does with addresses. Addresses are <see cref="long"/> because expression trees have native arithmetic for it and none for pointers.
/// All are small and inlined: a DynamicMethod is jitted at full optimisation at once.
/// </summary>
internal static unsafe class Memory
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // A column of a scan vector: base address and row number.
    [MethodImpl(Inline)] public static bool VectorBool(long data, int row) => ((byte*)data)[row] != 0;
    [MethodImpl(Inline)] public static short VectorInt16(long data, int row) => ((short*)data)[row];
    [MethodImpl(Inline)] public static int VectorInt32(long data, int row) => ((int*)data)[row];
    [MethodImpl(Inline)] public static long VectorInt64(long data, int row) => ((long*)data)[row];
    [MethodImpl(Inline)] public static Int128 VectorInt128(long data, int row) => Unsafe.ReadUnaligned<Int128>((byte*)data + (long)row * 16);
    [MethodImpl(Inline)] public static float VectorFloat32(long data, int row) => ((float*)data)[row];
    [MethodImpl(Inline)] public static double VectorFloat64(long data, int row) => ((double*)data)[row];
    [MethodImpl(Inline)] public static Interval VectorInterval(long data, int row) => Unsafe.ReadUnaligned<Interval>((byte*)data + (long)row * 16);
    [MethodImpl(Inline)] public static Uuid VectorUuid(long data, int row) => Unsafe.ReadUnaligned<Uuid>((byte*)data + (long)row * 16);

    [MethodImpl(Inline)]
    public static ByteSlice VectorBytes(long data, long heap, int row)
    {
        ulong entry = ((ulong*)data)[row];
        return new ByteSlice((nint)(heap + (uint)entry), (int)(entry >> 32));
    }

    [MethodImpl(Inline)] public static bool VectorIsNull(long validity, int row) => validity != 0 && (((byte*)validity)[row >> 3] & (1 << (row & 7))) == 0;

    [MethodImpl(Inline)] public static int Selected(long selection, int index) => ((ushort*)selection)[index];

    [MethodImpl(Inline)] public static long Pointer(long array, int index) => ((long*)array)[index];

    // A tuple's slot: the row's address and the slot's offset.
    [MethodImpl(Inline)] public static bool ReadBool(long tuple, int offset) => *((byte*)tuple + offset) != 0;
    [MethodImpl(Inline)] public static short ReadInt16(long tuple, int offset) => *(short*)((byte*)tuple + offset);
    [MethodImpl(Inline)] public static int ReadInt32(long tuple, int offset) => *(int*)((byte*)tuple + offset);
    [MethodImpl(Inline)] public static long ReadInt64(long tuple, int offset) => *(long*)((byte*)tuple + offset);
    [MethodImpl(Inline)] public static Int128 ReadInt128(long tuple, int offset) => Unsafe.ReadUnaligned<Int128>((byte*)tuple + offset);
    [MethodImpl(Inline)] public static float ReadFloat32(long tuple, int offset) => *(float*)((byte*)tuple + offset);
    [MethodImpl(Inline)] public static double ReadFloat64(long tuple, int offset) => *(double*)((byte*)tuple + offset);
    [MethodImpl(Inline)] public static Interval ReadInterval(long tuple, int offset) => Unsafe.ReadUnaligned<Interval>((byte*)tuple + offset);
    [MethodImpl(Inline)] public static Uuid ReadUuid(long tuple, int offset) => Unsafe.ReadUnaligned<Uuid>((byte*)tuple + offset);
    [MethodImpl(Inline)] public static ByteSlice ReadBytes(long tuple, int offset) => Unsafe.ReadUnaligned<ByteSlice>((byte*)tuple + offset);
    [MethodImpl(Inline)] public static bool IsNull(long tuple, int column) => (((byte*)tuple)[column >> 3] & (1 << (column & 7))) != 0;
    [MethodImpl(Inline)] public static void SetNull(long tuple, int column) => ((byte*)tuple)[column >> 3] |= (byte)(1 << (column & 7));
    [MethodImpl(Inline)] public static void ClearNull(long tuple, int column) => ((byte*)tuple)[column >> 3] &= (byte)~(1 << (column & 7));

    [MethodImpl(Inline)] public static void WriteBool(long tuple, int offset, bool value) => *((byte*)tuple + offset) = value ? (byte)1 : (byte)0;
    [MethodImpl(Inline)] public static void WriteInt16(long tuple, int offset, short value) => *(short*)((byte*)tuple + offset) = value;
    [MethodImpl(Inline)] public static void WriteInt32(long tuple, int offset, int value) => *(int*)((byte*)tuple + offset) = value;
    [MethodImpl(Inline)] public static void WriteInt64(long tuple, int offset, long value) => *(long*)((byte*)tuple + offset) = value;
    [MethodImpl(Inline)] public static void WriteInt128(long tuple, int offset, Int128 value) => Unsafe.WriteUnaligned((byte*)tuple + offset, value);
    [MethodImpl(Inline)] public static void WriteFloat32(long tuple, int offset, float value) => *(float*)((byte*)tuple + offset) = value;
    [MethodImpl(Inline)] public static void WriteFloat64(long tuple, int offset, double value) => *(double*)((byte*)tuple + offset) = value;
    [MethodImpl(Inline)] public static void WriteInterval(long tuple, int offset, Interval value) => Unsafe.WriteUnaligned((byte*)tuple + offset, value);
    [MethodImpl(Inline)] public static void WriteUuid(long tuple, int offset, Uuid value) => Unsafe.WriteUnaligned((byte*)tuple + offset, value);
    [MethodImpl(Inline)] public static void WriteSlice(long tuple, int offset, ByteSlice value) => Unsafe.WriteUnaligned((byte*)tuple + offset, value);

    /// <summary>Copies the bytes into the arena of the buffer that has the tuple.</summary>
    public static void WriteBytes(long tuple, int offset, ByteSlice value, Arena arena) => Unsafe.WriteUnaligned((byte*)tuple + offset, arena.Copy(value));

    /// <summary>Bytes in place of others in the same arena: where they find room they take the old ones' place, so that a state that changes often doesn't fill the arena.</summary>
    public static void ReplaceBytes(long tuple, int offset, ByteSlice value, Arena arena)
    {
        ByteSlice old = Unsafe.ReadUnaligned<ByteSlice>((byte*)tuple + offset);
        if (old.Length < value.Length)
        {
            WriteBytes(tuple, offset, value, arena);
            return;
        }

        value.Span.CopyTo(new Span<byte>(old.Address, value.Length));
        Unsafe.WriteUnaligned((byte*)tuple + offset, new ByteSlice(old.Address, value.Length));
    }

    public static long AppendRow(TupleBuffer buffer) => (long)buffer.Append();

    [MethodImpl(Inline)] public static void Increment(long tuple, int offset) => (*(long*)((byte*)tuple + offset))++;
    [MethodImpl(Inline)] public static void AddInt64(long tuple, int offset, long value) => *(long*)((byte*)tuple + offset) += value;
    [MethodImpl(Inline)] public static void AddFloat64(long tuple, int offset, double value) => *(double*)((byte*)tuple + offset) += value;

    /// <summary>Adds a long to a 128-bit sum: an add and an add with carry.</summary>
    [MethodImpl(Inline)]
    public static void AddToInt128(long tuple, int offset, long value)
    {
        ulong* sum = (ulong*)((byte*)tuple + offset);
        ulong low = sum[0] + (ulong)value;
        sum[1] += (ulong)(value >> 63) + (low < (ulong)value ? 1UL : 0UL);
        sum[0] = low;
    }

    [MethodImpl(Inline)]
    public static void AddInt128(long tuple, int offset, Int128 value)
    {
        ulong* sum = (ulong*)((byte*)tuple + offset);
        ulong low = sum[0] + (ulong)value;
        sum[1] += (ulong)(value >> 64) + (low < (ulong)value ? 1UL : 0UL);
        sum[0] = low;
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A sort key as a column of a row.</summary>
internal readonly record struct SortColumn(int Column, bool Descending, bool NullsFirst);

/// <summary>Compares rows by sort columns.</summary>
internal sealed unsafe class RowComparer(TupleLayout layout, SortColumn[] columns)
{
    public int Compare(long left, long right)
    {
        byte* a = (byte*)left, b = (byte*)right;
        foreach (SortColumn column in columns)
        {
            bool leftNull = TupleLayout.IsNull(a, column.Column), rightNull = TupleLayout.IsNull(b, column.Column);
            int order;
            if (leftNull || rightNull)
            {
                if (leftNull && rightNull) continue;
                return leftNull == column.NullsFirst ? -1 : 1;
            }

            int offset = layout.Offset(column.Column);
            order = ValueComparer.Compare(layout.Types[column.Column], a + offset, b + offset);
            if (order != 0) return column.Descending ? -order : order;
        }

        return 0;
    }
}

/// <summary>
/// Sorts rows by address: the first key becomes a number that orders as it does (as much of it as 64 bits hold), numbers are sorted, and only rows of equal numbers are compared in full.
/// </summary>
internal static unsafe class RowSorter
{
    /// <summary>Bytes that sorting takes a row beside the rows.</summary>
    public const int BytesPerRow = 16;

    /// <summary>The rows' addresses in order.</summary>
    public static SortedRows Sort(TupleBuffer rows, SortColumn[] columns)
    {
        TupleLayout layout = rows.Layout;
        int count = rows.Count;
        var result = new SortedRows(count);
        Span<long> sorted = result.Addresses;
        MemoryBlock prefixMemory = MemoryBlock.Allocate(Math.Max(1, count) * 8L);
        var prefixes = new Span<ulong>(prefixMemory.Address, count);
        int next = 0;
        for (int block = 0; block < rows.BlockCount; block++)
        {
            byte* row = rows.Block(block, out int blockRows);
            for (int i = 0; i < blockRows; i++, row += layout.StrideBytes)
            {
                sorted[next] = (long)row;
                prefixes[next++] = columns.Length == 0 ? 0 : Prefix(row, layout, columns[0]);
            }
        }

        if (columns.Length > 0)
        {
            prefixes.Sort(sorted);
            bool exact = columns.Length == 1 && IsExact(layout.Types[columns[0].Column].Kind);
            if (!exact) SortEqualPrefixes(prefixes, sorted, new RowComparer(layout, columns));
        }

        // Comparing reads the rows by address.
        GC.KeepAlive(rows);
        GC.KeepAlive(result);
        prefixMemory.Free();
        return result;
    }

    private static void SortEqualPrefixes(Span<ulong> prefixes, Span<long> sorted, RowComparer comparer)
    {
        for (int start = 0; start < sorted.Length;)
        {
            int end = start + 1;
            while (end < sorted.Length && prefixes[end] == prefixes[start]) end++;
            if (end - start > 1) sorted[start..end].Sort(comparer.Compare);
            start = end;
        }
    }

    /// <summary>Kinds whose prefix has the whole value.</summary>
    private static bool IsExact(PhysicalKind kind) => kind is PhysicalKind.Bool or PhysicalKind.Int16 or PhysicalKind.Int32;

    /// <summary>A number that orders as the column does; NULLs at their end.</summary>
    private static ulong Prefix(byte* row, TupleLayout layout, SortColumn column)
    {
        if (TupleLayout.IsNull(row, column.Column)) return column.NullsFirst ? 0 : ulong.MaxValue;
        byte* slot = row + layout.Offset(column.Column);
        SqlType type = layout.Types[column.Column];
        // 63 bits of value behind a bit that leaves room for NULLs on both sides.
        ulong value = type.Kind switch
        {
            PhysicalKind.Bool => (ulong)*slot << 62,
            PhysicalKind.Int16 => (ulong)(*(short*)slot + 32768) << 40,
            PhysicalKind.Int32 => (ValueComparer.IsUnsigned(type.Id) ? *(uint*)slot : (ulong)(*(int*)slot - (long)int.MinValue)) << 30,
            PhysicalKind.Int64 => ((ulong)Unsafe.ReadUnaligned<long>(slot) ^ 0x8000_0000_0000_0000UL) >> 1,
            PhysicalKind.Float32 => Float(*(float*)slot),
            PhysicalKind.Float64 => Float(Unsafe.ReadUnaligned<double>(slot)),
            PhysicalKind.Int128 => Wide(Unsafe.ReadUnaligned<Int128>(slot)),
            PhysicalKind.Interval => Wide(Unsafe.ReadUnaligned<Interval>(slot).Comparable << 20),
            PhysicalKind.Uuid => Unsafe.ReadUnaligned<Uuid>(slot).High >> 1,
            _ => type.IsString && type.Id != TypeId.BpChar || type.Id == TypeId.Bytea ? Text(Unsafe.ReadUnaligned<ByteSlice>(slot).Span) : 1UL << 61,
        };
        value = Math.Clamp(value, 1, (1UL << 63) - 2);
        return column.Descending ? (1UL << 63) - value : value;
    }

    private static ulong Float(double value)
    {
        if (value == 0) value = 0;
        long bits = double.IsNaN(value) ? 0x7FF8_0000_0000_0000L : BitConverter.DoubleToInt64Bits(value);
        return ((ulong)(bits < 0 ? bits ^ long.MaxValue : bits) ^ 0x8000_0000_0000_0000UL) >> 1;
    }

    private static ulong Wide(Int128 value)
    {
        Int128 clamped = Int128.Clamp(value >> 40, long.MinValue >> 1, long.MaxValue >> 1);
        return (ulong)((long)clamped - (long.MinValue >> 1));
    }

    private static ulong Text(ReadOnlySpan<byte> text)
    {
        if (text.Length >= 8) return BinaryPrimitives.ReadUInt64BigEndian(text) >> 1;
        ulong value = 0;
        for (int i = 0; i < text.Length; i++) value |= (ulong)text[i] << (56 - 8 * i);
        return value >> 1;
    }
}

/// <summary>Addresses of rows in order.</summary>
internal sealed unsafe class SortedRows(int count) : IDisposable
{
    private readonly MemoryBlock _block = MemoryBlock.Allocate(Math.Max(1, count) * 8L);

    public int Count => count;

    public Span<long> Addresses => new(_block.Address, count);

    public void Dispose() => _block.Free();
}

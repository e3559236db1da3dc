using System.Buffers.Binary;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>Puts values on a line of numbers that keeps their order, as <see cref="ColumnStatistics"/> does: for estimating ranges, never for deciding.</summary>
public static class ValueLine
{
    /// <summary>The value's place; NaN for kinds without one.</summary>
    public static double Of(object? value) => value switch
    {
        short v => v,
        int v => v,
        long v => v,
        Int128 v => (double)v,
        float v => v,
        double v => v,
        bool v => v ? 1 : 0,
        Interval v => (double)v.Comparable,
        byte[] bytes => OfBytes(bytes),
        _ => double.NaN,
    };

    /// <summary>The first eight bytes as a big-endian number.</summary>
    public static double OfBytes(ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        bytes[..Math.Min(8, bytes.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }
}

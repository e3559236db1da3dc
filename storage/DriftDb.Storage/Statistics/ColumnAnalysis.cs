using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>What ANALYZE gathers of one column: exact counts and bounds and a distinct estimate over all rows, the distribution over a random sample.</summary>
internal sealed unsafe class ColumnAnalysis(SqlType type, IRandom random)
{
    private const int SampleRows = 30_000, MostCommonValues = 100, HistogramBuckets = 100;

    /// <summary>Longer values aren't worth keeping in statistics.</summary>
    private const int LongestSampleBytes = 1000;

    private readonly HyperLogLog _distinct = new();
    private readonly List<byte[]> _sample = [];
    private readonly KeyColumn _order = new(0, type);
    private readonly KeyBuilder _key = new();
    private ulong _state = random.NextUInt64() | 1;
    private long _values, _nulls, _bytes, _minimum = long.MaxValue, _maximum = long.MinValue;

    private bool HasBounds => type.Kind is PhysicalKind.Bool or PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64;

    public void Take(ScanVector vector, int slot)
    {
        byte* data = (byte*)vector.Data[slot], validity = (byte*)vector.Validity[slot], heap = (byte*)vector.Heap[slot];
        int width = type.Kind.ColumnWidthBytes();
        for (int i = 0; i < vector.Count; i++)
        {
            int row = vector.Selection[i];
            if (validity != null && (validity[row >> 3] & (1 << (row & 7))) == 0)
            {
                _nulls++;
                continue;
            }

            byte* value = data + (long)row * width;
            if (type.Kind != PhysicalKind.Bytes) Take(new ReadOnlySpan<byte>(value, width));
            else
            {
                ulong entry = Unsafe.ReadUnaligned<ulong>(value);
                Take(new ReadOnlySpan<byte>(heap + (uint)entry, (int)(entry >> 32)));
            }

            if (HasBounds) TakeBounds(value);
        }
    }

    public ColumnStatistics Finish(long rows)
    {
        (ImmutableArray<(StoredValue Value, double Fraction)> common, ImmutableArray<StoredValue> histogram) = Distribution(rows);
        return new ColumnStatistics(
            rows == 0 ? 0 : (double)_nulls / rows, Math.Min(_distinct.Estimate(), _values), _values == 0 ? 0 : (double)_bytes / _values,
            HasBounds && _values > 0 ? _minimum : null, HasBounds && _values > 0 ? _maximum : null, common, histogram);
    }

    private void Take(ReadOnlySpan<byte> value)
    {
        _values++;
        _bytes += value.Length;
        _distinct.Add(XxHash3.HashToUInt64(value));
        // Reservoir sampling (Vitter's algorithm R): every value has the same chance to be in the sample.
        if (_sample.Count < SampleRows) _sample.Add(Short(value));
        else
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            ulong place = _state % (ulong)_values;
            if (place < SampleRows) _sample[(int)place] = Short(value);
        }
    }

    private void TakeBounds(byte* value)
    {
        long number = type.Kind switch { PhysicalKind.Bool => *value, PhysicalKind.Int16 => *(short*)value, PhysicalKind.Int32 => *(int*)value, _ => *(long*)value };
        _minimum = Math.Min(_minimum, number);
        _maximum = Math.Max(_maximum, number);
    }

    private static byte[] Short(ReadOnlySpan<byte> value) => value[..Math.Min(value.Length, LongestSampleBytes)].ToArray();

    private (ImmutableArray<(StoredValue Value, double Fraction)> Common, ImmutableArray<StoredValue> Histogram) Distribution(long rows)
    {
        if (_sample.Count == 0) return ([], []);
        (byte[] Key, byte[] Value)[] sorted = [.. _sample.Select(value => (KeyOf(value), value))];
        Array.Sort(sorted, static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        var groups = new List<(int First, int Count)>();
        for (int i = 0; i < sorted.Length;)
        {
            int end = i + 1;
            while (end < sorted.Length && sorted[end].Key.AsSpan().SequenceEqual(sorted[i].Key)) end++;
            groups.Add((i, end - i));
            i = end;
        }

        // Common is what comes clearly more often than the average value (as PostgreSQL's compute_scalar_stats chooses); all values, when there are few.
        double threshold = groups.Count <= MostCommonValues ? 0 : Math.Max(2, 1.25 * sorted.Length / groups.Count);
        List<(int First, int Count)> common = [.. groups.Where(group => group.Count >= threshold).OrderByDescending(group => group.Count).Take(MostCommonValues)];
        var commonFirsts = common.Select(group => group.First).ToHashSet();
        double scale = (double)_values / sorted.Length / Math.Max(1, rows);
        List<byte[]> rest = [.. groups.Where(group => !commonFirsts.Contains(group.First)).SelectMany(group => Enumerable.Repeat(sorted[group.First].Value, group.Count))];
        var histogram = ImmutableArray.CreateBuilder<StoredValue>();
        int buckets = Math.Min(HistogramBuckets, rest.Count - 1);
        for (int i = 0; i <= buckets && buckets > 0; i++) histogram.Add(new StoredValue(rest[(int)((long)i * (rest.Count - 1) / buckets)]));
        return ([.. common.Select(group => (new StoredValue(sorted[group.First].Value), group.Count * scale))], histogram.ToImmutable());
    }

    private byte[] KeyOf(byte[] value)
    {
        _key.Reset();
        fixed (byte* bytes = value)
        {
            var slice = new ByteSlice(bytes, value.Length);
            _key.AppendSlot(_order, type.Kind == PhysicalKind.Bytes ? (byte*)&slice : bytes);
        }

        return _key.Key.ToArray();
    }
}

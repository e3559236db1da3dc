using System.Buffers;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>A set of row ids, kept as runs: what an erasure names. A row id says nothing of what the row held, so it may stay on record.</summary>
public sealed class RowIdSet
{
    public static readonly RowIdSet Empty = new([]);

    private readonly (long First, long Count)[] _runs;

    private RowIdSet((long First, long Count)[] runs)
    {
        _runs = runs;
        Count = runs.Sum(run => run.Count);
    }

    /// <summary>How many row ids it has.</summary>
    public long Count { get; }

    public static RowIdSet Of(IEnumerable<long> rowIds)
    {
        var runs = new List<(long First, long Count)>();
        foreach (long rowId in rowIds.Order())
        {
            if (runs.Count > 0 && runs[^1] is var last && rowId < last.First + last.Count) continue; // twice
            if (runs.Count > 0 && rowId == runs[^1].First + runs[^1].Count) runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            else runs.Add((rowId, 1));
        }

        return new RowIdSet([.. runs]);
    }

    public static RowIdSet Union(IEnumerable<RowIdSet> sets) => Of(sets.SelectMany(set => set.RowIds));

    public IEnumerable<long> RowIds
    {
        get
        {
            foreach ((long first, long count) in _runs)
            {
                for (long i = 0; i < count; i++) yield return first + i;
            }
        }
    }

    public bool Contains(long rowId)
    {
        int low = 0, high = _runs.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_runs[middle].First <= rowId) low = middle + 1;
            else high = middle;
        }

        return low > 0 && rowId < _runs[low - 1].First + _runs[low - 1].Count;
    }

    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(_runs.Length * 2);
        long before = 0;
        foreach ((long first, long count) in _runs)
        {
            writer.Write(first - before);
            writer.Write(count);
            before = first + count;
        }
    }

    internal static RowIdSet Read(ref MessagePackReader reader)
    {
        var runs = new (long First, long Count)[reader.ReadArrayHeader() / 2];
        long before = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i] = (before + reader.ReadInt64(), reader.ReadInt64());
            before = runs[i].First + runs[i].Count;
        }

        return new RowIdSet(runs);
    }
}

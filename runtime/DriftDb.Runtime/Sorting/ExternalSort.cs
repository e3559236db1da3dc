using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// What of a sort has left memory: sorted runs in temporary files, merged as the rows are asked for. Where there are more runs than can be read at a time, groups of them are merged to longer ones first.
/// </summary>
internal sealed unsafe class ExternalSort(QueryContext context, TupleLayout layout, SortColumn[] keys) : IDisposable
{
    private const int FewestRunsAtOnce = 4, MostRunsAtOnce = 256;

    private readonly List<RowFile> _runs = [];
    private RunMerger? _merger;

    /// <summary>Bytes written, with those of runs that were merged since.</summary>
    public long SpilledBytes { get; private set; }

    /// <summary>Sorts the rows and moves them to a run; the buffer is empty then.</summary>
    public void Spill(TupleBuffer rows)
    {
        var run = new RowFile(context, layout);
        _runs.Add(run);
        using (SortedRows sorted = RowSorter.Sort(rows, keys))
        {
            foreach (long row in sorted.Addresses) run.Append((byte*)row);
        }

        run.Finish();
        GC.KeepAlive(rows);
        rows.Free();
        SpilledBytes += run.LengthBytes;
    }

    /// <summary>All rows are in runs.</summary>
    public void Finish()
    {
        long portion = Math.Max(1 << 20, context.OperatorBytes) / 2;
        int atOnce = (int)Math.Clamp(portion / (2 * RowFile.BufferBytes), FewestRunsAtOnce, MostRunsAtOnce);
        if (SpillFaults.LosesPartition && _runs.Count > 1) _runs.RemoveAt(0);
        while (_runs.Count > atOnce)
        {
            // As few as bring the number down to what one merge takes, so that little is written twice.
            int group = Math.Min(atOnce, _runs.Count - atOnce + 1);
            List<RowFile> merged = _runs.GetRange(0, group);
            var longer = new RowFile(context, layout);
            long[] addresses = new long[Limits.VectorRows];
            using (var merger = new RunMerger(merged, keys, portion / group))
            {
                for (int count; (count = merger.Next(addresses)) > 0;)
                    for (int i = 0; i < count; i++) longer.Append((byte*)addresses[i]);
            }

            longer.Finish();
            SpilledBytes += longer.LengthBytes;
            foreach (RowFile run in merged) run.Dispose();
            _runs.RemoveRange(0, group);
            _runs.Add(longer);
        }

        _merger = new RunMerger(_runs, keys, Math.Min(1 << 20, portion / _runs.Count));
    }

    /// <summary>The next rows in order; their addresses are good until the next call.</summary>
    public int Next(Span<long> addresses) => _merger!.Next(addresses);

    public void Dispose()
    {
        _merger?.Dispose();
        foreach (RowFile run in _runs) run.Dispose();
        _runs.Clear();
    }
}

using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Hands out a pipeline's input, a morsel at a time.</summary>
internal abstract class RowSource : OperatorState
{
    /// <summary>The next morsel: what the pipeline's code calls its input (vector pointers, or an array of row addresses) and how many rows. False at the end.</summary>
    public abstract bool Next(Frame frame, out long input, out int count);
}

/// <summary>One call without input: VALUES of one row, set-up code.</summary>
internal sealed class OnceSource : RowSource
{
    private bool _done;

    public override bool Next(Frame frame, out long input, out int count)
    {
        input = 0;
        count = 1;
        if (_done) return false;
        return _done = true;
    }

    public override void Reset() => _done = false;
}

/// <summary>A buffer of rows between two pipelines.</summary>
internal class BufferState(TupleLayout layout) : OperatorState
{
    public readonly TupleBuffer Rows = new(layout);

    private long _peakBytes;

    public TupleLayout Layout => layout;

    public override void Reset()
    {
        NotePeak();
        Rows.Clear();
    }

    public override void Free()
    {
        NotePeak();
        Rows.Free();
    }

    /// <summary>Called when the pipeline that fills it is done, before it is read.</summary>
    public virtual void Finish(Frame frame)
    {
    }

    /// <summary>Addresses of the rows from <paramref name="first"/> on, in order; how many were written.</summary>
    public virtual unsafe int Addresses(int first, Span<long> addresses)
    {
        int total = Math.Min(addresses.Length, Rows.Count - first);
        if (total <= 0) return 0;
        int written = 0, skipped = 0;
        for (int block = 0; block < Rows.BlockCount && written < total; block++)
        {
            byte* address = Rows.Block(block, out int rows);
            if (skipped + rows <= first)
            {
                skipped += rows;
                continue;
            }

            int stride = layout.StrideBytes;
            for (int i = Math.Max(0, first - skipped); i < rows && written < total; i++) addresses[written++] = (long)(address + (long)i * stride);
            skipped += rows;
        }

        return written;
    }

    public virtual int Count => Rows.Count;

    /// <summary>Bytes held for the rows and what goes with them.</summary>
    public virtual long MemoryBytes => Rows.CapacityBytes;

    /// <summary>The most that was held.</summary>
    public long PeakBytes => Math.Max(_peakBytes, MemoryBytes);

    /// <summary>Bytes moved to temporary files, and into how many runs or partitions; 0 while all is in memory.</summary>
    public virtual SpillFigures Spilled => default;

    protected void NotePeak() => _peakBytes = PeakBytes;
}

/// <summary>What of an operator's rows left memory, for EXPLAIN ANALYZE.</summary>
public readonly record struct SpillFigures(long Bytes, int Batches);

/// <summary>Reads a buffer, a morsel of row addresses at a time.</summary>
internal sealed unsafe class BufferSource(int bufferState) : RowSource
{
    private readonly long[] _addresses = GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
    private int _next;
    private bool _finished;

    public override bool Next(Frame frame, out long input, out int count)
    {
        var buffer = (BufferState)frame.States[bufferState];
        if (!_finished)
        {
            buffer.Finish(frame);
            _finished = true;
        }

        fixed (long* addresses = _addresses) input = (long)addresses;
        count = buffer.Addresses(_next, _addresses.AsSpan(0, frame.MaxSliceRows));
        _next += count;
        return count > 0;
    }

    public override void Reset()
    {
        _next = 0;
        _finished = false;
    }
}

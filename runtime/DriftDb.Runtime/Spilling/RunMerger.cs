using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Merges sorted runs (Knuth, <i>The Art of Computer Programming</i>, vol. 3, 5.4.1): a heap of cursors, each with a batch of its run's rows in memory. Rows are handed out where they lie, so a portion ends when a batch does.
/// </summary>
internal sealed unsafe class RunMerger : IDisposable
{
    private readonly RowComparer _comparer;
    private readonly Cursor[] _heap;
    private int _count;
    private bool _mustRefill;

    public RunMerger(List<RowFile> runs, SortColumn[] keys, long batchBytes)
    {
        _comparer = new RowComparer(runs[0].Layout, keys);
        _heap = new Cursor[runs.Count];
        for (int i = 0; i < runs.Count; i++)
        {
            var cursor = new Cursor(runs[i], i, batchBytes);
            if (!cursor.Refill())
            {
                cursor.Dispose();
                continue;
            }

            _heap[_count++] = cursor;
        }

        for (int i = _count / 2 - 1; i >= 0; i--) SiftDown(i);
    }

    /// <summary>The next rows in order; their addresses are good until the next call. 0 at the end.</summary>
    public int Next(Span<long> addresses)
    {
        if (_mustRefill) Refill();
        int given = 0;
        while (given < addresses.Length && _count > 0)
        {
            Cursor first = _heap[0];
            addresses[given++] = first.Row;
            if (!first.Advance())
            {
                // The batch's rows are still to be looked at: it is replaced when they have been.
                _mustRefill = true;
                break;
            }

            SiftDown(0);
        }

        return given;
    }

    public void Dispose()
    {
        foreach (Cursor? cursor in _heap) cursor?.Dispose();
    }

    private void Refill()
    {
        _mustRefill = false;
        if (!_heap[0].Refill())
        {
            _heap[0].Dispose();
            _heap[0] = _heap[--_count];
        }

        if (_count > 0) SiftDown(0);
    }

    private void SiftDown(int index)
    {
        Cursor moved = _heap[index];
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _count) break;
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child])) child++;
            if (!IsBefore(_heap[child], moved)) break;
            _heap[index] = _heap[child];
            index = child;
        }

        _heap[index] = moved;
    }

    /// <summary>Equal rows keep the order of their runs.</summary>
    private bool IsBefore(Cursor left, Cursor right)
    {
        int order = _comparer.Compare(left.Row, right.Row);
        return order < 0 || (order == 0 && left.Number < right.Number);
    }

    private sealed class Cursor(RowFile run, int number, long batchBytes) : IDisposable
    {
        private readonly RowFileReader _reader = run.Read();
        private readonly TupleBuffer _batch = new(run.Layout);
        private long[] _addresses = [];
        private int _next, _count;

        public int Number => number;

        public long Row => _addresses[_next];

        public bool Advance() => ++_next < _count;

        public bool Refill()
        {
            _batch.Clear();
            _next = 0;
            _reader.Read(_batch, Limits.VectorRows, batchBytes);
            _count = RowAddresses.List(_batch, ref _addresses);
            return _count > 0;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _batch.Free();
        }
    }
}

using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A buffer that is read in order. What outgrows its grant goes to sorted runs.</summary>
internal sealed class SortState(TupleLayout layout, SortColumn[] keys) : BufferState(layout)
{
    private QueryContext _context = null!;
    private SortedRows? _order;
    private ExternalSort? _external;
    private long _spilledRows;

    public override void Attach(Frame frame)
    {
        _context = frame.Context;
        Rows.Growing = Relieve;
    }

    public override long MemoryBytes => base.MemoryBytes + (long)Rows.Count * RowSorter.BytesPerRow;

    /// <summary>All rows so far, those in files included.</summary>
    public long RowCount => _spilledRows + Rows.Count;

    public override SpillFigures Spilled => _spilled;

    private SpillFigures _spilled;

    public override void Relieve()
    {
        if (_order is null && Rows.Count > 0 && _context.MustSpill(MemoryBytes)) Spill();
    }

    public override void Finish(Frame frame)
    {
        if (_external is null)
        {
            _order = RowSorter.Sort(Rows, keys);
            return;
        }

        if (Rows.Count > 0) Spill();
        _external.Finish();
        _spilled = _spilled with { Bytes = _external.SpilledBytes };
    }

    public override int Addresses(int first, Span<long> addresses)
    {
        if (_external is not null) return _external.Next(addresses);
        int count = Math.Min(addresses.Length, Rows.Count - first);
        if (count <= 0) return 0;
        _order!.Addresses.Slice(first, count).CopyTo(addresses);
        return count;
    }

    public override void Reset()
    {
        base.Reset();
        Forget();
    }

    public override void Free()
    {
        base.Free();
        Forget();
    }

    private void Spill()
    {
        NotePeak();
        _external ??= new ExternalSort(_context, Layout, keys);
        _spilledRows += Rows.Count;
        _external.Spill(Rows);
        _spilled = new SpillFigures(_external.SpilledBytes, _spilled.Batches + 1);
    }

    private void Forget()
    {
        _order?.Dispose();
        _external?.Dispose();
        _order = null;
        _external = null;
        _spilledRows = 0;
    }
}

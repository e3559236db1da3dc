using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A buffer of rows that are read in the order in which they came. What outgrows its grant goes to a file.</summary>
internal sealed class SpoolState(TupleLayout layout) : BufferState(layout)
{
    private QueryContext _context = null!;
    private RowSpool? _spool;

    public override SpillFigures Spilled => _spool is { SpilledBytes: > 0 } spool ? new SpillFigures(spool.SpilledBytes, 1) : default;

    public override void Attach(Frame frame)
    {
        _context = frame.Context;
        Rows.Growing = Relieve;
    }

    public override void Relieve()
    {
        if (_reader is not null || Rows.Count == 0 || !_context.MustSpill(MemoryBytes)) return;
        NotePeak();
        (_spool ??= new RowSpool(_context, Layout)).Take(Rows);
    }

    private RowSpool.Reader? _reader;

    public override int Addresses(int first, Span<long> addresses)
    {
        if (_spool is null) return base.Addresses(first, addresses);
        if (first == 0)
        {
            _reader?.Dispose();
            _spool.Take(Rows);
            _reader = _spool.Read();
        }

        return _reader!.Next(addresses);
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

    private void Forget()
    {
        _reader?.Dispose();
        _spool?.Dispose();
        _reader = null;
        _spool = null;
    }
}

using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Rows in a file in the order in which they came, for any number of readers once all are in.</summary>
internal sealed unsafe class RowSpool(QueryContext context, TupleLayout layout) : IDisposable
{
    private readonly RowFile _file = new(context, layout);

    public long SpilledBytes => _file.LengthBytes;

    public long Count => _file.Count;

    /// <summary>Moves the buffer's rows to the end of the file.</summary>
    public void Take(TupleBuffer rows)
    {
        for (int block = 0; block < rows.BlockCount; block++)
        {
            byte* row = rows.Block(block, out int count);
            for (int i = 0; i < count; i++, row += layout.StrideBytes) Append(row);
        }

        rows.Free();
    }

    public void Append(byte* row)
    {
        if (SpillFaults.LosesPartition && _file.Count == 0 && !_hasLost)
        {
            _hasLost = true;
            return;
        }

        _file.Append(row);
    }

    private bool _hasLost;

    public Reader Read() => new(_file);

    public void Dispose() => _file.Dispose();

    /// <summary>One reader's place.</summary>
    internal sealed class Reader(RowFile file) : IDisposable
    {
        private const long BatchBytes = 128 * 1024;

        private readonly RowFileReader _reader = file.Read();
        private readonly TupleBuffer _rows = new(file.Layout);
        private long[] _addresses = [];

        /// <summary>The next rows; their addresses are good until the next call. 0 at the end.</summary>
        public int Next(Span<long> addresses)
        {
            _rows.Clear();
            _reader.Read(_rows, addresses.Length, BatchBytes);
            int count = RowAddresses.List(_rows, ref _addresses);
            _addresses.AsSpan(0, count).CopyTo(addresses);
            return count;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _rows.Free();
        }
    }
}

using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Rows of one layout in a temporary file, written once from the first to the last and then read any number of times. A row is its slots as they lie in memory, then the bytes of its slices in the order of their columns.
/// </summary>
internal sealed unsafe class RowFile : IDisposable
{
    /// <summary>What is gathered before it is written, and read at a time.</summary>
    public const int BufferBytes = 64 * 1024;

    private readonly QueryContext _context;
    private readonly TemporaryFile _file;
    private MemoryBlock? _buffer;
    private int _used;

    public RowFile(QueryContext context, TupleLayout layout)
    {
        _context = context;
        Layout = layout;
        SliceColumns = [.. Enumerable.Range(0, layout.ColumnCount).Where(column => layout.Types[column].Kind == PhysicalKind.Bytes)];
        _file = context.CreateTemporaryFile();
    }

    public TupleLayout Layout { get; }

    public long Count { get; private set; }

    /// <summary>Bytes on the disk, and those about to go there.</summary>
    public long LengthBytes => _file.LengthBytes + _used;

    internal int[] SliceColumns { get; }

    public void Append(byte* row)
    {
        Write(row, Layout.StrideBytes);
        foreach (int column in SliceColumns)
        {
            if (TupleLayout.IsNull(row, column)) continue;
            var slice = (ByteSlice*)(row + Layout.Offset(column));
            if (slice->Length > 0) Write(slice->Address, slice->Length);
        }

        if ((++Count & 4095) == 0) _context.CheckCancelled();
    }

    /// <summary>All rows are written.</summary>
    public void Finish()
    {
        Flush();
        _buffer?.Free();
        _buffer = null;
    }

    public RowFileReader Read()
    {
        Finish();
        return new RowFileReader(this);
    }

    internal int ReadBytes(long offset, Span<byte> target) => _file.Read(offset, target);

    public void Dispose()
    {
        _buffer?.Free();
        _buffer = null;
        _file.Dispose();
    }

    private void Write(byte* bytes, int lengthBytes)
    {
        _buffer ??= MemoryBlock.Allocate(BufferBytes);
        if (BufferBytes - _used < lengthBytes)
        {
            Flush();
            if (lengthBytes > BufferBytes)
            {
                _file.Append(new ReadOnlySpan<byte>(bytes, lengthBytes));
                return;
            }
        }

        Buffer.MemoryCopy(bytes, _buffer.Address + _used, lengthBytes, lengthBytes);
        _used += lengthBytes;
    }

    private void Flush()
    {
        if (_used == 0) return;
        _file.Append(new ReadOnlySpan<byte>(_buffer!.Address, _used));
        _used = 0;
    }
}

/// <summary>Reads a file's rows in order.</summary>
internal sealed unsafe class RowFileReader(RowFile file) : IDisposable
{
    private MemoryBlock _buffer = MemoryBlock.Allocate(RowFile.BufferBytes);
    private long _offset;
    private int _start, _end;
    private long _given;

    /// <summary>Appends rows with their bytes to the buffer until so many rows have come or it holds so many bytes more; how many came, 0 at the end.</summary>
    public int Read(TupleBuffer target, int maxRows, long maxBytes)
    {
        int rows = 0;
        long before = target.CapacityBytes, slices = 0;
        while (rows < maxRows && _given < file.Count)
        {
            if (rows > 0 && (target.CapacityBytes - before > maxBytes || slices + (long)rows * file.Layout.StrideBytes > maxBytes)) break;
            slices += Take(target.Append(), target.Arena);
            rows++;
            _given++;
        }

        return rows;
    }

    public void Dispose() => _buffer.Free();

    /// <summary>The next row; gives the bytes of its slices.</summary>
    private long Take(byte* target, Arena arena)
    {
        TupleLayout layout = file.Layout;
        int stride = layout.StrideBytes;
        Need(stride);
        Buffer.MemoryCopy(_buffer.Address + _start, target, stride, stride);
        _start += stride;
        long bytes = 0;
        foreach (int column in file.SliceColumns)
        {
            if (TupleLayout.IsNull(target, column)) continue;
            var slice = (ByteSlice*)(target + layout.Offset(column));
            int length = slice->Length;
            Need(length);
            *slice = arena.Copy(new ReadOnlySpan<byte>(_buffer.Address + _start, length));
            _start += length;
            bytes += length;
        }

        return bytes;
    }

    /// <summary>Makes sure that so many bytes are at hand.</summary>
    private void Need(int lengthBytes)
    {
        if (_end - _start >= lengthBytes) return;
        int left = _end - _start;
        if (lengthBytes > _buffer.LengthBytes)
        {
            MemoryBlock larger = MemoryBlock.Allocate(lengthBytes);
            Buffer.MemoryCopy(_buffer.Address + _start, larger.Address, left, left);
            _buffer.Free();
            _buffer = larger;
        }
        else Buffer.MemoryCopy(_buffer.Address + _start, _buffer.Address, left, left);

        _start = 0;
        int read = file.ReadBytes(_offset, new Span<byte>(_buffer.Address + left, (int)(_buffer.LengthBytes - left)));
        _offset += read;
        _end = left + read;
        if (_end < lengthBytes) throw new SqlException(SqlState.IoError, "a temporary file ended too early");
    }
}

/// <summary>Faults that tests plant, to see that they would notice.</summary>
internal static class SpillFaults
{
    /// <summary>A whole partition or run is left out when spilled rows are read again.</summary>
    public static bool LosesPartition { get; set; }
}

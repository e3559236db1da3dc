using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using ZstdSharp;

namespace DriftDb.Storage;

/// <summary>
/// Writes one snapshot file: a header (as a segment's, with the magic "DRIFTSNP") and blocks, one behind the other: <c>[u32 stored length][u32 raw length][u32 crc32][zstd]</c>. The CRC covers the file's identity, both
/// lengths and the compressed bytes, so a block of another file is never taken for one of this.
/// </summary>
internal sealed class SnapshotFileWriter : IDisposable
{
    public const int BlockHeaderBytes = 12;

    private const int FlushBytes = 1 << 20, CompressionLevel = 3;

    private readonly IFileSystem _files;
    private readonly IRandom _random;
    private readonly string _directory;
    private readonly long _owner;
    private readonly Compressor _compressor = new(CompressionLevel);
    private readonly MemoryStream _pending = new();

    /// <summary>Used again for each block: a new array of megabytes for each would be garbage that only a full collection frees.</summary>
    private readonly ArrayBufferWriter<byte> _raw = new();
    private byte[] _stored = [];
    private IFile? _file;
    private ulong _identity;
    private long _offset;

    public SnapshotFileWriter(IFileSystem files, IRandom random, string directory, long owner, int number)
    {
        _files = files;
        _random = random;
        _directory = directory;
        _owner = owner;
        Number = number;
    }

    public int Number { get; }

    public SnapshotFileInfo Info => new(Number, _identity, _offset + _pending.Length);

    public static string PathOf(string directory, int number) => string.Create(CultureInfo.InvariantCulture, $"{directory}/{number:D8}.snap");

    /// <summary>Appends a block of what is written to the buffer that is given.</summary>
    public BlockPlace Append(Action<IBufferWriter<byte>> write)
    {
        _raw.ResetWrittenCount();
        write(_raw);
        return Append(_raw.WrittenSpan);
    }

    /// <summary>Appends a block of another file as it lies there.</summary>
    public BlockPlace Append(SnapshotSource source, BlockPlace place)
    {
        if (_file is null) Start();
        Span<byte> stored = Stored(place.LengthBytes)[..place.LengthBytes];
        source.ReadStored(place, stored);
        BinaryPrimitives.WriteUInt32LittleEndian(stored[8..], Checksum(stored, _identity));
        return AppendStored(stored);
    }

    private Span<byte> Stored(int lengthBytes)
    {
        if (_stored.Length < lengthBytes) _stored = new byte[lengthBytes + lengthBytes / 8];
        return _stored;
    }

    private BlockPlace Append(ReadOnlySpan<byte> raw)
    {
        if (_file is null) Start();
        Span<byte> stored = Stored(BlockHeaderBytes + Compressor.GetCompressBound(raw.Length));
        int length = BlockHeaderBytes + _compressor.Wrap(raw, stored[BlockHeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(stored, (uint)(length - BlockHeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(stored[4..], (uint)raw.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(stored[8..], Checksum(stored[..length], _identity));
        return AppendStored(stored[..length]);
    }

    public void Finish()
    {
        Flush();
        _file?.Sync();
        if (_file is not null) _files.SyncDirectory(_directory);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _compressor.Dispose();
        _pending.Dispose();
    }

    public static uint Checksum(ReadOnlySpan<byte> block, ulong identity)
    {
        var crc = new Crc32();
        Span<byte> seed = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, identity);
        block[..8].CopyTo(seed[8..]);
        crc.Append(seed);
        crc.Append(block[BlockHeaderBytes..]);
        return crc.GetCurrentHashAsUInt32();
    }

    private BlockPlace AppendStored(ReadOnlySpan<byte> block)
    {
        var place = new BlockPlace(Number, _offset + _pending.Length, block.Length);
        if (_pending.Length + block.Length > FlushBytes) Flush();
        if (block.Length < FlushBytes) _pending.Write(block);
        else
        {
            _file!.Write(_offset, block);
            _offset += block.Length;
        }

        return place;
    }

    private void Start()
    {
        _files.CreateDirectory(_directory);
        string path = PathOf(_directory, Number);
        if (_files.Exists(path)) _files.Delete(path); // left over from a checkpoint that failed
        _file = _files.Open(path, create: true);
        _identity = _random.NextUInt64();
        Span<byte> header = stackalloc byte[FileHeader.LengthBytes];
        new FileHeader(FileHeader.SnapshotMagic, _identity, _owner, 0, 0).Write(header);
        _pending.Write(header);
    }

    /// <summary>Writes what waits, without a sync.</summary>
    public void Flush()
    {
        if (_pending.Length == 0) return;
        _file!.Write(_offset, _pending.GetBuffer().AsSpan(0, (int)_pending.Length));
        _offset += _pending.Length;
        _pending.SetLength(0);
    }
}

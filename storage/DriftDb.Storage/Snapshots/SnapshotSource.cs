using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using DriftDb.Types;
using ZstdSharp;

namespace DriftDb.Storage;

/// <summary>Reads blocks of one table's snapshot files. Files are opened when first asked for and stay open; a file that is deleted meanwhile stays readable.</summary>
internal sealed class SnapshotSource(IFileSystem files, string directory, long owner) : IDisposable
{
    [ThreadStatic] private static Decompressor? _decompressor;

    private readonly Dictionary<int, (IFile File, ulong Identity)> _open = [];

    /// <summary>The files are of running memory's overflow and end with the process (<see cref="SpilledChunks"/>).</summary>
    public bool IsTemporary { get; init; }

    /// <summary>A block was found missing or damaged: recovery falls back on the segments.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The block's content. Throws XX001 when it is damaged; the segments still have everything.</summary>
    public byte[] Read(BlockPlace place)
    {
        string path = SnapshotFileWriter.PathOf(directory, place.File);
        byte[] stored = ArrayPool<byte>.Shared.Rent(Math.Max(place.LengthBytes, SnapshotFileWriter.BlockHeaderBytes));
        try
        {
            Span<byte> block = stored.AsSpan(0, place.LengthBytes);
            ReadStored(place, block);
            byte[] raw = new byte[BinaryPrimitives.ReadUInt32LittleEndian(block[4..])];
            int length = (_decompressor ??= new Decompressor()).Unwrap(block[SnapshotFileWriter.BlockHeaderBytes..], raw);
            return length == raw.Length ? raw : throw Damaged(path, place.Offset, "a block has the wrong length");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>The block as it lies there, compressed and with its header.</summary>
    public void ReadStored(BlockPlace place, Span<byte> block)
    {
        string path = SnapshotFileWriter.PathOf(directory, place.File);
        (IFile file, ulong identity) = Open(place.File, path);
        if (file.Read(place.Offset, block) != place.LengthBytes) throw Damaged(path, place.Offset, "the file is shorter than it should be");
        if (place.LengthBytes < SnapshotFileWriter.BlockHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(block) != place.LengthBytes - SnapshotFileWriter.BlockHeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) != SnapshotFileWriter.Checksum(block, identity)) throw Damaged(path, place.Offset, "a block is damaged");
    }

    /// <summary>Checks that the files are there with their headers, without reading their blocks.</summary>
    public void Check(ImmutableArray<SnapshotFileInfo> expected)
    {
        foreach (SnapshotFileInfo info in expected)
        {
            string path = SnapshotFileWriter.PathOf(directory, info.Number);
            (IFile file, ulong identity) = Open(info.Number, path);
            if (identity != info.Identity || file.LengthBytes < info.LengthBytes) throw Damaged(path, file.LengthBytes, "the file is another or shorter than it should be");
        }
    }

    /// <summary>A file is about to be deleted: it stays open for readers that still know places in it, until what this gives is disposed of. Null when it isn't one of a snapshot's.</summary>
    public IDisposable? Retire(int number)
    {
        try
        {
            Open(number, SnapshotFileWriter.PathOf(directory, number));
            return new RetiredFile(this, number);
        }
        catch (SqlException)
        {
            return null; // left over from a checkpoint that failed: nobody knows a place in it
        }
    }

    private sealed class RetiredFile(SnapshotSource source, int number) : IDisposable
    {
        public void Dispose()
        {
            lock (source._open)
            {
                if (source._open.Remove(number, out (IFile File, ulong Identity) known)) known.File.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_open)
        {
            foreach ((IFile file, _) in _open.Values) file.Dispose();
            _open.Clear();
        }
    }

    public SqlException Damaged(string path, long offset, string what)
    {
        IsDamaged = true;
        return new SqlException(SqlState.DataCorrupted, $"corruption in \"{path}\" at byte {offset}: {what}",
            hint: "Snapshots are derived data: stop the server and run driftdb doctor --rebuild, which makes them again from the segments.");
    }

    private (IFile File, ulong Identity) Open(int number, string path)
    {
        lock (_open)
        {
            if (_open.TryGetValue(number, out (IFile File, ulong Identity) known)) return known;
            if (!files.Exists(path)) throw Damaged(path, 0, "the file is missing");
            IFile file = files.Open(path, create: false);
            byte[] bytes = new byte[FileHeader.LengthBytes];
            int read = file.Read(0, bytes);
            if (!FileHeader.TryRead(bytes.AsSpan(0, read), FileHeader.SnapshotMagic, out FileHeader header) || header.Number != owner)
            {
                file.Dispose();
                throw Damaged(path, 0, "the file header is damaged, or the file belongs elsewhere");
            }

            _open.Add(number, (file, header.Identity));
            return (file, header.Identity);
        }
    }
}

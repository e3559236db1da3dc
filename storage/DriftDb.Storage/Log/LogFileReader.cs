using System.Buffers.Binary;

namespace DriftDb.Storage;

/// <summary>
/// Reads frames of log files through a window that slides: a single transaction can be larger than memory, and its frames with it. One object for many files, one after the other.
/// </summary>
internal sealed class LogFileReader(int windowBytes = LogFileReader.WindowBytes) : IDisposable
{
    private const int WindowBytes = 1 << 20;

    /// <summary>Pinned: slices of decoded tuples point into it, until the next frame is read.</summary>
    private byte[] _window = GC.AllocateUninitializedArray<byte>(windowBytes, pinned: true);
    private IFile? _file;
    private long _start;
    private int _count;

    public string Path { get; private set; } = "";

    public FileHeader Header { get; private set; }

    public ulong Identity => Header.Identity;

    public long LengthBytes { get; private set; }

    /// <summary>Where a transaction began whose frames will be read once more: kept in the window if there is room.</summary>
    public long Anchor { get; set; }

    public void Open(IFileSystem files, string path, FileHeader header)
    {
        _file?.Dispose();
        _file = files.Open(path, create: false);
        (Path, Header) = (path, header);
        LengthBytes = _file.LengthBytes;
        (_start, _count, Anchor) = (0, 0, 0);
    }

    /// <summary>The frame at the offset, which is valid until the next is read; false when there is none, or it is cut or damaged.</summary>
    public bool TryRead(long offset, out Frame frame, out ReadOnlyMemory<byte> payload, bool checkCrc = true)
    {
        frame = default;
        payload = default;
        if (LengthBytes - offset < Frame.PrefixBytes + Frame.ShortestBodyBytes) return false;
        int at = Load(offset, Frame.PrefixBytes);
        long length = Frame.PrefixBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(_window.AsSpan(at));
        if (length > LengthBytes - offset || length > Array.MaxLength) return false;
        at = Load(offset, (int)length);
        if (!Frame.TryRead(_window.AsSpan(at, (int)length), Identity, out frame, checkCrc)) return false;
        payload = _window.AsMemory(at + frame.PayloadOffset, frame.Payload.Length);
        return true;
    }

    /// <summary>What follows the offset, as far as the window goes.</summary>
    public ReadOnlySpan<byte> Window(long offset)
    {
        int at = Load(offset, (int)Math.Min(windowBytes, LengthBytes - offset));
        return _window.AsSpan(at, _count - at);
    }

    /// <summary>Whether the file has anything but zeros from the offset on.</summary>
    public bool HasContent(long offset)
    {
        for (; offset < LengthBytes; offset += windowBytes)
        {
            if (Window(offset).ContainsAnyExcept((byte)0)) return true;
        }

        return false;
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Brings bytes into the window that the file is known to have; returns where they are.</summary>
    private int Load(long offset, int lengthBytes)
    {
        if (offset >= _start && offset + lengthBytes <= _start + _count) return (int)(offset - _start);
        long begin = Anchor <= offset && offset - Anchor + lengthBytes <= windowBytes / 2 ? Anchor : offset;
        int wanted = (int)(offset - begin) + lengthBytes;
        // A frame larger than the window; the window stays that large, which the next large frame will need, too.
        if (wanted > _window.Length) _window = GC.AllocateUninitializedArray<byte>(wanted, pinned: true);
        int read = _file!.Read(begin, _window.AsSpan(0, (int)Math.Min(_window.Length, LengthBytes - begin)));
        (_start, _count) = (begin, read);
        if (read < wanted) throw WalReader.Corrupt(Path, begin + read, "the file is shorter than it should be");
        return (int)(offset - begin);
    }
}

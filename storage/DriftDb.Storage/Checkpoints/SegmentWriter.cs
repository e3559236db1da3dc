using System.Collections.Immutable;
using System.Globalization;

namespace DriftDb.Storage;

/// <summary>
/// Appends frames to the segments in one directory: to the last one until it is large, which is then sealed with a footer, then to a new one. Nothing that a manifest counts is ever overwritten; what lies behind the
/// counted length is.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private const int FlushBytes = 1 << 20;

    private readonly IFileSystem _files;
    private readonly IRandom _random;
    private readonly string _directory;
    private readonly long _owner, _largestBytes;
    private readonly ImmutableArray<SegmentInfo>.Builder _segments;
    private readonly LogBuffer _buffer = new();
    private IFile? _file;
    private long _offset, _firstBuffered, _lastBuffered, _buffered;
    private readonly int _firstNumber;
    private bool _isNew;

    public SegmentWriter(IFileSystem files, IRandom random, string directory, long owner, ImmutableArray<SegmentInfo> segments, long largestBytes, int firstNumber = 1)
    {
        _firstNumber = firstNumber;
        _largestBytes = largestBytes;
        _files = files;
        _random = random;
        _directory = directory;
        _owner = owner;
        _segments = segments.ToBuilder();
    }

    public ImmutableArray<SegmentInfo> Segments => _segments.ToImmutable();

    public static string PathOf(string directory, int number) => string.Create(CultureInfo.InvariantCulture, $"{directory}/{number:D8}.seg");

    public void Append(ReadOnlySpan<byte> frame)
    {
        if (!Frame.TryRead(frame, 0, out Frame read, checkCrc: false)) throw new InvalidOperationException("Not a frame.");
        if (_buffer.Length == 0) _firstBuffered = read.Sequence;
        _lastBuffered = read.Sequence;
        _buffered++;
        _buffer.Append(frame);
        if (_buffer.Length >= FlushBytes) Flush();
    }

    /// <summary>Writes the rest, seals the segment when it is full, and syncs; the directories are the caller's.</summary>
    public void Finish()
    {
        Flush();
        if (_file is not null && _offset > _largestBytes) SealSegment();
        _file?.Sync();
        if (_isNew) _files.SyncDirectory(_directory);
    }

    public void Dispose() => _file?.Dispose();

    private void Flush()
    {
        if (_buffer.Length == 0) return;
        if (_file is null) OpenLast();
        else if (_offset > _largestBytes)
        {
            SealSegment();
            _file.Sync();
            _file.Dispose();
            StartNext();
        }

        SegmentInfo last = _segments[^1];
        Frame.Seal(_buffer.Frames, last.Identity);
        _file!.Write(_offset, _buffer.Frames);
        _offset += _buffer.Length;
        _buffer.Clear();
        _segments[^1] = last with
        {
            LengthBytes = _offset,
            FirstSequence = last.FrameCount == 0 ? _firstBuffered : last.FirstSequence,
            LastSequence = _lastBuffered,
            FrameCount = last.FrameCount + _buffered,
        };
        _buffered = 0;
    }

    /// <summary>Writes the footer. The hash is made of what the file gives back, not of what was meant to be written.</summary>
    private void SealSegment()
    {
        SegmentInfo last = _segments[^1];
        string previous = _segments.Count == 1 ? SegmentFooter.NoHash : _segments[^2].Hash ?? SegmentFooter.NoHash;
        var footer = new SegmentFooter(last.FirstSequence, last.LastSequence, last.FrameCount, _offset, SegmentFooter.HashOf(_file!, _offset), previous);
        Span<byte> bytes = stackalloc byte[SegmentFooter.Size];
        footer.Write(bytes);
        _file!.Write(_offset, bytes);
        _file.SetLength(_offset + SegmentFooter.Size); // a checkpoint that failed may have written further
        _segments[^1] = last with { Hash = footer.Hash };
    }

    private void OpenLast()
    {
        if (_segments.Count == 0 || _segments[^1].IsSealed)
        {
            StartNext();
            return;
        }

        SegmentInfo last = _segments[^1];
        _file = _files.Open(PathOf(_directory, last.Number), create: false);
        _offset = last.LengthBytes;
    }

    private void StartNext()
    {
        int number = _segments.Count == 0 ? _firstNumber : _segments[^1].Number + 1;
        _files.CreateDirectory(_directory);
        _file = _files.Open(PathOf(_directory, number), create: true); // one left over from a checkpoint that failed is overwritten
        _isNew = true;
        var header = new FileHeader(FileHeader.SegmentMagic, _random.NextUInt64(), _owner, _segments.Count == 0 ? 0 : _segments[^1].Identity, 0);
        Span<byte> bytes = stackalloc byte[FileHeader.LengthBytes];
        header.Write(bytes);
        _file.Write(0, bytes);
        _offset = FileHeader.LengthBytes;
        _segments.Add(new SegmentInfo(number, header.Identity, _offset));
    }
}

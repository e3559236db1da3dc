using System.Collections.Immutable;

namespace DriftDb.Storage;

internal delegate void FrameHandler(in Frame frame, ReadOnlyMemory<byte> payload);

/// <summary>Reads segments: at recovery, in the doctor's checks, for compaction. Up to the length that the manifest counts everything must be whole.</summary>
internal static class SegmentReader
{
    public static void Read(IFileSystem files, string directory, long owner, ImmutableArray<SegmentInfo> segments, FrameHandler handler)
    {
        foreach (SegmentInfo segment in segments) Read(files, directory, owner, segment, handler);
    }

    public static void Read(IFileSystem files, string directory, long owner, SegmentInfo segment, FrameHandler handler)
    {
        string path = SegmentWriter.PathOf(directory, segment.Number);
        byte[] bytes = Content(files, path, owner, segment);
        int position = FileHeader.LengthBytes;
        while (position < bytes.Length)
        {
            if (!Frame.TryRead(bytes.AsSpan(position), segment.Identity, out Frame frame)) throw WalReader.Corrupt(path, position, "a frame is damaged");
            handler(frame, bytes.AsMemory(position + frame.PayloadOffset, frame.Payload.Length));
            position += frame.LengthBytes;
        }
    }

    /// <summary>Header and frames, the header checked.</summary>
    private static byte[] Content(IFileSystem files, string path, long owner, SegmentInfo segment)
    {
        if (!files.Exists(path)) throw WalReader.Corrupt(path, 0, "the file is missing");
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)segment.LengthBytes), pinned: true);
        using (IFile file = files.Open(path, create: false))
        {
            if (file.Read(0, bytes) != bytes.Length) throw WalReader.Corrupt(path, file.LengthBytes, "the file is shorter than it should be");
        }

        if (!FileHeader.TryRead(bytes, FileHeader.SegmentMagic, out FileHeader header) || header.Identity != segment.Identity || header.Number != owner)
            throw WalReader.Corrupt(path, 0, "the file header is damaged, or the file belongs elsewhere");
        return bytes;
    }

    /// <summary>Checks a sealed segment's footer and its hash against the manifest and against the segment before it; gives what is wrong.</summary>
    public static IEnumerable<string> CheckSeals(IFileSystem files, string directory, ImmutableArray<SegmentInfo> segments)
    {
        string previous = SegmentFooter.NoHash;
        foreach (SegmentInfo segment in segments)
        {
            if (segment.IsSealed && CheckSeal(files, SegmentWriter.PathOf(directory, segment.Number), segment, previous) is { } wrong) yield return wrong;
            previous = segment.Hash ?? SegmentFooter.NoHash;
        }
    }

    private static string? CheckSeal(IFileSystem files, string path, SegmentInfo segment, string previous)
    {
        if (!files.Exists(path)) return null; // the reader of its frames says so
        using IFile file = files.Open(path, create: false);
        byte[] bytes = new byte[SegmentFooter.Size];
        int read = file.Read(segment.LengthBytes, bytes);
        if (SegmentFooter.Read(bytes.AsSpan(0, read)) is not { } footer) return $"\"{path}\": damaged footer";
        if (footer != new SegmentFooter(segment.FirstSequence, segment.LastSequence, segment.FrameCount, segment.LengthBytes, segment.Hash!, previous))
            return $"\"{path}\": the footer and the manifest or the segment before disagree";
        return SegmentFooter.HashOf(file, segment.LengthBytes) == segment.Hash ? null : $"\"{path}\": the content was changed after it had been sealed (its SHA-256 is another)";
    }
}

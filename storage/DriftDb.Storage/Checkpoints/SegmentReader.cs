using System.Collections.Immutable;

namespace DriftDb.Storage;

internal delegate void FrameHandler(in Frame frame, ReadOnlyMemory<byte> payload);

/// <summary>Reads segments at recovery. Up to the length that the manifest counts everything must be whole.</summary>
internal static class SegmentReader
{
    public static void Read(IFileSystem files, string directory, long owner, ImmutableArray<SegmentInfo> segments, FrameHandler handler)
    {
        foreach (SegmentInfo segment in segments)
        {
            string path = SegmentWriter.PathOf(directory, segment.Number);
            byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)segment.LengthBytes), pinned: true);
            using (IFile file = files.Open(path, create: false))
            {
                if (file.Read(0, bytes) != bytes.Length) throw WalReader.Corrupt(path, file.LengthBytes, "the file is shorter than it should be");
            }

            if (!FileHeader.TryRead(bytes, FileHeader.SegmentMagic, out FileHeader header) || header.Identity != segment.Identity || header.Number != owner)
                throw WalReader.Corrupt(path, 0, "the file header is damaged, or the file belongs elsewhere");
            int position = FileHeader.LengthBytes;
            while (position < bytes.Length)
            {
                if (!Frame.TryRead(bytes.AsSpan(position), segment.Identity, out Frame frame)) throw WalReader.Corrupt(path, position, "a frame is damaged");
                handler(frame, bytes.AsMemory(position + frame.PayloadOffset, frame.Payload.Length));
                position += frame.LengthBytes;
            }
        }
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A committed transaction in a log file: the frames from one offset to its last frame, with batch frames in between.</summary>
internal readonly struct LoggedTransaction(LogFileReader file, long begin, long last)
{
    /// <summary>The commit, or the advance of an SQL sequence, which stands alone.</summary>
    public void ReadLast(out Frame frame, out ReadOnlyMemory<byte> payload)
    {
        if (!file.TryRead(last, out frame, out payload, checkCrc: false)) throw Gone(last);
    }

    /// <summary>The frames before the last, in order, each valid during the call.</summary>
    public void ReadEvents(FrameHandler handler)
    {
        for (long position = begin; position < last;)
        {
            if (!file.TryRead(position, out Frame frame, out ReadOnlyMemory<byte> payload, checkCrc: false)) throw Gone(position);
            if (frame.Type != EventType.Batch) handler(frame, payload);
            position += frame.LengthBytes;
        }
    }

    private SqlException Gone(long position) => WalReader.Corrupt(file.Path, position, "a frame can't be read again");
}

using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Reads WAL files at recovery and decides where the log ends.</summary>
internal static class WalReader
{
    /// <summary>
    /// Finished files by number, then the current one if there is one; from a number on, because what a checkpoint has taken is only clutter: some of it may have come back after a crash, and some not.
    /// </summary>
    public static List<(string Path, FileHeader Header)> Find(IFileSystem files, long firstNumber)
    {
        var found = new List<(string Path, FileHeader Header)>();
        foreach (string name in files.List(WriteAheadLog.Directory))
        {
            if (name.EndsWith(".tmp", StringComparison.Ordinal) || !name.StartsWith("wal.log", StringComparison.Ordinal)) continue;
            string path = $"{WriteAheadLog.Directory}/{name}";
            if (NumberOf(name) is { } number && number < firstNumber) continue;
            using IFile file = files.Open(path, create: false);
            byte[] bytes = new byte[FileHeader.LengthBytes];
            file.Read(0, bytes);
            if (!FileHeader.TryRead(bytes, FileHeader.WalMagic, out FileHeader header)) throw Corrupt(path, 0, "the file header is damaged");
            found.Add((path, header));
        }

        found.Sort((a, b) => a.Header.Number.CompareTo(b.Header.Number));
        for (int i = 1; i < found.Count; i++)
        {
            if (found[i].Header.Number != found[i - 1].Header.Number + 1 || found[i].Header.PreviousIdentity != found[i - 1].Header.Identity)
                throw Corrupt(found[i].Path, 0, "the log file before it is missing");
        }

        return found;
    }

    /// <summary>Paths of finished files below a number.</summary>
    public static IEnumerable<string> FindOld(IFileSystem files, long firstNumber) =>
        files.List(WriteAheadLog.Directory).Where(name => NumberOf(name) < firstNumber).Select(name => $"{WriteAheadLog.Directory}/{name}");

    /// <summary>The number in a finished file's name; null for other names.</summary>
    private static long? NumberOf(string name) =>
        name.StartsWith("wal.log.", StringComparison.Ordinal) && long.TryParse(name.AsSpan("wal.log.".Length), System.Globalization.CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>
    /// Gives every committed transaction (and those frames that are of none: <see cref="EventType.SequenceAdvance"/>) to the handler, in order, and returns where the committed part ends.
    /// </summary>
    /// <param name="file">The file, opened.</param>
    /// <param name="expectedEnd">Where a finished file must end; -1 for the last file, whose end may be torn.</param>
    /// <param name="handler">Receives a transaction; its frames are there during the call.</param>
    public static long Read(LogFileReader file, long expectedEnd, Action<LoggedTransaction> handler)
    {
        long committedEnd = FileHeader.LengthBytes, position = FileHeader.LengthBytes, begin = position;
        int events = 0;
        file.Anchor = begin;
        while (file.TryRead(position, out Frame frame, out _))
        {
            long start = position;
            position += frame.LengthBytes;
            if (frame.Type != EventType.Batch) events++;
            // Without events behind it: the frame of a shutdown in good order, or of a write whose events were lost.
            else if (events == 0) committedEnd = position;
            if (frame.Type is EventType.Commit || (frame.Type == EventType.SequenceAdvance && events == 1))
            {
                handler(new LoggedTransaction(file, begin, start));
                committedEnd = position;
                events = 0;
            }

            if (events == 0) file.Anchor = begin = position;
        }

        if (expectedEnd >= 0)
        {
            if (position != expectedEnd || events > 0) throw Corrupt(file.Path, position, "a frame is damaged in the middle of the log");
        }
        else
        {
            long claim = LaterSync(file, position);
            if (claim > position) throw Corrupt(file.Path, position, "a frame is damaged, but what follows it was written after it had been synced");
        }

        return committedEnd;
    }

    /// <summary>The largest position that a valid batch frame from the offset on says was synced before it; 0 when there is none.</summary>
    private static long LaterSync(LogFileReader file, long offset)
    {
        long claim = 0;
        while (offset < file.LengthBytes)
        {
            ReadOnlySpan<byte> bytes = file.Window(offset);
            bool isLast = offset + bytes.Length >= file.LengthBytes;
            // A batch frame that the window cuts off is looked for in the next.
            int starts = isLast ? bytes.Length - Frame.PrefixBytes : bytes.Length - LogBuffer.HeadroomBytes;
            claim = Math.Max(claim, LaterSync(bytes, starts, file.Identity));
            if (isLast) break;
            offset += starts;
        }

        return claim;
    }

    private static long LaterSync(ReadOnlySpan<byte> bytes, int starts, ulong identity)
    {
        long claim = 0;
        for (int i = 0; i < starts; i++)
        {
            int skip = bytes[i..].IndexOfAnyExcept((byte)0);
            if (skip < 0) break;
            i += skip; // a batch frame begins with its length, whose first byte isn't 0
            if (i >= starts) break;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]);
            if (length is < Frame.ShortestBodyBytes or > LogBuffer.HeadroomBytes) continue;
            if (!Frame.TryRead(bytes[i..], identity, out Frame frame) || frame.Type != EventType.Batch || frame.Payload.Length != 9) continue;
            claim = Math.Max(claim, (long)BinaryPrimitives.ReadUInt64BigEndian(frame.Payload[1..]));
        }

        return claim;
    }

    public static SqlException Corrupt(string path, long offset, string what) =>
        new(SqlState.DataCorrupted, $"corruption in \"{path}\" at byte {offset}: {what}", hint: "Restore from a backup; the data directory was not changed.");
}

namespace DriftDb.Storage;

/// <summary>Compaction: a table's segments become few large ones and its snapshots one file without the leavings of older ones; what retention and erasures have taken away goes. Readers and writers don't notice.</summary>
public sealed partial class DriftStore
{
    public partial CompactionResult Compact(StorageTable table)
    {
        if (IsVolatile) return new CompactionResult(0, 0, 0, 0);
        using (HoldCheckpoints())
        {
            Checkpoint();
            if (FilesOf(table) is not { } files) return new CompactionResult(0, 0, 0, 0);
            long before = SizeOf(files);
            if (table.Definition.HistoryRetention is null) Rewrite(table);
            else ApplyRetention(table);
            TableFiles after = FilesOf(table)!;
            return new CompactionResult(files.Segments.Length, after.Segments.Length, before, SizeOf(after));
        }
    }

    private static long SizeOf(TableFiles files) => files.Segments.Sum(segment => segment.LengthBytes) + (files.Snapshot?.Files.Sum(file => file.LengthBytes) ?? 0);
}

/// <summary>What a compaction did.</summary>
public sealed record CompactionResult(int SegmentsBefore, int SegmentsAfter, long BytesBefore, long BytesAfter);

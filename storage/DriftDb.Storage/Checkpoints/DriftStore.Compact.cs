using System.Collections.Immutable;
using System.IO.Hashing;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Compaction: a table's segments become few large ones, frame by frame, and its snapshots one file without the leavings of older ones. Readers and writers don't notice.</summary>
public sealed partial class DriftStore
{
    public partial CompactionResult Compact(StorageTable table)
    {
        if (IsVolatile) return new CompactionResult(0, 0, 0, 0);
        lock (_checkpointLock)
        {
            Checkpoint();
            TableFiles? files = _manifest.Tables.FirstOrDefault(candidate => candidate.TableId == table.Id);
            if (files is null) return new CompactionResult(0, 0, 0, 0);
            long before = SizeOf(files);
            TableFiles merged = files.Segments.Length > 1 ? MergeSegments(files) : files;
            Publish(_manifest with { Tables = _manifest.Tables.Replace(files, merged) }, rewritten: table.Id);
            DeleteUnusedSegments(files);
            TableFiles after = _manifest.Tables.First(candidate => candidate.TableId == table.Id);
            return new CompactionResult(files.Segments.Length, after.Segments.Length, before, SizeOf(after));
        }
    }

    private static long SizeOf(TableFiles files) => files.Segments.Sum(segment => segment.LengthBytes) + (files.Snapshot?.Files.Sum(file => file.LengthBytes) ?? 0);

    private TableFiles MergeSegments(TableFiles files)
    {
        string directory = SegmentDirectory(files);
        using var writer = new SegmentWriter(_files, _options.Random, directory, files.TableId, [], _options.SegmentBytes, firstNumber: files.Segments[^1].Number + 1);
        EventMultiset before = default, after = default;
        SegmentReader.Read(_files, directory, files.TableId, files.Segments, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            before.Add(frame, payload.Span);
            if (!Faults.DropFrameInCompaction || before.Count != 3) writer.Append(frame.Whole);
        });
        writer.Finish();
        // Proven on what the disk gives back: nothing is lost, added or changed.
        ImmutableArray<SegmentInfo> segments = writer.Segments;
        SegmentReader.Read(_files, directory, files.TableId, segments, (in Frame frame, ReadOnlyMemory<byte> payload) => after.Add(frame, payload.Span));
        if (before != after && !Faults.IgnoreEventMultiset) throw new SqlException(SqlState.DataCorrupted, $"compaction of \"{directory}\" would have changed the table's events; the segments were left as they are");
        return files with { Segments = segments };
    }

    private void DeleteUnusedSegments(TableFiles before)
    {
        TableFiles after = _manifest.Tables.First(candidate => candidate.TableId == before.TableId);
        foreach (SegmentInfo segment in before.Segments)
        {
            if (!after.Segments.Any(kept => kept.Number == segment.Number)) _files.Delete(SegmentWriter.PathOf(SegmentDirectory(before), segment.Number));
        }
    }

    internal static string SegmentDirectory(TableFiles files) => $"{CheckpointRun.TablesDirectory}/{files.Directory}/segments";

    /// <summary>Count and sum of hashes of frames without what differs between files: equal for the same events in any order.</summary>
    private record struct EventMultiset(long Count, UInt128 Sum)
    {
        public void Add(in Frame frame, ReadOnlySpan<byte> payload)
        {
            var hash = new XxHash128(frame.Sequence);
            Span<byte> head = stackalloc byte[9];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(head, frame.UnixMs);
            head[8] = (byte)frame.Type;
            hash.Append(head);
            hash.Append(payload);
            Count++;
            Sum = unchecked(Sum + hash.GetCurrentHashAsUInt128());
        }
    }
}

/// <summary>What a compaction did.</summary>
public sealed record CompactionResult(int SegmentsBefore, int SegmentsAfter, long BytesBefore, long BytesAfter);

using Xunit;

namespace DriftDb.Storage.Tests;

public sealed class RowDirectoryTests
{
    /// <summary>Rows come in runs, with gaps, and change now and then: what the directory says is what was written, whether a segment is runs or an array of places.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(1_000)]
    public void Places_are_what_was_written(int changesPerMillion)
    {
        const int Rows = 5 * RowDirectory.SegmentRows + 777;
        var random = new Random(changesPerMillion);
        var directory = new RowDirectory(new MemoryAccount("pages", long.MaxValue), new MemoryAccount("changed", long.MaxValue));
        long[] expected = new long[Rows];
        Array.Fill(expected, -1);
        long place = 0;
        for (int row = 0; row < Rows; row++)
        {
            if (random.Next(4_000) == 0) row += random.Next(30);
            if (row >= Rows) break;
            place = random.Next(3_000) == 0 ? random.NextInt64(1L << 40) : place + 1;
            directory[row] = expected[row] = place;
            if (random.Next(1_000_000) >= changesPerMillion) continue;
            int changed = random.Next(row + 1);
            directory[changed] = expected[changed] = random.NextInt64(1L << 40);
        }

        for (int row = 0; row < Rows; row++) Assert.True(directory[row] == expected[row], $"row {row}: {directory[row]} instead of {expected[row]}");
        Assert.Equal(-1, directory[Rows + 100_000]);
    }

    [Fact]
    public void A_table_that_is_filled_takes_next_to_no_memory()
    {
        var changed = new MemoryAccount("changed", long.MaxValue);
        var directory = new RowDirectory(new MemoryAccount("pages", long.MaxValue), changed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int row = 0; row < 100 * RowDirectory.SegmentRows; row++) directory[row] = ColumnChunk.Place(row / 50_000, row % 50_000);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
        Assert.Equal(0, changed.UsedBytes);
        directory[5 * RowDirectory.SegmentRows + 3] = 17;
        Assert.Equal(RowDirectory.SegmentRows * 8, changed.UsedBytes);
        Assert.Equal(17, directory[5 * RowDirectory.SegmentRows + 3]);
        Assert.Equal(ColumnChunk.Place((5 * RowDirectory.SegmentRows + 4) / 50_000, (5 * RowDirectory.SegmentRows + 4) % 50_000), directory[5 * RowDirectory.SegmentRows + 4]);
    }
}

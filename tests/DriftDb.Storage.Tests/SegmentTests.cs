namespace DriftDb.Storage.Tests;

/// <summary>What a checkpoint leaves on the disk: an independent reader agrees with the store, and whoever changes a sealed segment is noticed.</summary>
public sealed class SegmentTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_independent_reader_agrees_with_the_store(int seed)
    {
        using TestStore test = Filled(seed);
        test.Store.PumpLog();
        IndependentReader reader = test.Disk.IndependentReader();
        reader.Read(1);
        Assert.Equal(test.Store.TransactionCount, reader.Commits);
        Assert.Equal(test.Store.VisibleSequence, reader.LastSequence);
        Assert.Equal(
            Rows.Scan(test.Table, test.Store.LatestView),
            reader.Rows.Values.Select(TestRow.Of).OrderBy(row => row.Id));
    }

    [Fact]
    public void A_changed_sealed_segment_is_noticed_by_its_hash()
    {
        using TestStore test = Filled(4);
        Manifest manifest = Manifest.Read(test.Disk);
        TableFiles table = Assert.Single(manifest.Tables);
        Assert.True(table.Segments.Count(segment => segment.IsSealed) > 2);
        string directory = $"tables/{table.Directory}/segments";
        Assert.Empty(SegmentReader.CheckSeals(test.Disk, directory, table.Segments));

        // A forger who makes the frame's CRC and the footer right again is still found out by the next segment's footer.
        SegmentInfo first = table.Segments[0];
        byte[] bytes = test.Disk.Content(SegmentWriter.PathOf(directory, first.Number));
        bytes[(int)first.LengthBytes - 1] ^= 1;
        Assert.Single(SegmentReader.CheckSeals(test.Disk, directory, table.Segments));
        string forged = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(0, (int)first.LengthBytes)));
        new SegmentFooter(first.FirstSequence, first.LastSequence, first.FrameCount, first.LengthBytes, forged, SegmentFooter.NoHash).Write(bytes.AsSpan((int)first.LengthBytes));
        var segments = table.Segments.SetItem(0, first with { Hash = forged });
        Assert.Contains("00000002.seg", Assert.Single(SegmentReader.CheckSeals(test.Disk, directory, segments)), StringComparison.Ordinal);
    }

    /// <summary>A store with many small segments and a tail in the log.</summary>
    private static TestStore Filled(int seed)
    {
        var random = new Random(seed);
        var test = new TestStore(segmentBytes: 2048);
        test.CreateTable();
        for (int i = 0; i < 400; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            int id = random.Next(30);
            var row = new TestRow(id, random.Next(3) == 0 ? null : random.NextInt64(), random.Next(3) == 0 ? null : new string('é', random.Next(40)));
            if (!test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, transaction.View, transaction, out RowVersion old)) transaction.Insert(test.Table, row);
            else if (random.Next(4) == 0) transaction.Delete(test.Table, old.RowId);
            else transaction.Update(test.Table, old.RowId, row);
            transaction.Commit();
            if (i % 40 == 20) test.Store.Checkpoint();
        }

        return test;
    }
}

namespace DriftDb.Storage.Tests;

/// <summary>The doctor tells a torn tail, a damaged frame, a missing file, a broken seal and a damaged snapshot apart, and changes nothing.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void A_sound_directory_is_sound_and_stays_as_it_is()
    {
        SimulatedFileSystem disk = Filled();
        int operations = disk.Operations;
        Assert.Empty(Check(disk));
        Assert.Equal(operations, disk.Operations);
    }

    [Fact]
    public void A_torn_tail_is_named_and_is_no_loss()
    {
        SimulatedFileSystem disk = Filled();
        using (IFile log = disk.Open(WriteAheadLog.CurrentPath, create: false))
        {
            byte[] bytes = new byte[log.LengthBytes];
            log.Read(0, bytes);
            int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            log.Write(end, new byte[] { 40, 0, 0, 0, 1, 2, 3, 4, 5 });
        }

        Assert.Equal(FindingKind.TornTail, Assert.Single(Check(disk)).Kind);
    }

    [Fact]
    public void A_damaged_frame_is_named()
    {
        SimulatedFileSystem disk = Filled();
        disk.Content("tables/t/segments/00000001.seg")[200] ^= 4;
        Finding finding = Assert.Single(Check(disk), found => found.Kind == FindingKind.DamagedFrame);
        Assert.Contains("tables/t/segments/00000001.seg", finding.Message, StringComparison.Ordinal);
        Assert.Contains(Check(disk), found => found.Kind == FindingKind.BrokenSeal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        SimulatedFileSystem disk = Filled();
        disk.Delete("tables/t/segments/00000002.seg");
        Assert.Contains("00000002.seg", Assert.Single(Check(disk), found => found.Kind == FindingKind.MissingFile).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_snapshot_is_named_and_rebuilt()
    {
        SimulatedFileSystem disk = Filled();
        byte[] bytes = disk.Content($"tables/t/snapshots/{disk.List("tables/t/snapshots")[^1]}");
        bytes[^5] ^= 4;
        Finding finding = Assert.Single(Check(disk));
        Assert.Equal(FindingKind.DamagedSnapshot, finding.Kind);
        Assert.False(finding.IsLoss);
        StoreDoctor.Rebuild("", Options(disk));
        Assert.Empty(Check(disk));
    }

    [Fact]
    public void A_directory_in_use_is_refused()
    {
        using var test = new TestStore();
        test.CreateTable();
        test.Disk.IsLocked = true;
        Assert.Equal(DriftDb.Types.SqlState.ObjectInUse, Assert.Throws<DriftDb.Types.SqlException>(() => StoreDoctor.Check("", Options(test.Disk))).SqlState);
    }

    private static IReadOnlyList<Finding> Check(SimulatedFileSystem disk) => StoreDoctor.Check("", Options(disk));

    private static StoreOptions Options(SimulatedFileSystem disk) => new() { FileSystem = disk, Clock = new ManualClock(), Random = new SeededRandom(9), ManualLogWriter = true, WalFileBytes = 1 << 14, CheckpointBytes = 0 };

    private static SimulatedFileSystem Filled()
    {
        var disk = new SimulatedFileSystem();
        using var test = new TestStore(disk, segmentBytes: 2048, smallestChunkRows: 8);
        test.CreateTable();
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            int id = random.Next(40);
            var row = new TestRow(id, i, $"text {i}");
            if (!test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, transaction.View, transaction, out RowVersion old)) transaction.Insert(test.Table, row);
            else if (random.Next(5) == 0) transaction.Delete(test.Table, old.RowId);
            else transaction.Update(test.Table, old.RowId, row);
            transaction.Commit();
            if (i % 70 == 50) test.Store.Checkpoint();
        }

        test.Store.PumpLog();
        return disk;
    }
}

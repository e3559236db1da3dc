using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Every byte of a small database is flipped in turn: the damage is noticed with XX001, or it does no harm. Never a wrong row, never another kind of failure.</summary>
public sealed class DamageTests
{
    [Fact]
    public void No_flipped_byte_gives_a_wrong_row()
    {
        SimulatedFileSystem disk = Filled(out List<(long Sequence, List<TestRow> Rows)> remembered);
        long total = disk.Paths.Sum(path => (long)disk.Content(path).Length);
        // DRIFTDB_DAMAGE_STEP=1 for every byte.
        int step = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_DAMAGE_STEP"), System.Globalization.CultureInfo.InvariantCulture, out int wanted) ? wanted : (int)(total / 1500) + 1;
        int noticed = 0, harmless = 0, offset = 0;
        foreach (string path in disk.Paths)
        {
            int length = disk.Content(path).Length;
            for (; offset < length; offset += step)
            {
                SimulatedFileSystem damaged = disk.Copy();
                damaged.Content(path)[offset] ^= (byte)(1 << (offset % 8));
                try
                {
                    using var test = new TestStore(damaged, walFileBytes: 4096, segmentBytes: 2048, smallestChunkRows: 8);
                    foreach ((long sequence, List<TestRow> rows) in remembered) Assert.Equal(rows, Rows.Scan(test.Table, test.Store.LatestView.At(sequence)));
                    Assert.Empty(new TableCheck(test.Table).Run());
                    harmless++;
                }
                catch (SqlException exception) when (exception.SqlState == SqlState.DataCorrupted)
                {
                    noticed++;
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException($"byte {offset} of {path}", exception);
                }
            }

            offset -= length;
        }

        Assert.True(noticed > 100 && harmless > 100, $"{noticed} noticed, {harmless} harmless");
    }

    /// <summary>The last write before a shutdown in good order was synced: damage to it isn't a torn tail.</summary>
    [Fact]
    public void Damage_to_the_last_write_before_a_shutdown_is_told_from_a_torn_tail()
    {
        var disk = new SimulatedFileSystem();
        using (var test = new TestStore(disk, manual: false))
        {
            test.CreateTable();
            using StoreTransaction transaction = test.Store.Begin();
            transaction.Insert(test.Table, new TestRow(1, 1, "the last row"));
            test.Store.WaitDurable(transaction.Commit().Lsn);
        }

        int at = disk.Content(WriteAheadLog.CurrentPath).AsSpan().IndexOf("the last row"u8);
        Assert.True(at > 0);
        disk.Content(WriteAheadLog.CurrentPath)[at] ^= 1;
        SqlException exception = Assert.Throws<SqlException>(() => new TestStore(disk));
        Assert.Equal(SqlState.DataCorrupted, exception.SqlState);
        Assert.Contains("wal/wal.log\" at byte", exception.Message, StringComparison.Ordinal);
    }

    private static SimulatedFileSystem Filled(out List<(long Sequence, List<TestRow> Rows)> remembered)
    {
        var disk = new SimulatedFileSystem();
        using var test = new TestStore(disk, walFileBytes: 4096, segmentBytes: 2048, smallestChunkRows: 8);
        test.CreateTable();
        remembered = [];
        var random = new Random(6);
        for (int i = 0; i < 400; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            int id = random.Next(40);
            var row = new TestRow(id, i, $"text {i}");
            if (!test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, transaction.View, transaction, out RowVersion old)) transaction.Insert(test.Table, row);
            else if (random.Next(5) == 0) transaction.Delete(test.Table, old.RowId);
            else transaction.Update(test.Table, old.RowId, row);
            transaction.Commit();
            if (i % 90 == 60) test.Store.Checkpoint();
            if (i % 50 == 0) remembered.Add((test.Store.VisibleSequence, Rows.Scan(test.Table, test.Store.LatestView)));
        }

        // A start finishes the log file, and the next file's header says where it must end: so its last write is known to have been whole.
        test.Restart();
        return disk;
    }
}

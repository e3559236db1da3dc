namespace DriftDb.Storage.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void Analyze_finds_counts_bounds_and_common_values()
    {
        using var test = new TestStore(walFileBytes: 1 << 20);
        test.CreateTable();
        using (StoreTransaction transaction = test.Store.Begin())
        {
            for (int i = 0; i < 20_000; i++) transaction.Insert(test.Table, new TestRow(i, i % 4 == 0 ? null : i % 2 == 0 ? 7 : i, i % 3 == 0 ? "common" : "v" + i));
            transaction.Commit();
        }

        TableStatistics statistics = test.Store.Analyze(test.Table);
        Assert.Equal(20_000, statistics.RowCount);
        ColumnStatistics id = statistics.Columns[Rows.IdColumn], a = statistics.Columns[Rows.AColumn], b = statistics.Columns[Rows.BColumn];
        Assert.Equal((0, 19_999), (id.Minimum, id.Maximum));
        Assert.InRange(id.DistinctCount, 19_000, 20_000);
        Assert.Equal(0.25, a.NullFraction, 3);
        Assert.Equal(7, BitConverter.ToInt64(a.MostCommon[0].Value.Bytes));
        Assert.Equal(0.25, a.MostCommon[0].Fraction, 2);
        Assert.Equal("common"u8.ToArray(), b.MostCommon[0].Value.Bytes.ToArray());
        Assert.Equal(101, id.Histogram.Length);
        Assert.Equal(0, BitConverter.ToInt32(id.Histogram[0].Bytes));
        Assert.InRange(BitConverter.ToInt32(id.Histogram[50].Bytes), 9_900, 10_100);
    }
}

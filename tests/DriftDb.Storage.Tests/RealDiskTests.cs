using DriftDb.Types;

namespace DriftDb.Storage.Tests;

public sealed class RealDiskTests : IDisposable
{
    private readonly DirectoryInfo _directory = new(Path.Combine(Path.GetTempPath(), $"driftdb-test-{Environment.ProcessId}-{Environment.TickCount64}"));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_data_directory_on_a_real_disk_keeps_commits_and_has_one_owner()
    {
        var options = new StoreOptions { WalFileBytes = 1 << 16 };
        using (DriftStore store = DriftStore.Open(_directory.FullName, options))
        {
            Assert.Equal(SqlState.ObjectInUse, Assert.Throws<SqlException>(() => DriftStore.Open(_directory.FullName, options)).SqlState);
            using (StoreTransaction create = store.Begin())
            {
                create.CreateTable(Rows.Definition(name: "Odd name"));
                create.CreateIndex(new IndexDefinition(11, 1, "t_pkey", [Rows.IdKey], IsUnique: true));
                create.Commit();
            }

            int acknowledged = 0;
            for (int i = 0; i < 500; i++)
            {
                using StoreTransaction transaction = store.Begin();
                transaction.Insert(store.FindTable(1)!, new TestRow(i, i, new string('x', 200)));
                store.OnDurable(transaction.Commit().Lsn, () => Interlocked.Increment(ref acknowledged));
                if (i % 100 == 50) store.Checkpoint();
            }

            await Task.Run(() => store.WaitDurable(store.VisibleLsn));
            Assert.Equal(500, acknowledged);
            Assert.Equal(store.VisibleSequence, store.DurableSequence);
        }

        using DriftStore again = DriftStore.Open(_directory.FullName, options);
        Assert.Equal(Enumerable.Range(0, 500), Rows.Scan(again.FindTable(1)!, again.LatestView).Select(row => row.Id));
        string table = Assert.Single(Path.Exists(Path.Combine(_directory.FullName, "tables")) ? new DirectoryInfo(Path.Combine(_directory.FullName, "tables")).GetDirectories() : []).Name;
        Assert.Equal("table-1", table);
        Assert.True(Path.Exists(Path.Combine(_directory.FullName, "tables", table, "schema.yaml")));
    }
}

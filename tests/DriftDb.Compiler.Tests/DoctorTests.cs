using DriftDb.Storage;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>The doctor compares indexes with their tables that only the compiler can compute: by expressions, of a part of the rows.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "driftdb-doctor-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Indexes_by_expressions_and_of_a_part_of_the_rows_are_compared_with_their_tables()
    {
        Fill(spoil: false);
        Assert.Empty(DatabaseDoctor.Check(_path));
    }

    [Theory]
    [InlineData("t_half")]
    [InlineData("t_lower")]
    public void What_such_an_index_lacks_is_found_and_made_again(string index)
    {
        Fill(spoil: true);
        Assert.Contains(DatabaseDoctor.Check(_path), finding => finding.Kind == FindingKind.DamagedIndex && finding.Message.Contains($"index {index} lacks row", StringComparison.Ordinal));
        DatabaseDoctor.Rebuild(_path);
        Assert.Empty(DatabaseDoctor.Check(_path));
    }

    /// <param name="spoil">Some entries are missed, as a fault of the store would.</param>
    private void Fill(bool spoil)
    {
        using var database = DriftDatabase.Open(_path);
        database.Execute("CREATE TABLE t (id int, name text)");
        database.Execute("CREATE INDEX t_half ON t (name) WHERE id % 2 = 1");
        database.Execute("CREATE INDEX t_lower ON t (lower(name), id)");
        Faults.MissIndexEntry = spoil;
        try
        {
            for (int i = 0; i < 300; i++) database.Execute($"INSERT INTO t VALUES ({i % 100}, 'Name {i}')");
        }
        finally
        {
            Faults.MissIndexEntry = false;
        }

        database.Execute("UPDATE t SET name = name || '!' WHERE id < 10");
        database.Execute("CHECKPOINT");
    }
}

namespace DriftDb.Compiler.Tests;

/// <summary>A database in a directory of its own that is gone after the test.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "driftdb-compiler-" + Guid.NewGuid().ToString("N"));

    public TestDatabase() => Database = DriftDatabase.Open(_path);

    public DriftDatabase Database { get; private set; }

    /// <summary>Closes the database and opens it again, as a restart of the program would.</summary>
    public void Restart()
    {
        Database.Dispose();
        Database = DriftDatabase.Open(_path);
    }

    public void Dispose()
    {
        Database.Dispose();
        Directory.Delete(_path, recursive: true);
    }
}

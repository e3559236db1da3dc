namespace DriftDb.Compiler.Tests;

/// <summary>A database in a directory of its own that is gone after the test.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "driftdb-compiler-" + Guid.NewGuid().ToString("N"));

    public TestDatabase() => Database = DriftDatabase.Open(_path);

    public DriftDatabase Database { get; private set; }

    /// <summary>The data directory.</summary>
    public string DataPath => _path;

    private readonly Dictionary<string, DriftSession> _sessions = [];

    /// <summary>The session of this name, opened when it is first asked for.</summary>
    public DriftSession Session(string name)
    {
        if (!_sessions.TryGetValue(name, out var session)) _sessions.Add(name, session = Database.OpenSession());
        return session;
    }

    public void Disconnect(string name)
    {
        if (_sessions.Remove(name, out var session)) session.Dispose();
    }

    private void DisconnectAll()
    {
        foreach (string name in _sessions.Keys.ToList()) Disconnect(name);
    }

    /// <summary>Closes the database and opens it again, as a restart of the program would.</summary>
    public void Restart()
    {
        DisconnectAll();
        Database.Dispose();
        Database = DriftDatabase.Open(_path);
    }

    public void Dispose()
    {
        DisconnectAll();
        Database.Dispose();
        Directory.Delete(_path, recursive: true);
    }
}

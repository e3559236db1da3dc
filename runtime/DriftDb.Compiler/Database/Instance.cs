using System.Collections.Concurrent;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>How an instance is opened.</summary>
public sealed record InstanceOptions
{
    public StoreOptions Store { get; init; } = new();

    /// <summary>Functions beside the built-in ones: types with attributed methods.</summary>
    public IReadOnlyList<Type> FunctionTypes { get; init; } = [];

    /// <summary>Sessions at one time; further ones are refused with 53300.</summary>
    public int MaxConnections { get; init; } = 500;
}

/// <summary>A data directory with its databases: what a server serves, or a program opens in its own process.</summary>
public sealed partial class Instance : IDisposable
{
    /// <summary>The database and the user that exist from the start.</summary>
    public const string DefaultName = "driftdb";

    private readonly ConcurrentDictionary<string, Database> _databases = new();
    private readonly ConcurrentDictionary<int, Session> _sessions = new();
    private readonly InstanceOptions _options;
    private readonly string _path;
    private readonly IFileSystem _files;
    private readonly Lock _gate = new();
    private int _lastProcessId;
    private int _lastDatabaseOid = 5;

    private Instance(string path, InstanceOptions options)
    {
        _path = path;
        _options = options;
        StartedMicros = options.Store.Clock.NowMicros;
        _files = options.Store.FileSystem ?? new RealFileSystem(path);
        Functions = FunctionCatalog.WithBuiltins();
        SystemCatalog.RegisterFunctions(Functions);
        foreach (var type in options.FunctionTypes) Functions.Register(type);
        _databases[DefaultName] = OpenDatabase(DefaultName, path);
        foreach (string name in DatabaseDirectories()) _databases[name] = OpenDatabase(name, Path.Combine(path, "databases", name));
    }

    public FunctionCatalog Functions { get; }

    /// <summary>When it was opened, µs since 2000.</summary>
    internal long StartedMicros { get; }

    public IClock Clock => _options.Store.Clock;

    public IRandom Random => _options.Store.Random;

    /// <summary>The database that is the data directory itself: the server's roles are in its catalog.</summary>
    internal Database MainDatabase => _databases[DefaultName];

    public IEnumerable<Database> Databases => _databases.Values;

    /// <summary>The data directory.</summary>
    internal string DataPath => _path;

    /// <summary>The live sessions, for pg_stat_activity.</summary>
    public IEnumerable<Session> Sessions => _sessions.Values;

    /// <summary>Opens a data directory, creating it where it is missing. 55006 when another process has it, XX001 when it is damaged.</summary>
    public static Instance Open(string dataPath, InstanceOptions? options = null) => new(dataPath, options ?? new InstanceOptions());

    public Database? FindDatabase(string name) => _databases.GetValueOrDefault(name);

    /// <summary>Begins a session. A database or role that isn't there, or too many sessions, is a fatal error.</summary>
    public Session Connect(SessionOptions options)
    {
        if (_sessions.Count >= _options.MaxConnections) throw Fatal(SqlState.TooManyConnections, "sorry, too many clients already");
        if (!_databases.TryGetValue(options.Database, out var database)) throw Fatal(SqlState.InvalidCatalogName, $"database \"{options.Database}\" does not exist");
        if (MainDatabase.Catalog.Roles.Find(options.User) is { } role) CheckLogin(role);
        int processId = Interlocked.Increment(ref _lastProcessId);
        var session = new Session(this, database, options, processId, (int)Random.NextUInt64());
        _sessions[processId] = session;
        return session;
    }

    /// <summary>The role's password as a SCRAM-SHA-256 verifier; null when there is no such role, or no password that is valid at this time.</summary>
    public string? PasswordVerifierOf(string user) =>
        MainDatabase.Catalog.Roles.Find(user) is { Password: { } verifier } role && (role.ValidUntilMicros is not { } end || end > Clock.NowMicros) ? verifier : null;

    private void CheckLogin(RoleObject role)
    {
        if (!role.CanLogin) throw Fatal(SqlState.InvalidAuthorizationSpecification, $"role \"{role.Name}\" is not permitted to log in");
        if (role.ConnectionLimit >= 0 && _sessions.Values.Count(session => session.Options.User == role.Name) >= role.ConnectionLimit)
            throw Fatal(SqlState.TooManyConnections, $"too many connections for role \"{role.Name}\"");
    }

    /// <summary>Cancels what the session is running, when the secret is right. No answer either way: the protocol gives none.</summary>
    public bool Cancel(int processId, int secret)
    {
        if (!_sessions.TryGetValue(processId, out var session) || session.SecretKey != secret) return false;
        session.CancelRunning("canceling statement due to user request");
        return true;
    }

    internal Session? FindSession(int processId) => _sessions.GetValueOrDefault(processId);

    internal void Left(Session session) => _sessions.TryRemove(session.ProcessId, out _);

    /// <summary>CREATE DATABASE.</summary>
    internal void CreateDatabase(string name)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || name is "." or "..")
            throw new SqlException(SqlState.InvalidName, $"database name \"{name}\" can't be used: it names a directory");
        lock (_gate)
        {
            if (_databases.ContainsKey(name)) throw new SqlException(SqlState.DuplicateDatabase, $"database \"{name}\" already exists");
            _databases[name] = OpenDatabase(name, Path.Combine(_path, "databases", name));
        }
    }

    /// <summary>DROP DATABASE: its directory is removed.</summary>
    internal void DropDatabase(string name, bool ifExists)
    {
        lock (_gate)
        {
            if (!_databases.TryGetValue(name, out var database))
            {
                if (ifExists) return;
                throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");
            }

            if (name == DefaultName) throw new SqlException(SqlState.ObjectInUse, $"database \"{DefaultName}\" can't be dropped: it is the data directory itself");
            if (_sessions.Values.Any(session => ReferenceEquals(session.Database, database)))
                throw new SqlException(SqlState.ObjectInUse, $"database \"{name}\" is being accessed by other users");
            _databases.TryRemove(name, out _);
            database.Dispose();
            DirectoryTree.Delete(Path.Combine(_path, "databases", name));
        }
    }

    public void Dispose()
    {
        foreach (var session in _sessions.Values) session.CancelRunning("terminating connection due to administrator command");
        foreach (var database in _databases.Values) database.Dispose();
    }

    private Database OpenDatabase(string name, string path)
    {
        bool isDefault = name == DefaultName;
        var options = isDefault || _options.Store.FileSystem is null ? _options.Store : throw new SqlException(SqlState.FeatureNotSupported, "an instance on a file system of its own has one database");
        return new Database(name, Interlocked.Increment(ref _lastDatabaseOid) + WellKnownOids.FirstUser - 100, DriftStore.Open(path, options), Functions);
    }

    private IEnumerable<string> DatabaseDirectories() => _options.Store.FileSystem is null ? DirectoryTree.SubdirectoryNames(Path.Combine(_path, "databases")) : [];

    private static SqlException Fatal(string state, string message) => new(state, message) { IsFatal = true };
}

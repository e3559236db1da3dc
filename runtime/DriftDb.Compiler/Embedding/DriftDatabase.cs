using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// A database in the program's own process. The same compiler and store as behind the server; one process at a time opens a directory.
/// </summary>
/// <example><code>
/// using var db = DriftDatabase.Open("./data");
/// db.Execute("CREATE TABLE t (id int PRIMARY KEY, name text)");
/// foreach (var row in db.Query("SELECT name FROM t AS OF @seq:$1 WHERE id = $2", 5L, 1)) Console.WriteLine(row.GetString(0));
/// </code></example>
public sealed class DriftDatabase : IDisposable
{
    private readonly Instance _instance;
    private readonly DriftSession _session;

    private DriftDatabase(Instance instance, string database)
    {
        _instance = instance;
        _session = new DriftSession(instance.Connect(new SessionOptions { Database = database }));
    }

    /// <summary>The instance, for further sessions, functions and databases.</summary>
    public Instance Instance => _instance;

    /// <summary>The sequence number of the newest committed event.</summary>
    public long CurrentSequence => _instance.FindDatabase(Instance.DefaultName)!.Store.VisibleSequence;

    /// <summary>Opens a data directory, creating it where it is missing.</summary>
    public static DriftDatabase Open(string path, InstanceOptions? options = null) => new(Instance.Open(path, options), Instance.DefaultName);

    /// <summary>A further session, with a transaction of its own.</summary>
    public DriftSession OpenSession(SessionOptions? options = null) => new(_instance.Connect(options ?? new SessionOptions()));

    /// <summary>Runs one or more statements; the result of the last one is its number of rows.</summary>
    public long Execute(string sql, params object?[] parameters) => _session.Execute(sql, parameters);

    /// <summary>Runs a query and reads all of its rows.</summary>
    public IReadOnlyList<DriftRow> Query(string sql, params object?[] parameters) => _session.Query(sql, parameters);

    /// <summary>Prepares a statement, to be run any number of times.</summary>
    public PreparedQuery Prepare(string sql) => _session.Prepare(sql);

    /// <summary>Shows what the compiler makes of a statement, stage by stage.</summary>
    public PlanCompiler Compiler => new(_session.Session);

    public void Dispose()
    {
        _session.Dispose();
        _instance.Dispose();
    }
}

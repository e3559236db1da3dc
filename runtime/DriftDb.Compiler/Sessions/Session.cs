using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// One client's conversation with a database: settings, prepared statements, portals, the transaction. Used by one thread at a time; nothing in it
/// blocks a thread (see <see cref="StatementRun"/>).
/// </summary>
public sealed partial class Session : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, PreparedStatement> _statements = [];
    private readonly Dictionary<string, Portal> _portals = [];
    private readonly ConcurrentQueue<Notification> _inbox = new();
    private readonly Queue<Notice> _notices = new();
    private readonly SessionServices _services;
    private readonly List<StepMemory> _freeMemory = [];
    private volatile QueryContext? _running;
    private bool _isDisposed;

    internal Session(Instance instance, Database database, SessionOptions options, int processId, int secretKey)
    {
        Instance = instance;
        Database = database;
        Options = options;
        ProcessId = processId;
        SecretKey = secretKey;
        _services = new SessionServices(this);
        Access = new AccessControl(this);
        StartedMicros = instance.Clock.NowMicros;
        try
        {
            Settings.SetSessionDefault("session_authorization", options.User);
            Settings.Guard = Access.CheckSetting;
            Settings.SetServerValue("work_mem", SettingChecks.MemoryText(Math.Min(Store.Memory.OperatorBytes, LargestWorkBytes)));
            Settings.SetServerValue("effective_cache_size", SettingChecks.MemoryText(Store.Memory.CacheLimitBytes));
            Settings.SetServerValue("drift.memory", SettingChecks.MemoryText(Store.Memory.LengthBytes));
            foreach (string setting in Access.Roles.SettingsFor(database.Name, Access.SessionRole)) BeginWith(setting);
            if (options.ApplicationName.Length > 0) Settings.SetSessionDefault("application_name", options.ApplicationName);
            foreach (var (name, value) in options.Settings) Settings.SetSessionDefault(name, value);
        }
        catch (SqlException error)
        {
            instance.Left(this);
            throw new SqlException(error.SqlState, error.Message, error.Span, error.Detail, error.Hint, error) { IsFatal = true };
        }
    }

    /// <summary>A setting of the role (ALTER ROLE … SET). One that isn't valid any more is no reason to keep anybody out.</summary>
    private void BeginWith(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        try
        {
            Settings.SetSessionDefault(setting[..equals], setting[(equals + 1)..]);
        }
        catch (SqlException error)
        {
            Notify("WARNING", error.SqlState, error.Message);
        }
    }

    public Instance Instance { get; }

    public Database Database { get; }

    public SessionOptions Options { get; }

    /// <summary>pg_backend_pid(): what a CancelRequest names.</summary>
    public int ProcessId { get; }

    public int SecretKey { get; }

    /// <summary>When the session began, µs since 2000.</summary>
    internal long StartedMicros { get; }

    /// <summary>True while a statement runs; read by other sessions for pg_stat_activity.</summary>
    internal bool IsRunning => _running is not null;

    internal SessionSettings Settings { get; } = new();

    internal DriftStore Store => Database.Store;

    internal SessionServices Services => _services;

    /// <summary>Who the session is, and what it may do.</summary>
    internal AccessControl Access { get; }

    /// <summary>The roles of the server are in this session's own catalog.</summary>
    internal bool IsInMainDatabase => ReferenceEquals(Database, Instance.MainDatabase);

    /// <summary>COMMENT ON ROLE's texts: the server's, kept where its roles are.</summary>
    internal IEnumerable<CommentObject> RoleComments => (IsInMainDatabase ? Catalog.Snapshot : Instance.MainDatabase.Catalog).Comments.Where(comment => comment.ClassOid == WellKnownOids.PgAuthid);

    /// <summary>True while the system runs SQL of its own: a check of a constraint, a cascade. Nobody's rights count there.</summary>
    internal bool IsWithinSystem { get; set; }

    /// <summary>The statement that waits for a lock right now; a cancel reaches it here.</summary>
    internal LockWaiter? WaitingOn { get; set; }

    internal long LockTimeoutMs => SettingChecks.ParseMilliseconds("lock_timeout", Settings.Required("lock_timeout"));

    /// <summary>What ParameterStatus tells at the start.</summary>
    public IReadOnlyList<(string Name, string Value)> ReportedSettings => [.. Settings.Reported];

    public bool TryTakeSettingChange(out string name, out string value) => Settings.TryTakeChange(out name, out value);

    public bool TryTakeNotice(out Notice notice) => _notices.TryDequeue(out notice!);

    public bool TryTakeNotification(out Notification notification) => _inbox.TryDequeue(out notification!);

    /// <summary>Raised, on another session's thread, when a notification has come.</summary>
    public event Action? NotificationArrived;

    /// <summary>Starts a query string of the simple protocol.</summary>
    public StatementRun StartSimple(ReadOnlySpan<byte> sqlUtf8)
    {
        // A simple query replaces the unnamed statement, as in PostgreSQL.
        _statements.Remove("");
        ReadClock();
        try
        {
            if (FindByFingerprint(sqlUtf8) is { } shared) return new SimpleRun(this, shared);
            string text = DecodeText(sqlUtf8);
            if (FindCachedSimple(text) is { } cached) return cached;
            var statements = SqlParser.Parse(text);
            return new SimpleRun(this, text, [.. statements.Where(statement => !statement.Node.IsEmpty)]);
        }
        catch (Exception error)
        {
            throw StatementFailed(error);
        }
    }

    /// <summary>The extended protocol's Parse.</summary>
    public void Parse(string name, ReadOnlySpan<byte> sqlUtf8, ReadOnlySpan<int> parameterOids)
    {
        ReadClock();
        try
        {
            string text = DecodeText(sqlUtf8);
            if (name.Length > 0 && _statements.ContainsKey(name)) throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
            var types = ImmutableArray.CreateBuilder<SqlType>();
            foreach (int oid in parameterOids)
                types.Add(oid == 0 ? SqlType.Unknown : TypeNames.FromOid(oid) ?? Catalog.Snapshot.Types.Find(oid) ?? throw new SqlException(SqlState.UndefinedObject, $"type with OID {oid} does not exist"));
            _statements.Remove("");
            _statements[name] = Prepare(name, text, SqlParser.ParseOne(text), types.ToImmutable());
        }
        catch (Exception error)
        {
            throw StatementFailed(error);
        }
    }

    /// <summary>The prepared statement of this name; 26000 when there is none.</summary>
    public PreparedStatement GetStatement(string name) =>
        _statements.TryGetValue(name, out var statement)
            ? statement
            : throw StatementFailed(new SqlException(SqlState.InvalidSqlStatementName, name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist"));

    /// <summary>The extended protocol's Bind.</summary>
    public Portal Bind(string portalName, string statementName, in BindParameters parameters, ReadOnlySpan<short> resultFormats)
    {
        var statement = GetStatement(statementName);
        ReadClock();
        try
        {
            if (portalName.Length > 0 && _portals.ContainsKey(portalName)) throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{portalName}\" already exists");
            if (IsFailed && !EndsTransaction(statement.Statement)) throw FailedTransaction();
            Refresh(statement);
            if (parameters.Count != statement.ParameterTypes.Length)
                throw new SqlException(SqlState.ProtocolViolation, $"bind message supplies {parameters.Count} parameters, but prepared statement \"{statementName}\" requires {statement.ParameterTypes.Length}");
            // The unnamed portal ends with the next Bind, and gives its memory back for it.
            if (portalName.Length == 0) ClosePortal(portalName);
            var row = statement.ParameterTypes.Length > 0 || parameters.Count > 0 ? statement.Parameters.Decode(parameters, Format) : null;
            foreach (short format in resultFormats)
                if (format is not (0 or 1)) throw new SqlException(SqlState.InvalidParameterValue, $"unsupported format code: {format}");
            if (resultFormats.Length > 1 && resultFormats.Length != (statement.Shape?.Columns.Length ?? 0))
                throw new SqlException(SqlState.ProtocolViolation, $"bind message has {resultFormats.Length} result formats but query has {statement.Shape?.Columns.Length ?? 0} columns");
            var step = MakeStep(statement, row);
            var portal = new Portal(portalName, statement, statement.Shape, step, this, resultFormats.ToArray());
            _portals[portalName] = portal;
            return portal;
        }
        catch (Exception error)
        {
            throw StatementFailed(error);
        }
    }

    /// <summary>The portal of this name; 34000 when there is none.</summary>
    public Portal GetPortal(string name) =>
        _portals.TryGetValue(name, out var portal) ? portal : throw StatementFailed(new SqlException(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist"));

    public void CloseStatement(string name) => _statements.Remove(name);

    public void ClosePortal(string name)
    {
        if (_portals.Remove(name, out var portal)) portal.Dispose();
    }

    /// <summary>The extended protocol's Sync: advance the run until it is complete, then say ReadyForQuery.</summary>
    public StatementRun Sync() => new SyncRun(this);

    /// <summary>An error outside of any run (a bad message): an open transaction fails with it.</summary>
    public void Failed(SqlException error) => StatementFailed(error);

    /// <summary>Cancels what is running or waiting, if anything is.</summary>
    public void CancelRunning(string message)
    {
        _running?.Cancel(message);
        _interruption = message;
        WaitingOn?.Fail(new SqlException(SqlState.QueryCanceled, message));
    }

    /// <summary>Adds a notice for the client; below client_min_messages it is dropped.</summary>
    internal void Notify(string severity, string sqlState, string message, string? detail = null, string? hint = null)
    {
        if (!IsShown(severity, Settings.Required("client_min_messages"))) return;
        _notices.Enqueue(new Notice(severity, sqlState, message, detail, hint));
    }

    /// <summary>Whether the client asked for messages of this severity; INFO is always shown.</summary>
    private static bool IsShown(string severity, string least) => severity switch
    {
        "INFO" => true,
        "WARNING" => least is not "error",
        "NOTICE" => least is not ("warning" or "error"),
        "LOG" => least is "log" || least.StartsWith("debug", StringComparison.Ordinal),
        _ => least.StartsWith("debug", StringComparison.Ordinal),
    };

    internal void Receive(Notification notification)
    {
        _inbox.Enqueue(notification);
        NotificationArrived?.Invoke();
    }

    internal void Leaving() => _running = null;

    internal void SetRunning(QueryContext context) => _running = context;

    /// <summary>Memory for a run of the plan's query: what an earlier run of it left, or new.</summary>
    internal StepMemory RentMemory(QueryPlan plan)
    {
        int found = _freeMemory.FindLastIndex(memory => ReferenceEquals(memory.Query, plan.Query));
        if (found < 0) return new StepMemory(plan.Query, NewContext());
        var memory = _freeMemory[found];
        _freeMemory.RemoveAt(found);
        memory.Context.Settings = Format;
        memory.Context.WorkBytes = WorkBytes;
        return memory;
    }

    internal void ReturnMemory(StepMemory memory)
    {
        if (memory.Rows.CapacityBytes > StepMemory.LargestKeptBytes) return;
        memory.Rows.Clear();
        memory.Context.Reset();
        if (_freeMemory.Count >= 8) _freeMemory.RemoveAt(0);
        _freeMemory.Add(memory);
    }

    internal QueryContext NewContext() => new() { Store = Store, Session = _services, Settings = Format, WorkBytes = WorkBytes };

    internal void Release(QueryContext context)
    {
        if (ReferenceEquals(_running, context)) _running = null;
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var portal in _portals.Values) portal.Dispose();
        _portals.Clear();
        RollbackTransaction();
        ForgetTemporaryStatistics();
        Database.Notifications.UnlistenAll(this);
        Database.AdvisoryLocks.ReleaseSession(this);
        Instance.Left(this);
    }

    private static string DecodeText(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException error)
        {
            string bytes = string.Join(" ", (error.BytesUnknown ?? []).Select(b => $"0x{b:x2}"));
            throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {bytes}");
        }
    }
}

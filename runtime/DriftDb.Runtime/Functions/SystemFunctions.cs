using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Functions of the session and the system.</summary>
internal static class SystemFunctions
{
    [SqlFunction("current_user", Returns = "name", Volatility = Volatility.Stable), SqlFunction("user", Returns = "name", Volatility = Volatility.Stable), SqlFunction("current_role", Returns = "name", Volatility = Volatility.Stable)]
    public static string CurrentUser(QueryContext context) => context.Session.CurrentUser;

    /// <summary>What a cast to a domain asks: true, or the error of a value that the domain doesn't have. A condition that is NULL is met.</summary>
    /// <param name="condition">The constraint's.</param>
    /// <param name="domain">The domain's name.</param>
    /// <param name="constraint">The constraint's name; NULL for NOT NULL.</param>
    [SqlFunction(Plan.Domain.CheckFunction, Parameters = "boolean, text, text", Strict = false, Volatility = Volatility.Volatile)]
    public static bool DomainCheck(bool? condition, string domain, string? constraint)
    {
        if (condition != false) return true;
        throw constraint is null
            ? new SqlException(SqlState.NotNullViolation, $"domain {domain} does not allow null values")
            : new SqlException(SqlState.CheckViolation, $"value for domain {domain} violates check constraint \"{constraint}\"") { ConstraintName = constraint };
    }

    [SqlFunction("session_user", Returns = "name", Volatility = Volatility.Stable)] public static string SessionUser(QueryContext context) => context.Session.SessionUser;
    [SqlFunction("current_database", Returns = "name", Volatility = Volatility.Stable), SqlFunction("current_catalog", Returns = "name", Volatility = Volatility.Stable)] public static string CurrentDatabase(QueryContext context) => context.Session.CurrentDatabase;
    [SqlFunction("current_schema", Returns = "name", Volatility = Volatility.Stable)] public static string? CurrentSchema(QueryContext context) => context.Session.CurrentSchema;

    [SqlFunction("current_schemas", Parameters = "boolean", Returns = "name[]", Volatility = Volatility.Stable)]
    public static ByteSlice CurrentSchemas(QueryContext context, bool includeImplicit)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        // The path has pg_catalog and the temporary schema in it, which are there without being asked for.
        foreach (string schema in context.Session.SearchPath.Where(schema => includeImplicit || (schema != "pg_catalog" && !schema.StartsWith("pg_temp_", StringComparison.Ordinal)))) builder.Add(System.Text.Encoding.UTF8.GetBytes(schema));
        return context.Arena.Copy(builder.Finish());
    }

    [SqlFunction("version", Volatility = Volatility.Stable)]
    public static string Version(QueryContext context) => context.Session.GetSetting("server_version") is { } version ? $"PostgreSQL {version} (DriftDB 0.1) on .NET {Environment.Version}, 64-bit" : "PostgreSQL 15.0 (DriftDB 0.1), 64-bit";

    [SqlFunction("pg_backend_pid", Volatility = Volatility.Stable)] public static int BackendPid(QueryContext context) => context.Session.ProcessId;

    [SqlFunction("current_setting", Volatility = Volatility.Stable)]
    public static string CurrentSetting(QueryContext context, string name) => context.Session.GetSetting(name) ?? throw new SqlException(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    [SqlFunction("current_setting", Volatility = Volatility.Stable)]
    public static string? CurrentSetting(QueryContext context, string name, bool missingOk) => missingOk ? context.Session.GetSetting(name) : CurrentSetting(context, name);

    [SqlFunction("set_config", Volatility = Volatility.Volatile, Strict = false)]
    public static string SetConfig(QueryContext context, string? name, string? value, bool? isLocal) =>
        context.Session.SetSetting(name ?? throw new SqlException(SqlState.NullValueNotAllowed, "SET requires parameter name"), value ?? "", isLocal ?? false);

    [SqlFunction("pg_typeof", Parameters = "any", Returns = "regtype", Strict = false, Volatility = Volatility.Stable)]
    public static int TypeOf(Datum value) => TypeNames.Oid(value.Type ?? SqlType.Unknown);

    [SqlFunction("pg_sleep", Volatility = Volatility.Volatile)]
    public static void Sleep(QueryContext context, double seconds)
    {
        long until = Environment.TickCount64 + (long)(Math.Max(0, seconds) * 1000);
        while (Environment.TickCount64 < until)
        {
            context.CheckCancelled();
            Thread.Sleep((int)Math.Clamp(until - Environment.TickCount64, 0, 10));
        }
    }

    [SqlFunction("pg_sleep_for", Volatility = Volatility.Volatile)]
    public static void SleepFor(QueryContext context, Interval time) => Sleep(context, ((time.Months * 30L + time.Days) * Calendar.MicrosPerDay + time.Microseconds) / 1e6);

    [SqlFunction("pg_sleep_until", Parameters = "timestamp with time zone", Volatility = Volatility.Volatile)]
    public static void SleepUntil(QueryContext context, long moment) => Sleep(context, (moment - context.Session.ClockMicros) / 1e6);

    /// <summary>The bytes that a value takes in a row: of a value without a fixed size as many as it has and a byte or four in front.</summary>
    [SqlFunction("pg_column_size", Parameters = "any", Volatility = Volatility.Stable)]
    public static int ColumnSize(Datum value)
    {
        if (value.Type!.Kind != PhysicalKind.Bytes && !value.Type.IsFixedNumeric) return value.Type.Kind.TupleWidthBytes();
        const int LongestShort = 126;
        int length = value.Type.IsFixedNumeric ? value.Numeric.ToBytes().Length : value.Bytes.Length;
        return length + (length <= LongestShort ? 1 : 4);
    }

    [SqlFunction("nextval", Parameters = "regclass", Volatility = Volatility.Volatile)] public static long NextValue(QueryContext context, int sequence) => context.Session.NextValue(sequence);
    [SqlFunction("currval", Parameters = "regclass", Volatility = Volatility.Volatile)] public static long CurrentValue(QueryContext context, int sequence) => context.Session.CurrentValue(sequence);
    [SqlFunction("lastval", Volatility = Volatility.Volatile)] public static long LastValue(QueryContext context) => context.Session.LastValue();

    [SqlFunction("setval", Parameters = "regclass, bigint", Volatility = Volatility.Volatile)]
    public static long SetValue(QueryContext context, int sequence, long value) => SetValue(context, sequence, value, true);

    [SqlFunction("setval", Parameters = "regclass, bigint, boolean", Volatility = Volatility.Volatile)]
    public static long SetValue(QueryContext context, int sequence, long value, bool isCalled)
    {
        context.Session.SetValue(sequence, value, isCalled);
        return value;
    }

    [SqlFunction("txid_current", Volatility = Volatility.Stable)] public static long TransactionId(QueryContext context) => context.Session.TransactionId;
    [SqlFunction("gen_random_uuid", Volatility = Volatility.Volatile)] public static Uuid RandomUuid() => Uuid.FromGuid(Guid.NewGuid());
    [SqlFunction("num_nulls", Parameters = "any", Variadic = true, Strict = false)] public static int NumNulls(Datum[] values) => values.Count(value => value.IsNull);
    [SqlFunction("num_nonnulls", Parameters = "any", Variadic = true, Strict = false)] public static int NumNonNulls(Datum[] values) => values.Count(value => !value.IsNull);
    [SqlFunction("hashtext")] public static int HashText(ByteSlice text) => (int)ValueComparer.HashSpan(text.Span);
}

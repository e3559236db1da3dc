using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Functions about the server, its sessions and encodings.</summary>
internal static class SystemInformationFunctions
{
    [SqlFunction("pg_get_userbyid", Parameters = "oid", Returns = "name", Volatility = Volatility.Stable)]
    public static string UserById(QueryContext context, int oid) => context.SessionOf().Access.TryFind(oid)?.Name ?? $"unknown (OID={(uint)oid})";

    [SqlFunction("pg_encoding_to_char", Returns = "name", Volatility = Volatility.Stable)]
    public static string EncodingName(int encoding) => CharacterSet.Find(encoding)?.Name ?? "";

    [SqlFunction("pg_char_to_encoding", Parameters = "name", Volatility = Volatility.Stable)]
    public static int EncodingNumber(string name) => CharacterSet.Find(name)?.Number ?? -1;

    [SqlFunction("getdatabaseencoding", Returns = "name", Volatility = Volatility.Stable)] public static string DatabaseEncoding() => "UTF8";

    [SqlFunction("pg_client_encoding", Returns = "name", Volatility = Volatility.Stable)] public static string ClientEncoding(QueryContext context) => context.SessionOf().Settings.Required("client_encoding");

    [SqlFunction("pg_is_in_recovery", Volatility = Volatility.Volatile)] public static bool IsInRecovery() => false;

    [SqlFunction("pg_jit_available", Volatility = Volatility.Volatile)] public static bool JitAvailable() => true;

    [SqlFunction("pg_my_temp_schema", Returns = "oid", Volatility = Volatility.Stable)] public static int MyTempSchema(QueryContext context) => context.SessionOf().Temporary?.SchemaOid ?? 0;

    [SqlFunction("pg_is_other_temp_schema", Parameters = "oid", Volatility = Volatility.Stable)] public static bool IsOtherTempSchema(int oid) => false;

    [SqlFunction("pg_postmaster_start_time", Returns = "timestamptz", Volatility = Volatility.Stable), SqlFunction("pg_conf_load_time", Returns = "timestamptz", Volatility = Volatility.Stable)]
    public static long StartTime(QueryContext context) => context.SessionOf().Instance.StartedMicros;

    /// <summary>In process there is no address; the server's connections tell theirs by pg_stat_activity.</summary>
    [SqlFunction("inet_server_addr", Returns = "inet", Volatility = Volatility.Stable)] public static byte[]? ServerAddress() => null;

    [SqlFunction("inet_client_addr", Returns = "inet", Volatility = Volatility.Stable)] public static byte[]? ClientAddress(QueryContext context) => context.SessionOf().Options.ClientInet;

    [SqlFunction("inet_server_port", Volatility = Volatility.Stable), SqlFunction("inet_client_port", Volatility = Volatility.Stable)] public static int? Port() => null;

    [SqlFunction("pg_tablespace_location", Parameters = "oid", Volatility = Volatility.Stable)] public static string TablespaceLocation(int oid) => "";

    [SqlFunction("pg_collation_actual_version", Parameters = "oid", Volatility = Volatility.Stable), SqlFunction("pg_database_collation_actual_version", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? CollationVersion(int oid) => null;

    [SqlFunction("pg_cancel_backend", Volatility = Volatility.Volatile)]
    public static bool CancelBackend(QueryContext context, int processId) => Stop(context, processId, "canceling statement due to user request");

    [SqlFunction("pg_terminate_backend", Volatility = Volatility.Volatile)]
    public static bool TerminateBackend(QueryContext context, int processId) => Stop(context, processId, "terminating connection due to administrator command");

    [SqlFunction("pg_notify", Strict = false, Volatility = Volatility.Volatile)]
    public static void Notify(QueryContext context, string? channel, string? payload)
    {
        if (string.IsNullOrEmpty(channel)) throw new SqlException(SqlState.InvalidParameterValue, "channel name cannot be empty");
        context.SessionOf().QueueNotification(channel, payload ?? "");
    }

    [SqlTableFunction("pg_listening_channels", Returns = "text", Volatility = Volatility.Stable)]
    public static void ListeningChannels(QueryContext context, RowWriter rows)
    {
        foreach (string channel in context.SessionOf().Database.Notifications.ChannelsOf(context.SessionOf()))
        {
            rows.BeginRow();
            rows.SetBytes(0, System.Text.Encoding.UTF8.GetBytes(channel));
        }
    }

    [SqlFunction("pg_blocking_pids", Parameters = "integer", Returns = "integer[]", Volatility = Volatility.Volatile)]
    public static ByteSlice BlockingProcesses(QueryContext context, int processId)
    {
        var none = new ArrayBuilder();
        none.Begin();
        return context.Arena.Copy(none.Finish());
    }

    [SqlFunction("pg_export_snapshot", Volatility = Volatility.Volatile)]
    public static string ExportSnapshot(QueryContext context) => $"{context.Store.VisibleSequence:X8}-1";

    [SqlFunction("txid_current_if_assigned", Volatility = Volatility.Stable)]
    public static long? TransactionIfAssigned(QueryContext context) => context.SessionOf().CurrentTransaction is { } transaction ? transaction.Id : null;

    [SqlFunction("pg_trigger_depth", Volatility = Volatility.Stable)] public static int TriggerDepth() => 0;

    private static bool Stop(QueryContext context, int processId, string message)
    {
        var session = context.SessionOf();
        if (session.Instance.FindSession(processId) is not { } other)
        {
            session.Notify("WARNING", SqlState.Warning, $"PID {processId} is not a PostgreSQL server process");
            return false;
        }

        other.CancelRunning(message);
        return true;
    }
}

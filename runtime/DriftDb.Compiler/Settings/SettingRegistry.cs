using System.Collections.Frozen;

namespace DriftDb.Compiler;

/// <summary>All settings that exist. What clients set without DriftDB having the matter is accepted where ignoring it changes no answer.</summary>
internal static class SettingRegistry
{
    public const string ServerVersion = "15.4";

    private static readonly SettingDefinition[] Definitions =
    [
        new("application_name", "", IsReported: true, Description: "Sets the application name to be reported in statistics and logs."),
        new("backend_flush_after", "0", SettingChecks.Integer("backend_flush_after", 0, 256)),
        new("bytea_output", "hex", SettingChecks.Choice("bytea_output", "hex", "escape"), Description: "Sets the output format for bytea."),
        new("check_function_bodies", "on", SettingChecks.Bool("check_function_bodies")),
        new("client_encoding", "UTF8", SettingChecks.Encoding, IsReported: true, Description: "Sets the client's character set encoding."),
        new("client_min_messages", "notice", SettingChecks.Choice("client_min_messages", "debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "info", "notice", "warning", "error")),
        new("constraint_exclusion", "partition"),
        new("cursor_tuple_fraction", "0.1"),
        new("DateStyle", "ISO, MDY", Merge: SettingChecks.DateStyle, IsReported: true, Description: "Sets the display format for date and time values."),
        new("default_table_access_method", "heap"),
        new("default_tablespace", ""),
        new("default_text_search_config", "pg_catalog.simple"),
        new("default_transaction_deferrable", "off", SettingChecks.Bool("default_transaction_deferrable")),
        new("default_transaction_isolation", "read committed", SettingChecks.Choice("default_transaction_isolation", "serializable", "repeatable read", "read committed", "read uncommitted"), Description: "Sets the transaction isolation level of each new transaction."),
        new("default_transaction_read_only", "off", SettingChecks.Bool("default_transaction_read_only"), IsReported: true),
        new("drift.as_of", "", Description: "Moment of history that the session reads; empty for now."),
        new("drift.memory", "0", IsReadOnly: true, Description: "Memory that the process may use (driftdb serve --memory)."),
        new("drift.disabled_rules", "", Description: "Optimizer rules that don't fire, by name."),
        new("drift.message", "", Description: "Message kept with the transactions of this session."),
        new("enable_hashagg", "on", SettingChecks.Bool("enable_hashagg")),
        new("enable_hashjoin", "on", SettingChecks.Bool("enable_hashjoin")),
        new("enable_indexscan", "on", SettingChecks.Bool("enable_indexscan")),
        new("enable_bitmapscan", "on", SettingChecks.Bool("enable_bitmapscan")),
        new("enable_indexonlyscan", "on", SettingChecks.Bool("enable_indexonlyscan")),
        new("enable_mergejoin", "on", SettingChecks.Bool("enable_mergejoin")),
        new("enable_nestloop", "on", SettingChecks.Bool("enable_nestloop")),
        new("enable_seqscan", "on", SettingChecks.Bool("enable_seqscan")),
        new("enable_sort", "on", SettingChecks.Bool("enable_sort")),
        new("extra_float_digits", "1", SettingChecks.Integer("extra_float_digits", -15, 3), Description: "Sets the number of digits displayed for floating-point values."),
        new("geqo", "on", SettingChecks.Bool("geqo")),
        new("gin_fuzzy_search_limit", "0"),
        new("idle_in_transaction_session_timeout", "0", SettingChecks.Milliseconds("idle_in_transaction_session_timeout")),
        new("idle_session_timeout", "0", SettingChecks.Milliseconds("idle_session_timeout")),
        new("in_hot_standby", "off", IsReported: true, IsReadOnly: true),
        new("integer_datetimes", "on", IsReported: true, IsReadOnly: true),
        new("IntervalStyle", "postgres", SettingChecks.Choice("IntervalStyle", "postgres", "postgres_verbose", "sql_standard", "iso_8601"), IsReported: true),
        new("is_superuser", "on", IsReported: true, IsReadOnly: true),
        new("jit", "off", SettingChecks.Bool("jit")),
        new("lc_collate", "C.UTF-8", IsReadOnly: true),
        new("lc_ctype", "C.UTF-8", IsReadOnly: true),
        new("lc_messages", "C"),
        new("lc_monetary", "C"),
        new("lc_numeric", "C"),
        new("lc_time", "C"),
        new("lock_timeout", "0", SettingChecks.Milliseconds("lock_timeout"), Description: "Sets the maximum allowed duration of any wait for a lock."),
        new("effective_cache_size", "4GB", SettingChecks.Memory("effective_cache_size", 8), Description: "What plans assume to stay in memory of a table. Default: the part of drift.memory that chunks may take."),
        new("maintenance_work_mem", "64MB", SettingChecks.Memory("maintenance_work_mem", 1_024)),
        new("max_connections", "500", IsReadOnly: true),
        new("max_identifier_length", "63", IsReadOnly: true),
        new("max_index_keys", "32", IsReadOnly: true),
        new("max_parallel_workers_per_gather", "0"),
        new("max_prepared_transactions", "0", IsReadOnly: true),
        new("password_encryption", "scram-sha-256"),
        new("plan_cache_mode", "auto"),
        new("port", "5433", IsReadOnly: true),
        new("quote_all_identifiers", "off", SettingChecks.Bool("quote_all_identifiers")),
        new("random_page_cost", "4"),
        new("role", "none"),
        new("row_security", "on", SettingChecks.Bool("row_security")),
        new("search_path", "\"$user\", public", Description: "Sets the schema search order for names that are not schema-qualified."),
        new("seed", "unavailable"),
        new("server_encoding", "UTF8", IsReported: true, IsReadOnly: true),
        new("server_version", ServerVersion, IsReported: true, IsReadOnly: true),
        new("server_version_num", "150004", IsReadOnly: true),
        new("session_authorization", Instance.DefaultName, IsReported: true),
        new("session_replication_role", "origin"),
        new("standard_conforming_strings", "on", SettingChecks.Bool("standard_conforming_strings"), IsReported: true),
        new("statement_timeout", "0", SettingChecks.Milliseconds("statement_timeout"), Description: "Sets the maximum allowed duration of any statement."),
        new("synchronize_seqscans", "on", SettingChecks.Bool("synchronize_seqscans")),
        new("synchronous_commit", "on", SettingChecks.Choice("synchronous_commit", "on", "off", "local", "remote_write", "remote_apply")),
        new("TimeZone", "Etc/UTC", SettingChecks.TimeZone, IsReported: true, Description: "Sets the time zone for displaying and interpreting time stamps."),
        new("transaction_deferrable", "off", SettingChecks.Bool("transaction_deferrable")),
        new("transaction_isolation", "read committed", SettingChecks.Choice("transaction_isolation", "serializable", "repeatable read", "read committed", "read uncommitted")),
        new("transaction_read_only", "off", SettingChecks.Bool("transaction_read_only")),
        new("wal_level", "replica", IsReadOnly: true),
        new("wal_segment_size", "16MB", IsReadOnly: true),
        new("work_mem", "4MB", SettingChecks.Memory("work_mem", 64), Description: "What an operator of a query may keep in memory before it goes on with temporary files. Default: a part of drift.memory."),
        new("xmloption", "content"),
    ];

    private static readonly FrozenDictionary<string, SettingDefinition> ByName = Definitions.ToFrozenDictionary(definition => definition.Name, StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<SettingDefinition> All => Definitions;

    public static SettingDefinition? Find(string name) => ByName.GetValueOrDefault(name);
}

using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>How the session plans: its catalog, the settings that planning depends on, cached plans and their renewal.</summary>
public sealed partial class Session
{
    private SessionCatalog? _catalog;
    private PlanningEnvironment? _environment;
    private FormatSettings _format = FormatSettings.Default;
    private CharacterSet? _clientCharacterSet;
    private string _environmentText = "";
    private int _settingsVersion = -1;
    private string? _schemaInCreation;
    private long _workBytes;

    /// <summary>The greatest work_mem, as PostgreSQL has it.</summary>
    private const long LargestWorkBytes = int.MaxValue * 1_024L;

    /// <summary>What the client's text is in (client_encoding); null for UTF-8.</summary>
    public CharacterSet? ClientCharacterSet
    {
        get
        {
            ReadSettings();
            return _clientCharacterSet;
        }
    }

    /// <summary>How values are written as text at this moment.</summary>
    public FormatSettings Format
    {
        get
        {
            ReadSettings();
            return _format.TransactionTimeMicros == _transactionTime ? _format : _format = _format with { TransactionTimeMicros = _transactionTime };
        }
    }

    /// <summary>work_mem.</summary>
    private long WorkBytes
    {
        get
        {
            ReadSettings();
            return _workBytes;
        }
    }

    /// <summary>The catalog as the next statement sees it.</summary>
    internal SessionCatalog Catalog
    {
        get
        {
            ReadSettings();
            if (_hasCatalogChanges && _transaction is { } transaction) return _ownCatalog ??= NewCatalog(OwnCatalogOf(transaction));
            var snapshot = _temporary?.Over(Database.Catalog) ?? Database.Catalog;
            if (_catalog is null || !ReferenceEquals(_catalog.Snapshot, snapshot)) (_catalog, _environment) = (NewCatalog(snapshot), null);
            return _catalog;
        }
    }

    internal PlanningEnvironment Environment
    {
        get
        {
            var catalog = Catalog;
            if (_environment is not null && ReferenceEquals(_environment.Catalog, catalog))
                return ReferenceEquals(_environment.Format, Format) ? _environment : _environment = _environment with { Format = Format };
            return _environment = new PlanningEnvironment
            {
                Catalog = catalog,
                Database = Database,
                Format = Format,
                Optimizer = ReadOptimizerOptions(),
                EvaluationContext = NewContext(),
                SessionPeriod = SessionPeriod(),
            };
        }
    }

    /// <summary>The settings that a plan depends on, as one text.</summary>
    internal string EnvironmentText
    {
        get
        {
            ReadSettings();
            return _environmentText;
        }
    }

    internal bool IsCurrent(QueryPlan plan) => ReferenceEquals(plan.Catalog, Catalog.Snapshot) || plan.CatalogVersion >= 0 && plan.CatalogVersion == Catalog.Snapshot.Version;

    /// <summary>Whether the plan's costs still stand: a table that it reads was analysed since, or grew or shrank much, and another plan may be the better one.</summary>
    private bool IsFresh(QueryPlan plan)
    {
        foreach (var planned in plan.Statistics)
            if (!Database.Statistics.IsFresh(planned)) return false;
        return true;
    }

    internal StatementPlanner Planner => new(Environment);

    /// <summary>A planner that knows one relation more than the catalog.</summary>
    internal StatementPlanner PlannerWith(CatalogRelation? extra) => extra is null ? Planner : new StatementPlanner(Environment.With(extra));

    /// <summary>The plan of a data statement, from the cache when it is there.</summary>
    internal QueryPlan PlanFor(string text, DataStatement statement, IReadOnlyList<SqlType> declared)
    {
        var key = new PlanKey(text, string.Join(",", declared.Select(TypeNames.Oid)), EnvironmentText);
        long version = Catalog.Snapshot.Version;
        if (version >= 0 && Plans.Find(key) is { } cached && cached.CatalogVersion == version && IsFresh(cached)) return cached;
        var plan = Planner.Plan(statement, declared);
        if (version >= 0 && !plan.HoldsNow) Plans.Add(key, plan);
        return plan;
    }

    /// <summary>Plans anew after the catalog has changed between planning and running.</summary>
    internal QueryPlan Replan(QueryPlan plan) => Planner.Plan(plan.Statement, plan.ParameterTypes);

    /// <summary>Parses names and types of a prepared statement: plans data statements, so that Describe has its answer.</summary>
    internal PreparedStatement Prepare(string name, string text, Statement statement, ImmutableArray<SqlType> declared, bool fromSql = false)
    {
        var prepared = new PreparedStatement(name, text, statement, declared) { FromSql = fromSql, PreparedMicros = Instance.Clock.NowMicros };
        if (IsFailed && !EndsTransaction(statement)) throw FailedTransaction();
        if (AsData(statement.Node) is { } data)
        {
            var plan = PlanFor(TextOf(text, statement), data, declared);
            Adopt(prepared, plan);
        }
        else
        {
            prepared.Shape = ShapeOfUtility(statement.Node);
            if (PositionedStatements.CursorOf(statement.Node) is not null)
            {
                var probe = Planner.Plan(PositionedStatement.Probe(statement.Node), declared);
                (prepared.Shape, prepared.ParameterTypes) = (probe.Shape, probe.ParameterTypes);
                return prepared;
            }

            if (statement.Node is StatementNode.Explain { Body: var body } && AsData(body.Node) is { } explained && statement.ParameterCount > 0)
            {
                prepared.ParameterTypes = Planner.Bind(explained, declared).ParameterTypes;
                return prepared;
            }

            if (statement.Node is StatementNode.Erase erase && statement.ParameterCount > 0)
            {
                prepared.ParameterTypes = Planner.Bind(EraseStep.Selection(this, erase), declared).ParameterTypes;
                return prepared;
            }

            if (statement.ParameterCount > 0 && declared.Length < statement.ParameterCount)
                prepared.ParameterTypes = [.. Enumerable.Range(0, statement.ParameterCount).Select(i => i < declared.Length && declared[i].Id != TypeId.Unknown ? declared[i] : SqlType.Text)];
        }

        return prepared;
    }

    /// <summary>A statement of the session's own whose plan is there already, and is in no cache.</summary>
    internal PreparedStatement PrepareHidden(string name, string text, Statement statement, QueryPlan plan)
    {
        var prepared = new PreparedStatement(name, text, statement, []) { FromSql = true, PreparedMicros = Instance.Clock.NowMicros };
        Adopt(prepared, plan);
        return prepared;
    }

    /// <summary>Renews a prepared statement's plan when the catalog, the settings or its tables' statistics have changed. Another result type is 0A000.</summary>
    internal void Refresh(PreparedStatement prepared)
    {
        if (prepared.Plan is not { } plan || IsCurrent(plan) && IsFresh(plan) && prepared.Environment == EnvironmentText) return;
        var data = AsData(prepared.Statement.Node)!;
        var renewed = PlanFor(TextOf(prepared.Text, prepared.Statement), data, prepared.DeclaredTypes);
        if (!SameColumns(prepared.Shape, renewed.Shape)) throw ChangedResult();
        Adopt(prepared, renewed);
    }

    private void Adopt(PreparedStatement prepared, QueryPlan plan)
    {
        prepared.Plan = plan;
        prepared.Shape = plan.Shape;
        prepared.ParameterTypes = plan.ParameterTypes;
        prepared.Environment = EnvironmentText;
    }

    internal static SqlException ChangedResult() => new(SqlState.FeatureNotSupported, "cached plan must not change result type") { Routine = "RevalidateCachedQuery" };

    internal static bool SameColumns(ResultShape? a, ResultShape? b) =>
        a is null ? b is null : b is not null && a.Columns.Length == b.Columns.Length && a.Columns.Zip(b.Columns).All(pair => pair.First.Type.Equals(pair.Second.Type) && pair.First.Name == pair.Second.Name);

    internal static string TextOf(string text, Statement statement) => text.Substring(statement.Span.Start, statement.Span.Length);

    /// <summary>The statement as one that is planned; null for utility statements.</summary>
    internal static DataStatement? AsData(StatementNode node) => node switch
    {
        StatementNode.Query query when !IsSelectInto(query.Item) => DataStatement.NewQuery(query.Item),
        StatementNode.Insert insert => DataStatement.NewInsert(insert.Item),
        // Planned when it runs: see PositionedStatement.
        _ when PositionedStatements.CursorOf(node) is not null => null,
        StatementNode.Update update => DataStatement.NewUpdate(update.Item),
        StatementNode.Delete delete => DataStatement.NewDelete(delete.Item),
        StatementNode.Merge merge => DataStatement.NewMerge(merge.Item),
        _ => null,
    };

    private static bool IsSelectInto(Query query) => query.Body is QueryBody.Select { Select.Into: not null };

    private SessionCatalog NewCatalog(CatalogSnapshot snapshot)
    {
        var asSet = SearchPathSetting().Select(name => name == TemporaryObjects.Alias && _temporary is not null ? _temporary.SchemaName : name).Where(name => snapshot.Schemas.ContainsKey(name) || SystemCatalog.Schemas.ContainsKey(name)).ToList();
        List<string> path = asSet.Contains("pg_catalog") ? asSet : ["pg_catalog", .. asSet];
        // Temporary objects come before everything unless the path says where.
        if (_temporary is not null && !asSet.Contains(_temporary.SchemaName)) path = [_temporary.SchemaName, .. path];
        return new SessionCatalog(snapshot, Database, path, asSet) { TemporarySchema = _temporary?.SchemaName, ExecuteCheck = routine => { if (!IsWithinSystem) Access.RequireExecute(routine); } };
    }

    private CatalogSnapshot OwnCatalogOf(StoreTransaction transaction)
    {
        var own = Database.CatalogOf(transaction);
        return _temporary?.OverOwn(own) ?? own;
    }

    /// <summary>The schema that CREATE SCHEMA is filling: its elements look and go there first. Null outside of it.</summary>
    internal string? SchemaInCreation
    {
        get => _schemaInCreation;
        set
        {
            _schemaInCreation = value;
            ForgetCatalog();
        }
    }

    internal IEnumerable<string> SearchPathSetting()
    {
        if (_schemaInCreation is not null) yield return _schemaInCreation;
        foreach (string part in Settings.Required("search_path").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string name = part.Length > 1 && part[0] == '"' ? part[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : part.ToLowerInvariant();
            yield return name == "$user" ? Access.CurrentName : name;
        }
    }

    private void ReadSettings()
    {
        if (_settingsVersion == Settings.Version) return;
        _settingsVersion = Settings.Version;
        ForgetCatalog();
        string[] dateStyle = Settings.Required("DateStyle").Split(", ");
        _format = new FormatSettings
        {
            DateStyle = Enum.Parse<DateStyle>(dateStyle[0], ignoreCase: true),
            DateOrder = dateStyle[1] switch { "DMY" => DateOrder.Dmy, "YMD" => DateOrder.Ymd, _ => DateOrder.Mdy },
            IntervalStyle = Settings.Required("IntervalStyle") switch { "postgres_verbose" => IntervalStyle.PostgresVerbose, "sql_standard" => IntervalStyle.SqlStandard, "iso_8601" => IntervalStyle.Iso8601, _ => IntervalStyle.Postgres },
            ByteaOutput = Settings.Required("bytea_output") == "escape" ? ByteaOutput.Escape : ByteaOutput.Hex,
            ExtraFloatDigits = int.Parse(Settings.Required("extra_float_digits"), CultureInfo.InvariantCulture),
            TimeZone = SettingChecks.FindTimeZone(Settings.Required("TimeZone")),
            TransactionTimeMicros = _transactionTime,
            ObjectNames = _services.ObjectNames,
        };
        _clientCharacterSet = CharacterSet.Find(Settings.Required("client_encoding")) is { IsUtf8: false } set ? set : null;
        _workBytes = SettingChecks.MemoryBytes(Settings.Required("work_mem"));
        _environmentText = string.Join("|", new[] { "search_path", "TimeZone", "DateStyle", "IntervalStyle", "drift.as_of", "drift.disabled_rules", "enable_hashjoin", "enable_mergejoin", "enable_nestloop", "enable_indexscan", "enable_seqscan", "enable_hashagg", "enable_sort", "effective_cache_size", "session_authorization" }.Select(Settings.Required).Append(Access.CurrentName));
    }

    private OptimizerOptions ReadOptimizerOptions() => new()
    {
        DisabledRules = Settings.Required("drift.disabled_rules").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(),
        EnableHashJoin = Settings.IsOn("enable_hashjoin"),
        EnableMergeJoin = Settings.IsOn("enable_mergejoin"),
        EnableNestedLoop = Settings.IsOn("enable_nestloop"),
        EnableIndexScan = Settings.IsOn("enable_indexscan"),
        EnableSeqScan = Settings.IsOn("enable_seqscan"),
        EnableHashAggregate = Settings.IsOn("enable_hashagg"),
        EnableSort = Settings.IsOn("enable_sort"),
        CacheBytes = SettingChecks.MemoryBytes(Settings.Required("effective_cache_size")),
    };

    /// <summary>SET drift.as_of: a sequence (<c>@seq:5</c>) or a time; every table is read at it.</summary>
    private SystemTimePeriod? SessionPeriod()
    {
        string text = Settings.Required("drift.as_of");
        if (text.Length == 0 || text == "@now") return null;
        ScalarExpr point = text.StartsWith("@seq:", StringComparison.OrdinalIgnoreCase)
            ? new ScalarConstant(ValueText.Parse(SqlType.Int8, text[5..]), SqlType.Int8)
            : new ScalarConstant(ValueText.Parse(SqlType.TimestampTz, text, _format), SqlType.TimestampTz);
        return new SystemTimePeriod(SystemTimeKind.AsOf, [point]);
    }
}

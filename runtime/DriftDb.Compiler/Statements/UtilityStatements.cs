using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Statements that aren't planned: transactions, settings, definitions, prepared statements, maintenance. Makes the step that runs one.</summary>
internal sealed class UtilityStatements(Session session, string text, bool amongOthers, ParameterRow? parameters)
{
    public static ResultShape ShowAllShape { get; } = ResultShape.Of(("name", SqlType.Text), ("setting", SqlType.Text), ("description", SqlType.Text));

    public static ResultShape ShowShape(string name) => ResultShape.Of((SettingRegistry.Find(name)?.Name ?? name, SqlType.Text));

    public Step Make(Statement statement)
    {
        switch (statement.Node)
        {
            // ---- transactions
            case StatementNode.Begin begin: return Short(() => { session.BeginBlock(begin.Modes); return IsStartTransaction(statement) ? "START TRANSACTION" : "BEGIN"; });
            case StatementNode.Commit commit: return new EndBlockStep(session, isCommit: true, commit.Chain);
            case StatementNode.Rollback rollback: return new EndBlockStep(session, isCommit: false, rollback.Chain);
            case StatementNode.Savepoint savepoint: return Short(() => { session.SetSavepoint(savepoint.Name.Name); return "SAVEPOINT"; });
            case StatementNode.ReleaseSavepoint release: return Short(() => { session.ReleaseSavepoint(release.Name.Name); return "RELEASE"; });
            case StatementNode.RollbackToSavepoint rollback: return Short(() => { session.RollbackToSavepoint(rollback.Name.Name); return "ROLLBACK"; });
            case StatementNode.SetTransaction set: return Short(() => SetTransaction(set.Modes));
            case StatementNode.SetSessionCharacteristics set: return Short(() => SetCharacteristics(set.Modes));
            case StatementNode.SetConstraints set: return new SetConstraintsStep(session, set);

            // ---- settings
            case StatementNode.Set set: return Short(() => Set(set));
            case StatementNode.Reset reset: return Short(() => { session.Settings.Reset(reset.Name); return "RESET"; });
            case StatementNode n when n.IsResetAll: return Short(() => { session.Settings.ResetAll(); return "RESET"; });
            case StatementNode.Show show: return new RowsStep(session, ShowShape(show.Name), rows => rows.Add(session.Settings.Get(show.Name) ?? throw SessionSettings.Unknown(show.Name)), _ => "SHOW");
            case StatementNode n when n.IsShowAll: return new RowsStep(session, ShowAllShape, ShowAll, _ => "SHOW");
            case StatementNode.Discard discard: return Short(() => Discard(discard.Target));

            // ---- prepared statements and cursors
            case StatementNode.Prepare prepare: return new ActionStep(() => Prepare(prepare));
            case StatementNode.Execute execute: return Execute(execute);
            case StatementNode.Deallocate deallocate: return Short(() => Deallocate(deallocate));
            case StatementNode.DeclareCursor declare: return new ActionStep(() => Declare(declare.Item));
            case StatementNode.Fetch fetch: return new FetchStep(session, fetch);
            case StatementNode.Open opened: return Short(() => Open(opened.Cursor.Name));
            case StatementNode.Close close: return Short(() => Close(close));

            case StatementNode.Call call: return new CallStep(session, call.Call, parameters);
            case StatementNode.Do block: return DoBlock.Make(session, block);

            // ---- messages
            case StatementNode.Listen listen: return Short(() => { session.Database.Notifications.Listen(listen.Channel.Name, session); return "LISTEN"; });
            case StatementNode.Unlisten unlisten: return Short(() => Unlisten(unlisten));
            case StatementNode.Notify notify: return Short(() => { session.QueueNotification(notify.Channel.Name, notify.Payload?.Value ?? ""); return "NOTIFY"; });

            // ---- data in bulk, plans, maintenance
            case StatementNode.Copy copy: return CopyStatements.Make(session, copy.Item);
            case StatementNode.Explain explain: return new ExplainStep(session, explain, parameters);
            case StatementNode.Vacuum vacuum: return Maintenance("VACUUM", "VACUUM", () => Vacuum(vacuum));
            case StatementNode.Analyze analyze: return Maintenance("ANALYZE", null, () => Analyze(analyze));
            case StatementNode.Reindex reindex: return Maintenance("REINDEX", null, () => Reindex(reindex));
            case StatementNode.Cluster cluster: return Maintenance("CLUSTER", null, () => Cluster(cluster));
            case StatementNode n when n.IsCheckpoint: return Maintenance("CHECKPOINT", null, Checkpoint);
            case StatementNode.Snapshot snapshot: return Maintenance("SNAPSHOT", "SNAPSHOT", () => Snapshot(Names.Table(session, snapshot.Table)));
            case StatementNode.Compact compact: return Maintenance("COMPACT", "COMPACT", () => Compact(Names.Table(session, compact.Table)));
            case StatementNode.Erase erase: return new EraseStep(session, erase, parameters);
            case StatementNode.LockTable locked: return new LockTableStep(session, locked);
            case StatementNode.CreateDatabase create: return new ActionStep(() => { session.RejectBlock("CREATE DATABASE"); session.Instance.CreateDatabase(create.Name.Name); return "CREATE DATABASE"; });
            case StatementNode.ShowDrift drift: return DriftStatements.ShowDrift(session, drift);
            case StatementNode.DriftInsert insert: return DriftStatements.Insert(session, insert);
            case StatementNode.Patch patch: return DriftStatements.Patch(session, patch);
            case StatementNode.SoftDelete delete: return DriftStatements.SoftDelete(session, delete);
            case StatementNode.Drop { Item.Kind.IsDatabase: true } drop: return new ActionStep(() => DropDatabase(drop.Item));
            case StatementNode.Update or StatementNode.Delete: return PositionedStatement.Make(session, statement.Node, parameters, parameters is null ? [] : parameters.Layout.Types);
            case StatementNode.Query query: return SelectInto(query.Item);
            default: return new DefinitionStep(session, statement.Node);
        }
    }

    private static ActionStep Short(Func<string> work) => new(work, isShort: true);

    private bool IsStartTransaction(Statement statement) => Session.TextOf(text, statement).StartsWith("start", StringComparison.OrdinalIgnoreCase);

    private string SetTransaction(IEnumerable<TransactionMode> modes)
    {
        if (session.InBlock) session.SetModes(modes);
        else if (session.RoutineDepth > 0) session.SetOwnModes(modes);
        else session.Notify("WARNING", SqlState.NoActiveSqlTransaction, "SET TRANSACTION can only be used in transaction blocks");
        return "SET";
    }

    private string SetCharacteristics(IEnumerable<TransactionMode> modes)
    {
        foreach (var mode in modes)
        {
            if (mode is TransactionMode.Isolation isolation) session.Settings.Set("default_transaction_isolation", Session.NameOf(isolation.Level), false);
            else if (mode is TransactionMode.ReadOnly access) session.Settings.Set("default_transaction_read_only", access.ReadOnly ? "on" : "off", false);
            else if (mode is TransactionMode.Deferrable deferrable) session.Settings.Set("default_transaction_deferrable", deferrable.Deferrable ? "on" : "off", false);
        }

        return "SET";
    }

    private string Set(StatementNode.Set set)
    {
        if (set.Value is SettingValue.Values values)
        {
            string value = SettingValueText.Of(session, set.Name, values.Values);
            if (set.Name == "session_authorization" && value == "default")
            {
                session.Settings.Reset(set.Name);
                return "SET";
            }

            if (set.Scope.IsLocal && !session.InBlock && session.RoutineDepth == 0) session.Notify("WARNING", SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks");
            session.Settings.Set(set.Name, value, set.Scope.IsLocal);
        }
        else if (set.Value.IsDefault)
        {
            session.Settings.Reset(set.Name);
        }

        return "SET";
    }

    private void ShowAll(RowsStep.Rows rows)
    {
        foreach (var definition in SettingRegistry.All.OrderBy(definition => definition.Name, StringComparer.OrdinalIgnoreCase))
            rows.Add(definition.Name, session.Settings.Required(definition.Name), definition.Description);
    }

    private string Discard(DiscardTarget target)
    {
        if (target.IsAll)
        {
            session.RejectBlock("DISCARD ALL");
            session.ClosePortals();
            session.RemoveStatements();
            session.DiscardTemporary();
            session.Settings.ResetAll();
            session.Database.Notifications.UnlistenAll(session);
            session.Database.AdvisoryLocks.ReleaseSession(session);
            return "DISCARD ALL";
        }

        if (target.IsTemp) session.DiscardTemporary();
        if (target.IsPlans) session.RemoveStatements();
        return target.IsPlans ? "DISCARD PLANS" : target.IsSequences ? "DISCARD SEQUENCES" : "DISCARD TEMP";
    }

    private string Prepare(StatementNode.Prepare prepare)
    {
        var declared = prepare.Types.Select(type => Binder.TypeResolution.resolve(session.Catalog, type)).ToList();
        session.AddStatement(session.Prepare(prepare.Name.Name, text, prepare.Body, [.. declared], fromSql: true));
        return "PREPARE";
    }

    private Step Execute(StatementNode.Execute execute)
    {
        var (prepared, arguments) = Arguments(session, execute);
        return session.MakeStep(prepared, arguments);
    }

    /// <summary>The prepared statement that EXECUTE names, with its arguments' values.</summary>
    public static (PreparedStatement Prepared, ParameterRow? Arguments) Arguments(Session session, StatementNode.Execute execute)
    {
        var prepared = session.FindStatement(execute.Name.Name)
            ?? throw new SqlException(SqlState.InvalidSqlStatementName, $"prepared statement \"{execute.Name.Name}\" does not exist");
        session.Refresh(prepared);
        var arguments = execute.Arguments.ToList();
        if (arguments.Count != prepared.ParameterTypes.Length)
            throw new SqlException(SqlState.SyntaxError, $"wrong number of parameters for prepared statement \"{prepared.Name}\"", detail: $"Expected {prepared.ParameterTypes.Length} parameters but got {arguments.Count}.");
        var bound = arguments.Select((argument, i) => Binder.Binder.BindExpression(argument, session.Environment.BindOptions([]), [], "EXECUTE", prepared.ParameterTypes[i])).ToList();
        var values = ConstantEvaluator.EvaluateAll(bound, session.NewContext());
        return (prepared, values.Length == 0 ? null : ParameterRow.Of(values, prepared.ParameterTypes));
    }

    private string Deallocate(StatementNode.Deallocate deallocate)
    {
        if (deallocate.Name is null)
        {
            session.RemoveStatements();
            return "DEALLOCATE ALL";
        }

        string name = deallocate.Name.Value.Name;
        if (session.FindStatement(name) is null) throw new SqlException(SqlState.InvalidSqlStatementName, $"prepared statement \"{name}\" does not exist");
        session.CloseStatement(name);
        return "DEALLOCATE";
    }

    private string Declare(DeclareCursorStatement declare)
    {
        if (!declare.WithHold && !session.InBlock && !amongOthers)
            throw new SqlException(SqlState.NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks");
        if (DefinitionExecutor.WritesData(declare.Query)) throw new SqlException(SqlState.FeatureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH");
        var (prepared, shape, table) = PrepareCursor(declare);
        var step = session.MakeStep(prepared, null);
        if (declare.WithHold && prepared.Plan is { LocksRows: true }) throw new SqlException(SqlState.FeatureNotSupported, "DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported", detail: "Holdable cursors must be READ ONLY.");
        session.EnsureTransaction();
        // The cursor's moment is the one in which it was declared.
        if (step is QueryStep query) query.Open();
        bool keepsRows = declare.WithHold || declare.Scroll is { Value: true };
        session.AddPortal(new Portal(declare.Name.Name, prepared, shape, step, session, declare.Binary ? [1] : []) { RowTable = table, IsHeld = declare.WithHold, IsScrollable = keepsRows && declare.Scroll is not { Value: false }, Cursor = keepsRows ? new Cursor(shape!) : null });
        return "DECLARE CURSOR";
    }

    /// <summary>The cursor's query; where each of its rows is one of a table, with a hidden column at the end that says which.</summary>
    private (PreparedStatement Prepared, ResultShape? Shape, int RowTable) PrepareCursor(DeclareCursorStatement declare)
    {
        if (!declare.WithHold && PositionedStatements.WithRowId(declare.Query)?.Value is { } query
            && Names.Find(session, PositionedStatements.SourceOf(declare.Query)!.Value) is TableRelation { IsMaterializedView: false } table && !HasColumn(table, "ctid"))
        {
            try
            {
                var plan = session.Planner.Plan(DataStatement.NewQuery(query), []);
                var shape = new ResultShape(plan.Shape!.Columns.RemoveAt(plan.Shape.Columns.Length - 1), plan.Shape.Layout);
                return (session.PrepareHidden(declare.Name.Name, text, new Statement(StatementNode.NewQuery(query), declare.Query.Span, 0), plan), shape, table.Oid);
            }
            catch (SqlException)
            {
                // Rows of aggregates are no rows of the table; and any other error is the query's own, which it shows below.
            }
        }

        var prepared = session.Prepare(declare.Name.Name, text, new Statement(StatementNode.NewQuery(declare.Query), declare.Query.Span, 0), []);
        return (prepared, prepared.Shape, 0);
    }

    private static bool HasColumn(TableRelation table, string name) => table.Columns.Any(column => column.Name == name);

    private void Checkpoint()
    {
        if (!session.Access.IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to do CHECKPOINT");
        session.Store.Checkpoint();
    }

    private string Open(string name)
    {
        if (session.FindPortal(name) is not { } portal) throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
        if (portal.HasMoved) throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{name}\" is open already", hint: "DECLARE opens a cursor; CLOSE it and declare it again to begin anew.");
        return "OPEN CURSOR";
    }

    private string Close(StatementNode.Close close)
    {
        if (close.Cursor is null)
        {
            session.ClosePortals();
            return "CLOSE CURSOR ALL";
        }

        string name = close.Cursor.Value.Name;
        if (session.FindPortal(name) is null) throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
        session.ClosePortal(name);
        return "CLOSE CURSOR";
    }

    private string Unlisten(StatementNode.Unlisten unlisten)
    {
        if (unlisten.Channel is null) session.Database.Notifications.UnlistenAll(session);
        else session.Database.Notifications.Unlisten(unlisten.Channel.Value.Name, session);
        return "UNLISTEN";
    }

    private ActionStep Maintenance(string tag, string? notInBlock, Action work) => new(() =>
    {
        if (session.IsFailed) throw Session.FailedTransaction();
        if (notInBlock is not null) session.RejectBlock(notInBlock);
        work();
        return tag;
    });

    private void Snapshot(TableRelation table)
    {
        session.Access.RequireOwner(table);
        table.Storage.Store.Checkpoint();
    }

    private void Compact(TableRelation relation)
    {
        session.Access.RequireOwner(relation);
        var table = relation.Storage;
        CompactionResult result = table.Store.Compact(table);
        session.Notify("INFO", SqlState.SuccessfulCompletion,
            $"table \"{table.Definition.Name}\": {result.SegmentsBefore} segments became {result.SegmentsAfter}, {result.BytesBefore} bytes became {result.BytesAfter}");
    }

    private static readonly string[] VacuumOptions = ["full", "freeze", "verbose", "analyze", "analyse", "disable_page_skipping", "skip_locked", "index_cleanup", "process_toast", "truncate", "parallel"];

    /// <summary>VACUUM and CLUSTER find nothing to do, but what they name must be there.</summary>
    private void Vacuum(StatementNode.Vacuum vacuum)
    {
        RequireOptions("VACUUM", vacuum.Options, VacuumOptions);
        foreach (var target in vacuum.Targets)
        {
            if ((Names.Find(session, target.Table) ?? throw Names.Missing(target.Table)) is TableRelation table)
            {
                if (!target.Columns.IsEmpty && !vacuum.Options.Any(option => option.Name is "analyze" or "analyse")) throw new SqlException(SqlState.FeatureNotSupported, "ANALYZE option must be specified when a column list is provided");
                RequireColumns(table, target);
            }
            else session.Notify("WARNING", SqlState.SuccessfulCompletion, $"skipping \"{target.Table.Last}\" --- cannot vacuum non-tables or special system tables");
        }
    }

    private static void RequireOptions(string command, IEnumerable<NamedOption> options, params string[] known)
    {
        foreach (var option in options)
            if (!known.Contains(option.Name)) throw new SqlException(SqlState.SyntaxError, $"unrecognized {command} option \"{option.Name}\"", option.Span);
    }

    private static void RequireColumns(TableRelation table, MaintenanceTarget target)
    {
        foreach (var column in target.Columns)
            if (!HasColumn(table, column.Name)) throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.Name}\" of relation \"{table.Name}\" does not exist", column.Span);
    }

    private void Cluster(StatementNode.Cluster cluster)
    {
        if (cluster.Table is not { } name) return;
        var table = Names.Table(session, name.Value);
        if (cluster.Index is { } index && table.IndexObjects.All(known => known.Name != index.Value.Name))
            throw new SqlException(SqlState.UndefinedObject, $"index \"{index.Value.Name}\" for table \"{table.Name}\" does not exist", index.Value.Span);
    }

    private void Reindex(StatementNode.Reindex reindex)
    {
        if (reindex.Name is not { } name) return;
        if (reindex.Kind.IsTable) _ = Names.Table(session, name.Value);
        else if (reindex.Kind.IsSchema && !session.Catalog.SchemaExists(name.Value.Last)) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name.Value.Last}\" does not exist");
        else if (reindex.Kind.IsIndex && Names.FindIndex(session, name.Value) is null) throw new SqlException(SqlState.UndefinedTable, $"relation \"{name.Value.Last}\" does not exist", name.Value.Span);
        else if (reindex.Kind.IsDatabase && name.Value.Last != session.Database.Name) throw new SqlException(SqlState.FeatureNotSupported, "can only reindex the currently open database");
    }

    private void Analyze(StatementNode.Analyze analyze)
    {
        RequireOptions("ANALYZE", analyze.Options, "verbose", "skip_locked");
        var targets = analyze.Targets.ToList();
        if (targets.Count == 0)
        {
            foreach (var table in session.Catalog.Snapshot.Relations.OfType<TableRelation>()) session.Database.Statistics.Analyze(table);
            return;
        }

        foreach (var target in targets)
        {
            if ((Names.Find(session, target.Table) ?? throw Names.Missing(target.Table)) is TableRelation table)
            {
                RequireColumns(table, target);
                session.Database.Statistics.Analyze(table);
            }
            else session.Notify("WARNING", SqlState.SuccessfulCompletion, $"skipping \"{target.Table.Last}\" --- cannot analyze non-tables or special system tables");
        }
    }

    private string DropDatabase(DropStatement drop)
    {
        session.RejectBlock("DROP DATABASE");
        foreach (var target in drop.Objects)
        {
            session.Instance.DropDatabase(target.Name.Last, drop.IfExists);
            new DefinitionExecutor(session, session.EnsureTransaction()).ForgetSettingsOf(target.Name.Last);
        }

        return "DROP DATABASE";
    }

    /// <summary>SELECT … INTO t is CREATE TABLE t AS SELECT ….</summary>
    private DefinitionStep SelectInto(Query query) => new(session, CreateTableAs.FromSelectInto(query));
}

using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Views, schemas, sequences, comments.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateView(CreateViewStatement create)
    {
        create = RecursiveViews.AsPlain(create);
        var bound = session.Planner.Bind(DataStatement.NewQuery(create.Query), []);
        string name = create.Name.Last, schema = Names.SchemaForNew(session, create.Name, create.Persistence);
        if (!IsTemporary(schema) && bound.Relations.Any(relation => TemporaryObjects.Owns(relation.Oid)))
        {
            // What reads temporary tables can't outlive them.
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"view \"{name}\" will be a temporary view");
            schema = Names.SchemaForNew(session, create.Name, Persistence.Temporary);
        }

        var existing = session.Catalog.Snapshot.Find(schema, name);
        if (session.Catalog.Snapshot.IsTaken(schema, name) && (!create.OrReplace || existing is not ViewRelation))
            throw existing is null or ViewRelation ? AlreadyExists(name) : new SqlException(SqlState.WrongObjectType, $"\"{name}\" is not a view", create.Name.Span);
        RequireNoType(schema, name);
        if (WritesData(create.Query)) throw new SqlException(SqlState.FeatureNotSupported, "views must not contain data-modifying statements in WITH");
        if (bound.ParameterTypes.Length > 0) throw new SqlException(SqlState.UndefinedParameter, "there is no parameter $1");
        var columns = ColumnsOf(bound, create.Columns, create.Span);
        if (existing is ViewRelation old) RequireSameColumns(old, columns);
        int oid = existing?.Oid ?? NewOid(schema);
        var (text, dependsOn) = Resolved.Query(create.Query);
        Put(ObjectKindNumber.View, oid, new ViewObject
        {
            Owner = (existing as ViewRelation)?.Definition.Owner ?? Access.NewOwner, Acl = existing is null ? NewAcl(SecuredKind.Table, schema) : existing.Acl, Oid = oid, Schema = schema, Name = name, Columns = columns, CheckOption = CheckOptionOf(create), Text = text, DependsOn = dependsOn,
        });
        if (create.CheckOption is not null) Binder.Binder.CheckWritable(session.Catalog.Snapshot.Find(oid)!, session.Environment.BindOptions([]));
        return "CREATE VIEW";
    }

    /// <summary>ALTER VIEW … SET and RESET: check_option; security_barrier, which asks for what every view does here.</summary>
    private void SetOptions(ViewRelation view, IEnumerable<AlterTableAction> actions)
    {
        char checkOption = view.Definition.CheckOption;
        foreach (var (option, isSet) in actions.SelectMany(action => action is AlterTableAction.SetOptions set ? set.Options.Select(option => (option, true)) : ((AlterTableAction.ResetOptions)action).Options.Select(option => (option, false))))
        {
            string value = StorageOptions.Text(option);
            switch (option.Name)
            {
                case "check_option":
                    checkOption = !isSet ? '\0' : value switch { "local" => 'l', "cascaded" => 'c', _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for enum option \"check_option\": {value}", option.Span, "Valid values are \"local\" and \"cascaded\".") };
                    break;
                case "security_barrier": break;
                case "security_invoker" when !isSet || value is "false" or "off": break;
                case "security_invoker": throw TableBuilder.Unsupported("security_invoker", option.Span);
                default: throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"", option.Span);
            }
        }

        Put(ObjectKindNumber.View, view.Oid, view.Definition with { CheckOption = checkOption });
        if (checkOption != '\0') Binder.Binder.CheckWritable(session.Catalog.Snapshot.Find(view.Oid)!, session.Environment.BindOptions([]));
    }

    private static char CheckOptionOf(CreateViewStatement create) => create.CheckOption?.Value is not { } option ? '\0' : option.IsLocal ? 'l' : 'c';

    /// <summary>Whether WITH of the query changes data: then it can only stand for itself.</summary>
    public static bool WritesData(Query query) => query.With is { } with && with.Value.Tables.Any(table => !table.Body.IsQuery);

    /// <summary>The columns of a relation that a query defines.</summary>
    private static ColumnObject[] ColumnsOf(Binder.BoundStatement bound, IEnumerable<Identifier> given, SourceSpan span)
    {
        var names = given.ToList();
        if (names.Count > bound.Plan.Output.Length) throw new SqlException(SqlState.SyntaxError, "CREATE VIEW specifies more column names than columns", span);
        ColumnObject[] columns =
        [
            .. bound.Plan.Output.Select((column, i) => new ColumnObject
            {
                Number = (short)(i + 1), Name = i < names.Count ? names[i].Name : column.Name, Type = StoredType.From(column.Origin is null && column.Type.IsFixedNumeric ? SqlType.Numeric : column.Type),
            }),
        ];
        if (bound.Plan.Output.FirstOrDefault(column => column.Type.Id == TypeId.Record && column.Type.Row is not { Oid: not 0 }) is { } record)
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{record.Name}\" has pseudo-type record");
        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{twice.Key}\" specified more than once");
        return columns;
    }

    /// <summary>OR REPLACE may add columns at the end, nothing else.</summary>
    private static void RequireSameColumns(ViewRelation old, ColumnObject[] columns)
    {
        if (columns.Length < old.Definition.Columns.Length) throw new SqlException(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (int i = 0; i < old.Definition.Columns.Length; i++)
        {
            var (before, after) = (old.Definition.Columns[i], columns[i]);
            if (before.Name != after.Name)
                throw new SqlException(SqlState.InvalidTableDefinition, $"cannot change name of view column \"{before.Name}\" to \"{after.Name}\"", hint: "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
            if (before.Type != after.Type)
                throw new SqlException(SqlState.InvalidTableDefinition, $"cannot change data type of view column \"{before.Name}\" from {before.Type.ToSqlType()} to {after.Type.ToSqlType()}");
        }
    }

    /// <summary>What pg_dump and drivers ask for is there from the start; nothing else can be had.</summary>
    private string CreateExtension(StatementNode.CreateExtension create)
    {
        if (create.Name.Name != "plpgsql")
            throw new SqlException(SqlState.FeatureNotSupported, $"extension \"{create.Name.Name}\" is not available", hint: "DriftDB has no extensions.");
        if (!create.IfNotExists) throw new SqlException(SqlState.DuplicateObject, "extension \"plpgsql\" already exists");
        session.Notify("NOTICE", SqlState.DuplicateObject, "extension \"plpgsql\" already exists, skipping");
        return "CREATE EXTENSION";
    }

    private string CreateSchema(StatementNode.CreateSchema create)
    {
        string name = create.Name?.Value.Name ?? (create.Authorization?.Value is { } named ? Name(named) : Access.CurrentRole.Name);
        if (create.IfNotExists && session.Catalog.SchemaExists(name))
        {
            session.Notify("NOTICE", SqlState.DuplicateSchema, $"schema \"{name}\" already exists, skipping");
            return "CREATE SCHEMA";
        }

        RequireFreeSchema(name);
        var owner = create.Authorization?.Value is { } authorization ? Existing(authorization) : Access.CurrentRole;
        var database = session.Catalog.Snapshot.DatabaseRights;
        if (!Access.Has(SecuredKind.Database, database.OwnerOid, database.Acl, Rights.Create)) throw SecuredKind.Database.Denied(session.Database.Name);
        if (!Access.IsSuperuser) RequireMembership(owner);
        int oid = NewOid(name);
        Put(ObjectKindNumber.Schema, oid, new SchemaObject { Oid = oid, Name = name, Owner = owner.Oid == Access.CurrentRole.Oid ? Access.NewOwner : owner.Oid, Acl = NewAcl(SecuredKind.Schema, null) });
        if (create.CharacterSet?.Value is { } set && !set.Last.Equals("utf8", StringComparison.OrdinalIgnoreCase))
            throw new SqlException(SqlState.FeatureNotSupported, $"character set \"{set.Last}\" is not supported", set.Span, hint: "Every string is in UTF8.");
        if (create.Elements.IsEmpty) return "CREATE SCHEMA";
        session.SchemaInCreation = name;
        try
        {
            foreach (var element in create.Elements.OrderBy(element => ElementOrder(element.Node))) CreateElement(name, element.Node);
        }
        finally
        {
            session.SchemaInCreation = null;
        }

        return "CREATE SCHEMA";
    }

    private void RequireFreeSchema(string name)
    {
        if (session.Catalog.SchemaExists(name)) throw new SqlException(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
        if (name.StartsWith("pg_", StringComparison.Ordinal)) throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"", detail: "The prefix \"pg_\" is reserved for system schemas.");
    }

    /// <summary>The elements of a schema may be written in any order: sequences come before tables, tables before what reads them, rights at last.</summary>
    private static int ElementOrder(StatementNode element) => element switch
    {
        StatementNode.CreateSequence => 0,
        StatementNode.CreateTable or StatementNode.CreateTableAs => 2,
        StatementNode.CreateView or StatementNode.CreateMaterializedView => 3,
        StatementNode.CreateIndex => 4,
        StatementNode.Grant => 5,
        _ => 1,
    };

    private void CreateElement(string schema, StatementNode element)
    {
        var name = element switch
        {
            StatementNode.CreateSequence create => create.Name,
            StatementNode.CreateTable create => create.Item.Name,
            StatementNode.CreateView create => create.Item.Name,
            _ => null,
        };
        if (name is not null && Names.SchemaOf(name) is { } other && other != schema)
            throw new SqlException(SqlState.InvalidSchemaDefinition, $"CREATE specifies a schema ({other}) different from the one being created ({schema})", name.Span);
        Execute(element);
    }

    private string CreateSequence(StatementNode.CreateSequence create)
    {
        string schema = Names.SchemaForNew(session, create.Name, create.Persistence), name = create.Name.Last;
        if (session.Catalog.Snapshot.IsTaken(schema, name))
        {
            if (!create.IfNotExists) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE SEQUENCE";
        }

        StoreSequence(SequenceOptions.Apply(new SequenceObject { Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Sequence, schema), Oid = NewOid(schema), Schema = schema, Name = name, Type = StoredType.From(SqlType.Int8) }, create.Options, session));
        return "CREATE SEQUENCE";
    }

    private void StoreSequence(SequenceObject sequence)
    {
        Owner(sequence.Oid).PutSequence(SequenceRelation.ToStore(sequence));
        Put(ObjectKindNumber.Sequence, sequence.Oid, sequence);
    }

    private string AlterSequence(StatementNode.AlterSequence alter)
    {
        if (Names.Find(session, alter.Name) is not SequenceRelation sequence)
        {
            if (!alter.IfExists) throw new SqlException(SqlState.UndefinedTable, $"relation \"{alter.Name.Last}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"relation \"{alter.Name.Last}\" does not exist, skipping");
            return "ALTER SEQUENCE";
        }

        Access.RequireOwner(sequence);
        ChangeSequence(sequence, alter.Options);
        return "ALTER SEQUENCE";
    }

    private void ChangeSequence(SequenceRelation sequence, IEnumerable<SequenceOption> options)
    {
        var given = options.ToList();
        var changed = SequenceOptions.Apply(sequence.Definition, given.Where(option => option is not SequenceOption.Restart), session);
        StoreSequence(changed);
        foreach (var restart in given.OfType<SequenceOption.Restart>()) session.StoreOf(sequence.Oid).SequenceSet(sequence.Oid, restart.Value?.Value ?? changed.Start, isCalled: false);
    }

    private IndexObject FindIndex(QualifiedName name) =>
        Names.FindIndex(session, name) ?? throw new SqlException(SqlState.UndefinedObject, $"index \"{name.Last}\" does not exist", name.Span);
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;
using Microsoft.FSharp.Core;

namespace DriftDb.Compiler;

/// <summary>CREATE TABLE, CREATE TABLE AS, TRUNCATE.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateTable(CreateTableStatement create)
    {
        string schema = Names.SchemaForNew(session, create.Name, create.Persistence), name = create.Name.Last;
        if (session.Catalog.Snapshot.IsTaken(schema, name))
        {
            if (!create.IfNotExists) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE TABLE";
        }

        RequireNoType(schema, name);
        if (create.PartitionBy is not null) throw TableBuilder.Unsupported("PARTITION BY", create.Span);
        if (!create.Inherits.IsEmpty) throw TableBuilder.Unsupported("INHERITS", create.Span);
        StorageOptions.RequireTablespace(create.Tablespace?.Value);
        int oid = NewOid(schema);
        var builder = new TableBuilder(session, schema, name, () => NewOid(schema)) { TableOid = oid };
        short number = 0;
        foreach (var element in create.Elements)
        {
            if (element is TableElement.Column column) builder.AddColumn(column.Column, ++number);
            else if (element is TableElement.Like like) number = CopyColumns(builder, like, number);
        }

        // Keys may name a period that is declared behind them.
        foreach (var period in create.Elements.OfType<TableElement.Period>().Where(period => period.Name.Name != "system_time")) builder.AddPeriod(period.Name, period.Start, period.End, period.Span);
        foreach (var constraint in create.Elements.OfType<TableElement.Constraint>()) builder.AddConstraint(constraint.Constraint);

        builder.Finish();
        LockReferenced(builder);
        Store(builder, new TableObject
        {
            Oid = oid, Schema = schema, Name = name, Columns = [], IsVersioned = IsVersioned(schema, create.SystemVersioning, create.Span), OnCommit = OnCommit(schema, create.OnCommit),
            Options = [.. StorageOptions.Texts(create.Options)],
        });
        return "CREATE TABLE";
    }

    /// <summary>Creates what a builder has collected: sequences, the table, its indexes.</summary>
    private void Store(TableBuilder builder, TableObject table)
    {
        foreach (var sequence in builder.Sequences) StoreSequence(sequence with { Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Sequence, sequence.Schema) });
        table = table with { Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Table, table.Schema), Columns = [.. builder.Columns], Constraints = [.. builder.Constraints], Periods = [.. builder.Periods] };
        Owner(table.Oid).CreateTable(ToStore(table));
        Put(ObjectKindNumber.Table, table.Oid, table);
        foreach (var index in builder.Indexes) StoreIndex(table, index);
    }

    /// <summary>Temporary tables keep no history: there is no moment but now at which they could be asked for.</summary>
    private bool IsVersioned(string schema, FSharpOption<bool>? asked, SourceSpan span)
    {
        if (!IsTemporary(schema)) return asked?.Value ?? true;
        if (asked is { Value: true }) throw new SqlException(SqlState.InvalidTableDefinition, "temporary tables cannot be system-versioned", span);
        return false;
    }

    private char OnCommit(string schema, FSharpOption<OnCommitAction>? action)
    {
        if (action is null) return '\0';
        if (!IsTemporary(schema)) throw new SqlException(SqlState.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
        return action.Value.IsDeleteRows ? TableObject.DeleteOnCommit : action.Value.IsDrop ? TableObject.DropOnCommit : '\0';
    }

    internal static TableDefinition ToStore(TableObject table) => new(
        table.Oid, table.Schema, table.Name, [.. table.LiveColumns().Select(column => new Storage.ColumnDefinition(column.StoreId, column.Name, column.Type.ToSqlType()))])
    {
        IsVersioned = table.IsVersioned,
        HistoryRetention = HistoryRetention.Of(table.Options),
    };

    /// <summary>LIKE t: its columns, and what INCLUDING names.</summary>
    private short CopyColumns(TableBuilder builder, TableElement.Like like, short number)
    {
        var source = Names.Table(session, like.Table);
        bool Including(string what) => like.Options.LastOrDefault(option => option.Item2 == what || option.Item2 == "all") is { Item1: true };
        foreach (var column in source.Definition.LiveColumns())
        {
            bool keepsDefault = Including("defaults") && !column.IsGenerated || column.IsGenerated && Including("generated");
            builder.Columns.Add(new ColumnObject
            {
                Number = ++number, Name = column.Name, Type = column.Type, IsNotNull = column.IsNotNull,
                DefaultText = keepsDefault ? column.DefaultText : null, IsGenerated = keepsDefault && column.IsGenerated,
            });
        }

        return number;
    }

    private string CreateTableAs(CreateTableAsStatement create)
    {
        string schema = Names.SchemaForNew(session, create.Name, create.Persistence), name = create.Name.Last;
        if (session.Catalog.Snapshot.IsTaken(schema, name))
        {
            if (!create.IfNotExists) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE TABLE AS";
        }

        RequireNoType(schema, name);
        var (query, parameterTypes, arguments) = SourceOf(create);
        StorageOptions.RequireTablespace(create.Tablespace?.Value);
        var bound = session.Planner.Bind(DataStatement.NewQuery(query), parameterTypes);
        Access.Check(bound.Accesses);
        var output = bound.Plan.Output;
        var names = create.Columns.ToList();
        if (names.Count > output.Length) throw new SqlException(SqlState.SyntaxError, "too many column names were specified", create.Span);
        int oid = NewOid(schema);
        var columns = output.Select((column, i) => new ColumnObject
        {
            Number = (short)(i + 1), Name = i < names.Count ? names[i].Name : column.Name, Type = StoredType.From(column.Origin is null && column.Type.IsFixedNumeric ? SqlType.Numeric : column.Type),
        }).ToArray();
        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{twice.Key}\" specified more than once");
        var table = new TableObject { Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Table, schema), Oid = oid, Schema = schema, Name = name, Columns = columns, IsVersioned = IsVersioned(schema, create.SystemVersioning, create.Span), OnCommit = OnCommit(schema, create.OnCommit) };
        Owner(table.Oid).CreateTable(ToStore(table));
        Put(ObjectKindNumber.Table, oid, table);
        if (!create.WithData) return "CREATE TABLE AS";
        long rows = InternalSql.Execute(session, $"INSERT INTO {Quoted(table)} {SqlPrinter.PrintQuery(query)}", parameterTypes, arguments);
        return $"SELECT {rows}";
    }

    /// <summary>The query that CREATE TABLE AS runs: its own, or a prepared statement's with the arguments for its parameters.</summary>
    private (Query Query, ImmutableArray<SqlType> ParameterTypes, ParameterRow? Arguments) SourceOf(CreateTableAsStatement create)
    {
        if (create.Source is CreateTableSource.Query own) return (own.Item, [], null);
        var source = (CreateTableSource.Execute)create.Source;
        var (prepared, arguments) = UtilityStatements.Arguments(session, (StatementNode.Execute)StatementNode.NewExecute(source.Name, source.Arguments));
        return prepared.Statement.Node is StatementNode.Query query
            ? (query.Item, prepared.ParameterTypes, arguments)
            : throw new SqlException(SqlState.WrongObjectType, "prepared statement is not a SELECT", source.Name.Span);
    }

    private string Truncate(StatementNode.Truncate truncate)
    {
        foreach (var table in WithReferencing([.. truncate.Tables.Select(name => Names.Table(session, name))], truncate.Behavior.IsCascade))
        {
            Access.Require(table, Rights.Truncate);
            var outcome = Owner(table.Oid).Truncate(table.Storage);
            if (outcome.Status == WriteStatus.MustWait) throw new LockNeededException();
            if (!truncate.RestartIdentity) continue;
            foreach (var sequence in session.Catalog.Snapshot.Relations.OfType<SequenceRelation>().Where(sequence => sequence.Definition.OwnerTable == table.Oid))
                session.StoreOf(sequence.Oid).SequenceSet(sequence.Oid, sequence.Definition.Start, isCalled: false);
        }

        return "TRUNCATE TABLE";
    }

    /// <summary>DriftQL's table: the key is text, further columns come with the documents.</summary>
    private string CreateDocumentTable(StatementNode.DriftCreateTable create)
    {
        string schema = Names.SchemaForNew(session, create.Name, Persistence.Permanent), name = create.Name.Last;
        if (session.Catalog.Snapshot.IsTaken(schema, name)) throw AlreadyExists(name);
        RequireNoType(schema, name);
        int oid = NewOid(schema), indexOid = NewOid(schema);
        var columns = new List<ColumnObject> { new() { Number = 1, Name = create.Key.Name, Type = StoredType.From(SqlType.Text), IsNotNull = true, IsUntyped = true } };
        foreach (var indexed in create.Indexes.Where(indexed => indexed.Name != create.Key.Name))
            columns.Add(new ColumnObject { Number = (short)(columns.Count + 1), Name = indexed.Name, Type = StoredType.From(SqlType.Text), IsUntyped = true });
        var table = new TableObject
        {
            Oid = oid, Schema = schema, Name = name, IsDocument = true, Columns = [.. columns],
            Constraints = [new ConstraintObject { Oid = NewOid(schema), Name = $"{name}_pkey", Kind = 'p', Columns = [1], IndexOid = indexOid }],
        };
        Owner(table.Oid).CreateTable(ToStore(table));
        Put(ObjectKindNumber.Table, oid, table);
        StoreIndex(table, new IndexObject { Oid = indexOid, TableOid = oid, Name = $"{name}_pkey", IsUnique = true, IsPrimary = true, Keys = [new IndexKeyObject { Column = 1 }] });
        foreach (var column in columns.Skip(1))
            StoreIndex(table, new IndexObject { Oid = NewOid(schema), TableOid = oid, Name = ChooseName(schema, name, column.Name, "idx", []), Keys = [new IndexKeyObject { Column = column.Number }] });
        return "CREATE TABLE";
    }

    /// <summary>Whether any row has a value in the column.</summary>
    public bool HasValues(TableRelation table, ColumnObject column) => Any($"SELECT 1 FROM {Quoted(table.Definition)} WHERE {ObjectNames.QuoteIfNeeded(column.Name)} IS NOT NULL LIMIT 1");

    /// <summary>Notes that a column of a document table has its type by a value, or that it hasn't yet.</summary>
    public void MarkTyped(int tableOid, string columnName, bool isTyped = true)
    {
        var table = Current(tableOid).Definition;
        ReplaceColumn(table, table.LiveColumns().First(column => column.Name == columnName) with { IsUntyped = !isTyped });
    }
}

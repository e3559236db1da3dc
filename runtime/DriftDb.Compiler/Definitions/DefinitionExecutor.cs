using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>Runs one definition statement in a transaction. Each chapter (tables, indexes, …) is a file of its own.</summary>
internal sealed partial class DefinitionExecutor(Session session, StoreTransaction transaction)
{
    private ResolvedTexts Resolved => new(session);

    /// <summary>Runs it and gives its command tag.</summary>
    public string Execute(StatementNode statement)
    {
        session.RejectReadOnly(TagOf(statement));
        switch (statement)
        {
            case StatementNode.CreateTable create: return CreateTable(create.Item);
            case StatementNode.CreateTableAs create: return CreateTableAs(create.Item);
            case StatementNode.DriftCreateTable create: return CreateDocumentTable(create);
            case StatementNode.AlterTable alter: return AlterTable(alter);
            case StatementNode.AlterObject alter: return AlterObject(alter);
            case StatementNode.CreateIndex create: return CreateIndex(create.Item);
            case StatementNode.CreateView create: return CreateView(create.Item);
            case StatementNode.CreateMaterializedView create: return CreateMaterializedView(create.Item);
            case StatementNode.RefreshMaterializedView refresh: return RefreshMaterializedView(refresh);
            case StatementNode.CreateSchema create: return CreateSchema(create);
            case StatementNode.CreateSequence create: return CreateSequence(create);
            case StatementNode.AlterSequence alter: return AlterSequence(alter);
            case StatementNode.Drop { Item.Kind.IsRole: true } drop: return DropRole(drop.Item);
            case StatementNode.Drop { Item.Kind: { IsFunction: true } or { IsProcedure: true } or { IsRoutine: true } } drop: return DropRoutines(drop.Item);
            case StatementNode.Drop { Item.Kind: { IsDomain: true } or { IsType: true } } drop: return DropDomain(drop.Item);
            case StatementNode.Drop drop: return Drop(drop.Item);
            case StatementNode.CreateDomain create: return CreateDomain(create);
            case StatementNode.CreateType { Definition: TypeDefinition.Distinct distinct } create: return CreateDistinctType(create.Name, distinct.Source);
            case StatementNode.CreateType { Definition: TypeDefinition.Enum labels } create: return CreateEnum(create.Name, [.. labels.Labels]);
            case StatementNode.CreateType { Definition: TypeDefinition.Composite composite } create: return CreateComposite(create.Name, [.. composite.Attributes]);
            case StatementNode.CreateType { Definition: TypeDefinition.Range } create: throw TableBuilder.Unsupported("CREATE TYPE AS RANGE", create.Name.Span);
            case StatementNode.CreateType create: throw TableBuilder.Unsupported("a shell type", create.Name.Span);
            case StatementNode.AlterType alter: return AlterType(alter);
            case StatementNode.AlterDomain alter: return AlterDomain(alter);
            case StatementNode.CreateFunction create: return CreateFunction(create.Item);
            case StatementNode.AlterFunctionOptions alter: return AlterFunctionOptions(alter);
            case StatementNode.CreateRole create: return CreateRole(create.Item);
            case StatementNode.AlterRole alter: return AlterRole(alter.Item);
            case StatementNode.AlterRoleSetting alter: return AlterRoleSetting(alter);
            case StatementNode.GrantRole grant: return GrantRole(grant.Item);
            case StatementNode.Grant grant: return Grant(grant.Item);
            case StatementNode.AlterDefaultPrivileges alter: return AlterDefaultPrivileges(alter.Item);
            case StatementNode.ReassignOwned reassign: return ReassignOwned(reassign);
            case StatementNode.DropOwned drop: return DropOwned(drop);
            case StatementNode.Truncate truncate: return Truncate(truncate);
            case StatementNode.Comment comment: return Comment(comment);
            case StatementNode.CreateExtension create: return CreateExtension(create);
            case StatementNode.Unsupported unsupported: throw new SqlException(SqlState.FeatureNotSupported, $"{unsupported.Feature} is not supported");
            default: throw new SqlException(SqlState.FeatureNotSupported, $"{TagOf(statement)} is not supported yet");
        }
    }

    public static string TagOf(StatementNode statement)
    {
        // AlterTable → ALTER TABLE
        string name = statement.GetType().Name;
        return string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? " " + c : c.ToString())).ToUpperInvariant();
    }

    /// <summary>A number for a new object of the schema.</summary>
    private int NewOid(string schema) => IsTemporary(schema) ? TemporaryObjects.NewOid() : session.Database.NewOid(transaction);

    private bool IsTemporary(string schema) => schema == session.Temporary?.SchemaName;

    /// <summary>The transaction in the store that has the object.</summary>
    private StoreTransaction Owner(int oid) => TemporaryObjects.Owns(oid) ? session.TransactionOf(oid) : transaction;

    private void Put<T>(int kind, int oid, T value) => Put(kind, oid, oid, value);

    private void Put<T>(int kind, int owner, long id, T value)
    {
        Owner(owner).PutObject(kind, id, MessagePackSerializer.Serialize(value));
        session.CatalogChanged();
    }

    private void Delete(int kind, int oid) => Delete(kind, oid, oid);

    private void Delete(int kind, int owner, long id)
    {
        Owner(owner).DeleteObject(kind, id);
        session.CatalogChanged();
    }

    private void LockExclusively(StorageTable table)
    {
        if (Owner((int)table.Id).LockTable(table, TableLockMode.AccessExclusive) == LockOutcome.MustWait) throw new LockNeededException();
    }

    /// <summary>A name that isn't taken: <c>t_a_key</c>, <c>t_a_key1</c> …; parts are shortened to PostgreSQL's 63 bytes.</summary>
    private string ChooseName(string schema, string table, string column, string suffix, IEnumerable<string> taken)
    {
        var used = taken.ToHashSet();
        for (int attempt = 0; ; attempt++)
        {
            string tail = suffix + (attempt == 0 ? "" : attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
            string head = column.Length == 0 ? table : $"{table}_{column}";
            int room = Limits.IdentifierBytes - tail.Length - 1;
            string name = $"{(head.Length > room ? head[..room] : head)}_{tail}";
            if (!used.Contains(name) && !session.Catalog.Snapshot.IsTaken(schema, name)) return name;
        }
    }

    private static SqlException AlreadyExists(string name) => new(SqlState.DuplicateTable, $"relation \"{name}\" already exists");

    /// <summary>Runs SQL in this transaction, for work that is best said in SQL. No locks can be in the way: the caller holds the table.</summary>
    private long Run(string sql) => InternalSql.Execute(session, sql);

    private bool Any(string sql) => InternalSql.Execute(session, sql) > 0;

    private static string Quoted(TableObject table) => ObjectNames.Qualify(table.Schema, table.Name);
}

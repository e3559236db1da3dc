using DriftDb.Frontend;
using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>
/// A session's temporary tables, views and sequences. They live in a store of their own that has no log and no files, so no other session can meet them and nothing
/// of them outlives the session. Definitions and rows are transactional as anywhere: the session's transaction is one transaction in each of the two stores.
/// </summary>
/// <remarks>Plans depend on them, so a session that has any plans for itself: its caches are here, and its catalogs have versions of their own.</remarks>
internal sealed class TemporaryObjects(Database database, int processId)
{
    /// <summary>How every session names its own temporary schema.</summary>
    public const string Alias = "pg_temp";

    /// <summary>Oids of temporary objects begin here, far above those that are stored. They tell which of the two stores an object is in.</summary>
    private const int FirstOid = 1 << 28 | 1 << 19;

    private static int _lastOid = FirstOid;
    private static long _lastVersion = 1L << 62;

    private readonly SchemaObject _schema = new() { Oid = NewOid(), Name = $"{Alias}_{processId}" };
    private CatalogSnapshot? _catalog, _under;
    private long _catalogVersion;

    public string SchemaName => _schema.Name;

    public int SchemaOid => _schema.Oid;

    public DriftStore Store { get; } = DriftStore.OpenVolatile(database.Store.Clock);

    /// <summary>The part of the session's transaction that is in this store; null outside of one.</summary>
    public StoreTransaction? Transaction { get; private set; }

    public PlanCache Plans { get; } = new();

    public ShapeCache Shapes { get; } = new();

    public bool IsEmpty => Store.Objects().Count == 0;

    public static bool Owns(int oid) => oid >= FirstOid && oid < 1 << 29;

    public static int NewOid() => Interlocked.Increment(ref _lastOid);

    /// <summary>Begins the session's transaction here.</summary>
    public void Begin() => Transaction ??= Store.Begin();

    public void Commit()
    {
        Transaction?.Commit();
        Transaction = null;
    }

    public void Rollback()
    {
        Transaction?.Rollback();
        Transaction = null;
    }

    /// <summary>Takes back what was done since the mark; everything, when there was nothing temporary yet at that time.</summary>
    public void RollbackTo(TransactionMark? mark)
    {
        if (mark is { } known)
        {
            Transaction!.RollbackTo(known);
            return;
        }

        Rollback();
        Begin();
    }

    /// <summary>The database's catalog with the temporary objects as committed.</summary>
    public CatalogSnapshot Over(CatalogSnapshot committed)
    {
        if (_catalog is not null && ReferenceEquals(_under, committed) && _catalogVersion == Store.CatalogVersion) return _catalog;
        (_under, _catalogVersion) = (committed, Store.CatalogVersion);
        return _catalog = committed.With(_schema, Store.Objects(), Interlocked.Increment(ref _lastVersion), database, Store, null);
    }

    /// <summary>A transaction's own catalog with the temporary objects as it sees them.</summary>
    public CatalogSnapshot OverOwn(CatalogSnapshot catalog) =>
        Transaction is null ? Over(catalog) : catalog.With(_schema, Transaction.Objects(), CatalogSnapshot.OwnVersion, database, Store, Transaction);

    /// <summary>ON COMMIT: DELETE ROWS empties the table, DROP drops it.</summary>
    public void RunOnCommit(Session session, StoreTransaction main)
    {
        if (Transaction is not { HasWrites: true }) return;
        foreach (var table in session.Catalog.Snapshot.Relations.OfType<TableRelation>().Where(table => Owns(table.Oid)).ToList())
        {
            if (table.Definition.OnCommit == TableObject.DeleteOnCommit) Transaction.Truncate(table.Storage);
            else if (table.Definition.OnCommit == TableObject.DropOnCommit) new DefinitionExecutor(session, main).DropTemporary(table);
        }
    }
}

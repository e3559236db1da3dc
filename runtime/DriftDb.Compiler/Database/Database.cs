using System.Collections.Concurrent;
using DriftDb.Runtime;
using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>One database: its store, its catalog, its plans.</summary>
public sealed class Database : IDisposable
{
    private readonly ConcurrentDictionary<long, CatalogSnapshot> _snapshots = new();
    private readonly Lock _oidGate = new();
    private int _lastOid;

    internal Database(string name, int oid, DriftStore store, FunctionCatalog functions)
    {
        Name = name;
        Oid = oid;
        Store = store;
        Functions = functions;
        Statistics = new StatisticsCache();
        Plans = new PlanCache();
        Notifications = new NotificationHub();
        _lastOid = StoredOidCounter();
        AttachExtractors();
    }

    public string Name { get; }

    /// <summary>pg_database.oid.</summary>
    public int Oid { get; }

    public DriftStore Store { get; }

    public FunctionCatalog Functions { get; }

    internal StatisticsCache Statistics { get; }

    internal PlanCache Plans { get; }

    internal ShapeCache Shapes { get; } = new();

    internal NotificationHub Notifications { get; }

    internal AdvisoryLocks AdvisoryLocks { get; } = new();

    /// <summary>The newest committed catalog.</summary>
    public CatalogSnapshot Catalog => CatalogAt(Store.CatalogVersion);

    /// <summary>The catalog as of a version. Old ones are read anew when they are asked for again after having been forgotten.</summary>
    public CatalogSnapshot CatalogAt(long version)
    {
        if (_snapshots.TryGetValue(version, out var snapshot)) return snapshot;
        if (_snapshots.Count > 64) _snapshots.Clear();
        return _snapshots.GetOrAdd(version, static (key, database) => CatalogSnapshot.Read(database.Store.Objects(key), key, database, null), this);
    }

    /// <summary>The catalog as a transaction with changes of its own sees it.</summary>
    internal CatalogSnapshot CatalogOf(StoreTransaction transaction) => CatalogSnapshot.Read(transaction.Objects(), CatalogSnapshot.OwnVersion, this, transaction);

    /// <summary>A number for a new object. The transaction that makes the object also stores the counter, so that a number is never given twice.</summary>
    internal int NewOid(StoreTransaction transaction)
    {
        lock (_oidGate)
        {
            int oid = ++_lastOid;
            transaction.PutObject(ObjectKindNumber.OidCounter, 1, MessagePack.MessagePackSerializer.Serialize(oid));
            return oid;
        }
    }

    public void Dispose() => Store.Dispose();

    private int StoredOidCounter()
    {
        int last = WellKnownOids.FirstUser - 1;
        foreach (var stored in Store.Objects())
        {
            if (stored.Kind == ObjectKindNumber.OidCounter) last = Math.Max(last, MessagePack.MessagePackSerializer.Deserialize<int>(stored.Payload));
            else if (stored.Kind != ObjectKindNumber.Comment) last = Math.Max(last, (int)stored.Id);
        }

        return last;
    }

    /// <summary>Partial and expression indexes need their compiled expressions after every start.</summary>
    private void AttachExtractors()
    {
        foreach (var relation in Catalog.Relations.OfType<TableRelation>())
            foreach (var index in relation.IndexObjects.Where(IndexExpressions.Has))
                if (Store.FindIndex(index.Oid) is { } stored) Store.AttachExtractor(stored, IndexExtractors.For(Store, this, relation.Definition, index));
    }
}

using System.Collections.Frozen;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>
/// All catalog objects at one version (or as one transaction sees them): immutable, shared by every statement planned against it.
/// </summary>
public sealed class CatalogSnapshot
{
    private readonly FrozenDictionary<(string Schema, string Name), CatalogRelation> _relations;
    private readonly FrozenDictionary<int, CatalogRelation> _byOid;

    private CatalogSnapshot(
        IReadOnlyList<SchemaObject> schemas, IReadOnlyList<CatalogRelation> relations, IReadOnlyList<IndexObject> indexes, IReadOnlyList<CommentObject> comments, long version)
    {
        Version = version;
        Schemas = schemas.ToFrozenDictionary(schema => schema.Name);
        _relations = relations.ToFrozenDictionary(relation => (relation.Schema, relation.Name));
        _byOid = relations.ToFrozenDictionary(relation => relation.Oid);
        Indexes = indexes.ToFrozenDictionary(index => index.Oid);
        IndexesOf = indexes.ToLookup(index => index.TableOid);
        Comments = comments;
    }

    /// <summary>The catalog version; -1 for one with a transaction's own changes.</summary>
    public long Version { get; }

    public FrozenDictionary<string, SchemaObject> Schemas { get; }

    public IEnumerable<CatalogRelation> Relations => _byOid.Values;

    public FrozenDictionary<int, IndexObject> Indexes { get; }

    public ILookup<int, IndexObject> IndexesOf { get; }

    public IReadOnlyList<CommentObject> Comments { get; }

    public CatalogRelation? Find(string schema, string name) => _relations.GetValueOrDefault((schema, name));

    public CatalogRelation? Find(int oid) => _byOid.GetValueOrDefault(oid);

    /// <summary>The index with this name in the schema (an index lives in its table's schema).</summary>
    public IndexObject? FindIndex(string schema, string name) => Indexes.Values.FirstOrDefault(index => index.Name == name && Find(index.TableOid)?.Schema == schema);

    /// <summary>True when a relation, index or other pg_class entry of the schema has the name already.</summary>
    public bool IsTaken(string schema, string name) => Find(schema, name) is not null || FindIndex(schema, name) is not null;

    /// <summary>Reads the objects.</summary>
    /// <param name="objects">The stored objects.</param>
    /// <param name="version">Their version; -1 for a transaction's own view.</param>
    /// <param name="database">Finds the store's tables and statistics.</param>
    /// <param name="transaction">Whose pending tables are to be found as well; null for none.</param>
    internal static CatalogSnapshot Read(IReadOnlyList<StoredObject> objects, long version, Database database, StoreTransaction? transaction)
    {
        var schemas = new List<SchemaObject> { new() { Oid = WellKnownOids.PublicSchema, Name = "public" } };
        var relations = new List<CatalogRelation>();
        var indexes = new List<IndexObject>();
        var comments = new List<CommentObject>();
        foreach (var stored in objects)
        {
            switch (stored.Kind)
            {
                case ObjectKindNumber.Schema: schemas.Add(Decode<SchemaObject>(stored)); break;
                case ObjectKindNumber.Index: indexes.Add(Decode<IndexObject>(stored)); break;
                case ObjectKindNumber.Comment: comments.Add(Decode<CommentObject>(stored)); break;
            }
        }

        var indexesOf = indexes.ToLookup(index => index.TableOid);
        foreach (var stored in objects)
        {
            switch (stored.Kind)
            {
                case ObjectKindNumber.Table:
                    var table = Decode<TableObject>(stored);
                    relations.Add(new TableRelation(table, [.. indexesOf[table.Oid].OrderBy(index => !index.IsPrimary).ThenBy(index => index.Oid)], database, transaction));
                    break;
                case ObjectKindNumber.View: relations.Add(new ViewRelation(Decode<ViewObject>(stored))); break;
                case ObjectKindNumber.Sequence: relations.Add(new SequenceRelation(Decode<SequenceObject>(stored), database)); break;
            }
        }

        return new CatalogSnapshot(schemas, relations, indexes, comments, version);
    }

    internal static T Decode<T>(StoredObject stored) => MessagePackSerializer.Deserialize<T>(stored.Payload);
}

/// <summary>Object ids that PostgreSQL fixes and clients know.</summary>
public static class WellKnownOids
{
    public const int CatalogSchema = 11, PublicSchema = 2200, InformationSchema = 13000, DriftSchema = 13001, ToastSchema = 99;

    public const int Superuser = 10, Tablespace = 1663, BtreeMethod = 403, HashMethod = 405, HeapMethod = 2, Language = 12;

    public const int DriftExtension = 13003;

    public const int PgExtension = 3079, PgClass = 1259, PgNamespace = 2615, PgType = 1247, PgProc = 1255, PgConstraint = 2606, PgDatabase = 1262, PgAttrdef = 2604;

    /// <summary>The first oid for objects of users.</summary>
    public const int FirstUser = 16384;
}

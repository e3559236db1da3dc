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
        IReadOnlyList<SchemaObject> schemas, IReadOnlyList<CatalogRelation> relations, IReadOnlyList<IndexObject> indexes, IReadOnlyList<CommentObject> comments, RoleCatalog roles, DatabaseRightsObject databaseRights, DefaultPrivileges[] defaultPrivileges, IReadOnlyList<RoutineObject> routines, IReadOnlyList<DomainObject> domains, UserTypes types, long version)
    {
        Types = types;
        Domains = domains.ToFrozenDictionary(domain => (domain.Schema, domain.Name));
        Routines = routines.ToLookup(routine => (routine.Schema, routine.Name));
        Roles = roles;
        DatabaseRights = databaseRights;
        DefaultPrivileges = defaultPrivileges;
        Version = version;
        Schemas = schemas.ToFrozenDictionary(schema => schema.Name);
        _relations = relations.ToFrozenDictionary(relation => (relation.Schema, relation.Name));
        _byOid = relations.ToFrozenDictionary(relation => relation.Oid);
        Indexes = indexes.ToFrozenDictionary(index => index.Oid);
        IndexesOf = indexes.ToLookup(index => index.TableOid);
        Comments = comments;
        _foreignKeys = new Lazy<ForeignKeys>(() => new ForeignKeys(this));
    }

    private readonly Lazy<ForeignKeys> _foreignKeys;

    internal ForeignKeys ForeignKeys => _foreignKeys.Value;

    /// <summary>The catalog version; <see cref="OwnVersion"/> for one with a transaction's own changes.</summary>
    public long Version { get; }

    public FrozenDictionary<string, SchemaObject> Schemas { get; }

    public IEnumerable<CatalogRelation> Relations => _byOid.Values;

    public FrozenDictionary<int, IndexObject> Indexes { get; }

    public ILookup<int, IndexObject> IndexesOf { get; }

    public IReadOnlyList<CommentObject> Comments { get; }

    /// <summary>The server's roles: in the first database's catalog; elsewhere only those that every server has.</summary>
    internal RoleCatalog Roles { get; }

    internal DatabaseRightsObject DatabaseRights { get; }

    internal DefaultPrivileges[] DefaultPrivileges { get; }

    /// <summary>Functions and procedures by schema and name.</summary>
    internal ILookup<(string Schema, string Name), RoutineObject> Routines { get; }

    internal IReadOnlyDictionary<(string Schema, string Name), DomainObject> Domains { get; }

    /// <summary>Enums, composite types and row types.</summary>
    internal UserTypes Types { get; }

    internal IEnumerable<RoutineObject> AllRoutines => Routines.SelectMany(group => group).OrderBy(routine => routine.Oid);

    /// <summary>Whether the routine is in a procedural language.</summary>
    internal bool IsProcedural(int oid) => AllRoutines.Any(routine => routine.Oid == oid && routine.IsProcedural);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<int, Plan.Routine> _planned = new();

    /// <summary>The routine as plans know it.</summary>
    internal Plan.Routine Planned(RoutineObject routine) => _planned.GetOrAdd(routine.Oid, static (_, stored) => stored.ToRoutine(), routine);

    public CatalogRelation? Find(string schema, string name) => _relations.GetValueOrDefault((schema, name));

    public CatalogRelation? Find(int oid) => _byOid.GetValueOrDefault(oid);

    /// <summary>The index with this name in the schema (an index lives in its table's schema).</summary>
    public IndexObject? FindIndex(string schema, string name) => Indexes.Values.FirstOrDefault(index => index.Name == name && Find(index.TableOid)?.Schema == schema);

    /// <summary>True when a relation, index or other pg_class entry of the schema has the name already.</summary>
    public bool IsTaken(string schema, string name) =>
        Find(schema, name) is not null || FindIndex(schema, name) is not null || Types.Composite(schema, name) is not null;

    /// <summary>Version of a transaction's own view, which no cache may keep.</summary>
    internal const long OwnVersion = -1;

    /// <summary>Reads the objects.</summary>
    /// <param name="objects">The stored objects.</param>
    /// <param name="version">Their version; <see cref="OwnVersion"/> for a transaction's own view.</param>
    /// <param name="database">Finds the tables and their statistics.</param>
    /// <param name="transaction">Whose pending tables are to be found as well; null for none.</param>
    internal static CatalogSnapshot Read(IReadOnlyList<StoredObject> objects, long version, Database database, StoreTransaction? transaction)
    {
        var contents = new Contents();
        contents.Add(objects, database, database.Store, transaction);
        // Schema public is there from the start; it is stored once something was granted on it.
        if (!contents.Schemas.Exists(schema => schema.Oid == WellKnownOids.PublicSchema)) contents.Schemas.Add(new SchemaObject { Oid = WellKnownOids.PublicSchema, Name = "public" });
        return new CatalogSnapshot(contents.Schemas, contents.Relations, contents.Indexes, contents.Comments, new RoleCatalog(contents.Roles, contents.Memberships, contents.RoleSettings), contents.DatabaseRights, contents.DefaultPrivileges, contents.Routines, contents.Domains, contents.Types!, version);
    }

    /// <summary>The same with the objects of another store, which are in a schema of their own.</summary>
    internal CatalogSnapshot With(SchemaObject schema, IReadOnlyList<StoredObject> objects, long version, Database database, DriftStore store, StoreTransaction? transaction)
    {
        var contents = new Contents();
        contents.Schemas.AddRange(Schemas.Values);
        contents.Schemas.Add(schema);
        contents.Relations.AddRange(Relations);
        contents.Indexes.AddRange(Indexes.Values);
        contents.Comments.AddRange(Comments);
        contents.Enums.AddRange(Types.Enums);
        contents.Composites.AddRange(Types.Composites);
        contents.Add(objects, database, store, transaction);
        return new CatalogSnapshot(contents.Schemas, contents.Relations, contents.Indexes, contents.Comments, Roles, DatabaseRights, DefaultPrivileges, [.. AllRoutines], [.. Domains.Values], contents.Types!, version);
    }

    private sealed class Contents
    {
        public List<SchemaObject> Schemas { get; } = [];

        public List<CatalogRelation> Relations { get; } = [];

        public List<IndexObject> Indexes { get; } = [];

        public List<CommentObject> Comments { get; } = [];

        public List<RoleObject> Roles { get; } = [];

        public List<MembershipObject> Memberships { get; } = [];

        public RoleSettings[] RoleSettings { get; private set; } = [];

        public DatabaseRightsObject DatabaseRights { get; private set; } = new();

        public DefaultPrivileges[] DefaultPrivileges { get; private set; } = [];

        public List<RoutineObject> Routines { get; } = [];

        public List<DomainObject> Domains { get; } = [];

        public List<EnumObject> Enums { get; } = [];

        public List<CompositeObject> Composites { get; } = [];

        /// <summary>All types, once everything is read.</summary>
        public UserTypes? Types { get; private set; }

        public void Add(IReadOnlyList<StoredObject> objects, Database database, DriftStore store, StoreTransaction? transaction)
        {
            var indexes = new List<IndexObject>();
            var tables = new List<TableObject>();
            var views = new List<ViewObject>();
            var domains = new List<DomainObject>();
            var routines = new List<RoutineObject>();
            foreach (var stored in objects)
            {
                switch (stored.Kind)
                {
                    case ObjectKindNumber.Schema: Schemas.Add(Decode<SchemaObject>(stored)); break;
                    case ObjectKindNumber.Index: indexes.Add(Decode<IndexObject>(stored)); break;
                    case ObjectKindNumber.Comment: Comments.Add(Decode<CommentObject>(stored)); break;
                    case ObjectKindNumber.Domain: domains.Add(Decode<DomainObject>(stored)); break;
                    case ObjectKindNumber.Enum: Enums.Add(Decode<EnumObject>(stored)); break;
                    case ObjectKindNumber.Composite: Composites.Add(Decode<CompositeObject>(stored)); break;
                    case ObjectKindNumber.Routine: routines.Add(Decode<RoutineObject>(stored)); break;
                    case ObjectKindNumber.DatabaseRights: DatabaseRights = Decode<DatabaseRightsObject>(stored); break;
                    case ObjectKindNumber.DefaultPrivileges: DefaultPrivileges = Decode<DefaultPrivilegesObject>(stored).All; break;
                    case ObjectKindNumber.Role: Roles.Add(Decode<RoleObject>(stored)); break;
                    case ObjectKindNumber.RoleSettings: RoleSettings = Decode<RoleSettingsObject>(stored).All; break;
                    case ObjectKindNumber.Membership: Memberships.Add(Decode<MembershipObject>(stored)); break;
                    case ObjectKindNumber.Table: tables.Add(Decode<TableObject>(stored)); break;
                    case ObjectKindNumber.View: views.Add(Decode<ViewObject>(stored)); break;
                    case ObjectKindNumber.Sequence: Relations.Add(new SequenceRelation(Decode<SequenceObject>(stored), store)); break;
                }
            }

            // What names a type by its oid learns what it is only now, when all types are read.
            var types = Types = new UserTypes(
                Enums, Composites, [.. tables, .. Relations.OfType<TableRelation>().Select(table => table.Definition)], [.. views, .. Relations.OfType<ViewRelation>().Select(view => view.Definition)]);
            Domains.AddRange(domains.Select(types.Resolve));
            Routines.AddRange(routines.Select(types.Resolve));
            indexes = [.. indexes.Select(types.Resolve)];
            Indexes.AddRange(indexes);
            var indexesOf = indexes.ToLookup(index => index.TableOid);
            foreach (var table in tables) Relations.Add(new TableRelation(types.Resolve(table), [.. indexesOf[table.Oid].OrderBy(index => !index.IsPrimary).ThenBy(index => index.Oid)], database, store, transaction));
            foreach (var view in views) Relations.Add(new ViewRelation(types.Resolve(view)));
        }
    }

    internal static T Decode<T>(StoredObject stored) => MessagePackSerializer.Deserialize<T>(stored.Payload);
}

/// <summary>Object ids that PostgreSQL fixes and clients know.</summary>
public static class WellKnownOids
{
    public const int CatalogSchema = 11, PublicSchema = 2200, InformationSchema = 13000, DriftSchema = 13001, ToastSchema = 99;

    public const int Superuser = 10, Tablespace = 1663, BtreeMethod = 403, HashMethod = 405, HeapMethod = 2, Language = 12;

    public const int DriftExtension = 13003;

    public const int PgExtension = 3079, PgClass = 1259, PgNamespace = 2615, PgType = 1247, PgProc = 1255, PgConstraint = 2606, PgDatabase = 1262, PgAttrdef = 2604, PgAuthid = 1260;

    /// <summary>The first oid for objects of users.</summary>
    public const int FirstUser = 16384;
}

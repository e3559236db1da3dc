using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The catalog as a statement of one session sees it: names resolved along its search path.</summary>
internal sealed class SessionCatalog(CatalogSnapshot snapshot, Database database, IReadOnlyList<string> searchPath, IReadOnlyList<string> pathAsSet, CatalogRelation? extra = null) : ICatalog
{
    public CatalogSnapshot Snapshot { get; } = snapshot;

    /// <summary>What pg_temp means to the session; null when it has nothing temporary.</summary>
    public string? TemporarySchema { get; init; }

    /// <summary>The same with a relation that only one statement knows.</summary>
    public SessionCatalog With(CatalogRelation relation) => new(Snapshot, database, SearchPath, PathAsSet, relation) { TemporarySchema = TemporarySchema, ExecuteCheck = ExecuteCheck };

    public IFunctionCatalog Functions => database.Functions;

    /// <summary>The schemas looked into, pg_catalog included.</summary>
    public IReadOnlyList<string> SearchPath { get; } = searchPath;

    /// <summary>The schemas of the setting that exist: where new objects go.</summary>
    public IReadOnlyList<string> PathAsSet { get; } = pathAsSet;

    public IRelation? FindRelation(string? schema, string name) => Find(Snapshot, schema, name);

    /// <summary>A temporary relation has no past: its name means it at every moment.</summary>
    public IRelation? FindRelationAt(string? schema, string name, long catalogVersion) =>
        TemporarySchema is not null && Find(Snapshot, schema, name) is { } now && now.Schema == TemporarySchema ? now : Find(database.CatalogAt(catalogVersion), schema, name);

    public CatalogRelation? Find(string? schema, string name) => Find(Snapshot, schema, name);

    /// <summary>Says whether the session may call a routine; null where nobody asks.</summary>
    public Action<RoutineObject>? ExecuteCheck { get; init; }

    public IReadOnlyList<Routine> FindRoutines(string? schema, string name)
    {
        IEnumerable<string> schemas = schema is null ? SearchPath : [Resolved(schema)];
        return [.. schemas.SelectMany(candidate => Snapshot.Routines[(candidate, name)]).Select(Snapshot.Planned)];
    }

    public void RequireExecute(Routine routine) => ExecuteCheck?.Invoke(Snapshot.AllRoutines.First(stored => stored.Oid == routine.Oid));

    public Domain? FindDomain(string? schema, string name) => DomainOf(schema, name) is { IsDistinct: false } domain ? domain.ToDomain() : null;

    public DomainObject? DomainOf(string? schema, string name)
    {
        return Along(schema).Select(candidate => Snapshot.Domains.GetValueOrDefault((candidate, name))).FirstOrDefault(found => found is not null);
    }

    /// <summary>A distinct type, an enum, a composite type, or a relation's row type; with an underscore before its name an array of one.</summary>
    public SqlType? FindType(string? schema, string name)
    {
        foreach (string candidate in Along(schema))
        {
            if (TypeIn(candidate, name) is { } type) return type;
            if (name.StartsWith('_') && TypeIn(candidate, name[1..]) is { Distinct: null } element) return SqlType.ArrayOf(element);
        }

        return null;
    }

    private SqlType? TypeIn(string schema, string name)
    {
        if (Snapshot.Domains.GetValueOrDefault((schema, name)) is { IsDistinct: true } distinct) return distinct.ToDistinctType();
        if (Snapshot.Types.Enum(schema, name) is { } labels) return Snapshot.Types.Find(labels.Oid);
        if (Snapshot.Types.Composite(schema, name) is { } composite) return Snapshot.Types.Find(composite.Oid);
        return Find(schema, name) is { RowTypeOid: not 0 } relation ? Snapshot.Types.Find(relation.RowTypeOid) : null;
    }

    public EnumObject? EnumOf(string? schema, string name) => Along(schema).Select(candidate => Snapshot.Types.Enum(candidate, name)).FirstOrDefault(found => found is not null);

    public CompositeObject? CompositeOf(string? schema, string name) => Along(schema).Select(candidate => Snapshot.Types.Composite(candidate, name)).FirstOrDefault(found => found is not null);

    private IEnumerable<string> Along(string? schema) => schema is null ? SearchPath : [Resolved(schema)];

    public bool SchemaExists(string schema) => Snapshot.Schemas.ContainsKey(Resolved(schema)) || SystemCatalog.Schemas.ContainsKey(schema);

    /// <summary>The schema that is meant: pg_temp is the session's own.</summary>
    public string Resolved(string schema) => schema == TemporaryObjects.Alias && TemporarySchema is not null ? TemporarySchema : schema;

    private CatalogRelation? Find(CatalogSnapshot catalog, string? schema, string name)
    {
        if (extra is not null && schema == extra.Schema && name == extra.Name) return extra;
        if (schema is not null) return catalog.Find(Resolved(schema), name) ?? SystemCatalog.Find(schema, name);
        foreach (string candidate in SearchPath)
            if ((catalog.Find(candidate, name) ?? SystemCatalog.Find(candidate, name)) is { } relation) return relation;
        return null;
    }
}

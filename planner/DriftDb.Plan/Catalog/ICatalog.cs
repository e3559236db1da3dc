using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>What the binder may ask about a database's objects, as one statement sees them (its transaction's own DDL included).</summary>
public interface ICatalog
{
    /// <summary>A table, view or system view; null when there is none. A null schema means: along the search path.</summary>
    IRelation? FindRelation(string? schema, string name);

    /// <summary>The relation as it was in an older version of the catalog, for AS OF before a schema change; null when it wasn't there then.</summary>
    IRelation? FindRelationAt(string? schema, string name, long catalogVersion);

    /// <summary>A user-defined type or domain by name; null when there is none.</summary>
    SqlType? FindType(string? schema, string name);

    /// <summary>The domain of this name, in the schema or along the search path; null when there is none.</summary>
    Domain? FindDomain(string? schema, string name) => null;

    /// <summary>The routines of this name, in the schema or along the search path: the first schema's come first.</summary>
    IReadOnlyList<Routine> FindRoutines(string? schema, string name) => [];

    /// <summary>42501 unless the session may call the routine.</summary>
    void RequireExecute(Routine routine)
    {
    }

    bool SchemaExists(string schema);

    IFunctionCatalog Functions { get; }

    IReadOnlyList<string> SearchPath { get; }
}

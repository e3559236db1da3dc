using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Resolves the names that utility statements use.</summary>
internal static class Names
{
    public static string? SchemaOf(QualifiedName name)
    {
        var parts = name.Texts.ToList();
        return parts.Count > 1 ? parts[^2] : null;
    }

    /// <summary>The relation; 42P01 when there is none.</summary>
    public static CatalogRelation Relation(Session session, QualifiedName name) => Find(session, name)
        ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{string.Join('.', name.Texts)}\" does not exist");

    /// <summary>The same error without a place in the text, as statements give it that PostgreSQL doesn't analyse.</summary>
    public static SqlException Missing(QualifiedName name) => new(SqlState.UndefinedTable, $"relation \"{string.Join('.', name.Texts)}\" does not exist");

    public static CatalogRelation? Find(Session session, QualifiedName name) => session.Catalog.Find(SchemaOf(name), name.Last);

    /// <summary>The table; 42809 when the name is something else's.</summary>
    public static TableRelation Table(Session session, QualifiedName name) => Relation(session, name) is TableRelation { IsMaterializedView: false } table
        ? table
        : throw new SqlException(SqlState.WrongObjectType, $"\"{name.Last}\" is not a table", name.Span);

    /// <summary>The index, along the search path; null when there is none.</summary>
    public static IndexObject? FindIndex(Session session, QualifiedName name)
    {
        IEnumerable<string> schemas = SchemaOf(name) is { } schema ? [session.Catalog.Resolved(schema)] : session.Catalog.SearchPath;
        return schemas.Select(candidate => session.Catalog.Snapshot.FindIndex(candidate, name.Last)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The schema in which a new object goes: the session's temporary one, the one named, or the first of the search path that exists.</summary>
    public static string SchemaForNew(Session session, QualifiedName name, Persistence persistence)
    {
        bool isTemporary = SchemaOf(name) is { } given ? given == TemporaryObjects.Alias || given == session.Temporary?.SchemaName : session.SearchPathSetting().FirstOrDefault() == TemporaryObjects.Alias;
        if (persistence.IsTemporary && SchemaOf(name) is not null && !isTemporary)
            throw new SqlException(SqlState.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema", name.Span);
        if (persistence.IsTemporary || isTemporary) return session.EnsureTemporary().SchemaName;
        string chosen = PermanentSchema(session, name);
        session.Access.RequireInSchema(chosen, Rights.Create, name.Span);
        return chosen;
    }

    private static string PermanentSchema(Session session, QualifiedName name)
    {
        if (SchemaOf(name) is { } schema)
        {
            if (session.Catalog.Snapshot.Schemas.ContainsKey(schema)) return schema;
            if (SystemCatalog.Schemas.ContainsKey(schema)) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to create \"{schema}.{name.Last}\"", name.Span, detail: "System catalog modifications are currently disallowed.");
            throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", name.Span);
        }

        return session.Catalog.PathAsSet.FirstOrDefault(candidate => session.Catalog.Snapshot.Schemas.ContainsKey(candidate))
            ?? throw new SqlException(SqlState.InvalidSchemaName, "no schema has been selected to create in", name.Span);
    }
}

namespace DriftDb.Compiler;

/// <summary>pg_type: the base types and their arrays, domains and distinct types, enums, composite types, and the row types of tables and views. pg_enum: the enums' labels.</summary>
internal static class TypeViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_type", Types), ("pg_catalog.pg_enum", Labels)];

    private static void Types(CatalogRows rows)
    {
        rows.AddFixed(BaseTypes);
        foreach (var domain in rows.Catalog.Domains.Values.OrderBy(domain => domain.Oid)) AddDomain(rows, domain);
        foreach (var type in rows.Catalog.Types.Enums) AddEnum(rows, type);
        foreach (var type in rows.Catalog.Types.Composites) AddComposite(rows, type);
        foreach (var table in rows.Tables) AddRowType(rows, table);
        foreach (var view in rows.Views) AddRowType(rows, view);
    }

    private static void BaseTypes(CatalogRows rows)
    {
        foreach (var type in SystemData.Types.Values.OrderBy(type => type.Oid)) Add(rows, type.Oid, type.Name, WellKnownOids.CatalogSchema, type, 0, type.Element, type.Array);
    }

    /// <summary>A distinct type looks like a domain to clients: its values come and go as those of the type behind it.</summary>
    private static void AddDomain(CatalogRows rows, DomainObject domain)
    {
        var type = TypeFacts.Of(domain.BaseType.Oid);
        rows.Add(
            domain.Oid, domain.Name, RelationViews.SchemaOid(rows, domain.Schema), domain.OwnerOid, type.Length, type.ByValue, 'd', type.Category, false, true, ',', 0, type.Subscript, 0, 0,
            type.Input, type.Output, type.Receive, type.Send, type.ModifierInput, type.ModifierOutput, type.Analyze, type.Alignment, type.Storage, domain.IsNotNull, domain.BaseType.TypeOid, domain.BaseType.Typmod, 0,
            type.Collation, null, domain.DefaultText, rows.Session.Access.Shown(domain.Acl));
    }

    private static void AddEnum(CatalogRows rows, EnumObject type)
    {
        int schema = RelationViews.SchemaOid(rows, type.Schema);
        string[]? rights = rows.Session.Access.Shown(type.Acl);
        Add(rows, type.Oid, type.Name, schema, TypeFacts.Enum, 0, 0, type.ArrayOid, type.OwnerOid, rights);
        AddArray(rows, type.ArrayOid, type.Name, schema, type.Oid, type.OwnerOid);
    }

    private static void AddComposite(CatalogRows rows, CompositeObject type)
    {
        int schema = RelationViews.SchemaOid(rows, type.Schema);
        Add(rows, type.Oid, type.Name, schema, TypeFacts.Row, type.RelationOid, 0, type.ArrayOid, type.OwnerOid, rows.Session.Access.Shown(type.Acl));
        AddArray(rows, type.ArrayOid, type.Name, schema, type.Oid, type.OwnerOid);
    }

    private static void AddArray(CatalogRows rows, int oid, string element, int schema, int elementOid, int owner) =>
        Add(rows, oid, "_" + element, schema, TypeFacts.Of(2287) with { Category = 'A', Kind = 'b' }, 0, elementOid, 0, owner);

    private static void Labels(CatalogRows rows)
    {
        foreach (var type in rows.Catalog.Types.Enums)
            foreach (var label in type.Labels) rows.Add(label.Oid, type.Oid, label.SortOrder, label.Text);
    }

    private static void AddRowType(CatalogRows rows, CatalogRelation relation)
    {
        int schema = RelationViews.SchemaOid(rows, relation.Schema);
        int row = CatalogOids.RowType(relation.Oid), array = CatalogOids.RowArray(relation.Oid);
        Add(rows, row, relation.Name, schema, TypeFacts.Row, relation.Oid, 0, array, relation.Owner);
        AddArray(rows, array, relation.Name, schema, row, relation.Owner);
    }

    private static void Add(CatalogRows rows, int oid, string name, int schema, TypeFacts type, int relation, int element, int array, int owner = WellKnownOids.Superuser, string[]? rights = null) =>
        rows.Add(
            oid, name, schema, owner, type.Length, type.ByValue, type.Kind, type.Category, type.IsPreferred, true, ',', relation, type.Subscript, element, array,
            type.Input, type.Output, type.Receive, type.Send, type.ModifierInput, type.ModifierOutput, type.Analyze, type.Alignment, type.Storage, false, 0, -1, 0, type.Collation, null, null, rights);
}

using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>pg_attribute: the columns of tables, views, sequences, indexes and of the system's own relations.</summary>
internal static class AttributeViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_attribute", Attributes)];

    private static void Attributes(CatalogRows rows)
    {
        rows.AddFixed(SystemAttributes);
        foreach (var type in rows.Catalog.Types.Composites)
            foreach (var column in type.Columns) AddColumn(rows, type.RelationOid, column with { Type = rows.Catalog.Types.Resolve(column.Type) });
        foreach (var table in rows.Tables)
        {
            foreach (var column in table.Definition.Columns) AddColumn(rows, table.Oid, column);
            foreach (var index in table.IndexObjects) AddKeys(rows, table.Definition, index);
        }

        foreach (var view in rows.Views)
            foreach (var column in view.Definition.Columns) AddColumn(rows, view.Oid, column);
        foreach (var sequence in rows.Sequences) AddPlain(rows, sequence);
    }

    private static void SystemAttributes(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.OrderBy(relation => relation.Oid)) AddPlain(rows, relation);
    }

    private static void AddPlain(CatalogRows rows, CatalogRelation relation)
    {
        foreach (RelationColumn column in relation.Columns)
        {
            int oid = TypeNames.Oid(column.Type);
            Add(rows, relation.Oid, column.Name, oid, TypeFacts.Of(oid), column.AttributeNumber, column.Type.Typmod, !column.IsNullable);
        }
    }

    private static void AddColumn(CatalogRows rows, int relation, ColumnObject column)
    {
        if (column.IsDropped)
        {
            Add(rows, relation, $"........pg.dropped.{column.Number}........", 0, TypeFacts.Of(column.Type), column.Number, -1, false, isDropped: true);
            return;
        }

        bool isComputed = column.IsGenerated || column.SystemTime != 0;
        // What a column has from its domain is the domain's.
        var domain = DomainConstraints.Of(rows.Catalog, column);
        Add(rows, relation, column.Name, column.Domain != 0 ? column.Domain : column.Type.DistinctOid != 0 ? column.Type.DistinctOid : column.Type.TypeOid, TypeFacts.Of(column.Type), column.Number, column.Domain != 0 ? -1 : column.Type.Typmod, column.IsNotNull && domain is not { IsNotNull: true },
            hasDefault: column.DefaultText is not null && column.Identity == '\0' && domain?.DefaultText != column.DefaultText, identity: column.Identity, generated: isComputed ? 's' : '\0', rights: column.Acl);
    }

    private static void AddKeys(CatalogRows rows, TableObject table, IndexObject index)
    {
        short number = 0;
        foreach (var key in index.Keys)
        {
            var column = table.Columns.FirstOrDefault(candidate => candidate.Number == key.Column);
            var type = RelationViews.KeyType(table, key);
            Add(rows, index.Oid, column?.Name ?? "expr", type.Oid, type, ++number, column?.Type.Typmod ?? -1, false);
        }
    }

    private static void Add(
        CatalogRows rows, int relation, string name, int typeOid, TypeFacts type, short number, int typmod, bool isNotNull,
        bool hasDefault = false, char identity = '\0', char generated = '\0', bool isDropped = false, AclEntry[]? rights = null) =>
        rows.Add(
            relation, name, typeOid, -1, type.Length, number, type.Category == 'A' && type.Element != 0 && type.Subscript == 6179 && type.Name[0] == '_' ? 1 : 0, -1, typmod, type.ByValue,
            type.Alignment, type.Storage, '\0', isNotNull, hasDefault, false, identity, generated, isDropped, true, 0, type.Collation, rows.Session.Access.Shown(rights), null, null, null);
}

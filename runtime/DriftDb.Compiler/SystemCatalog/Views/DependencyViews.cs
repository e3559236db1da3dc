namespace DriftDb.Compiler;

/// <summary>pg_depend: which object goes with which. 'a' goes along, 'i' is a part of, 'n' must go first.</summary>
internal static class DependencyViews
{
    private const int PgRewrite = 2618;

    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_depend", Dependencies)];

    private static void Dependencies(CatalogRows rows)
    {
        Add(rows, WellKnownOids.PgNamespace, WellKnownOids.DriftSchema, 0, WellKnownOids.PgExtension, WellKnownOids.DriftExtension, 0, 'e');
        foreach (var relation in SystemCatalog.All.Where(relation => relation.Schema == "drift"))
            Add(rows, WellKnownOids.PgClass, relation.Oid, 0, WellKnownOids.PgExtension, WellKnownOids.DriftExtension, 0, 'e');
        foreach (var table in rows.Tables)
        {
            Add(rows, WellKnownOids.PgClass, table.Oid, 0, WellKnownOids.PgNamespace, RelationViews.SchemaOid(rows, table.Schema), 0, 'n');
            foreach (var column in table.Definition.LiveColumns()) OfColumn(rows, table, column);
            foreach (var constraint in table.Definition.Constraints) OfConstraint(rows, table, constraint);
            foreach (var index in table.IndexObjects) OfIndex(rows, table, index);
        }

        foreach (var view in rows.MaterializedViews)
        {
            Add(rows, PgRewrite, CatalogOids.Rule(view.Oid), 0, WellKnownOids.PgClass, view.Oid, 0, 'i');
            foreach (int relation in view.Definition.DependsOn) Add(rows, PgRewrite, CatalogOids.Rule(view.Oid), 0, WellKnownOids.PgClass, relation, 0, 'n');
        }

        foreach (var view in rows.Views)
        {
            Add(rows, WellKnownOids.PgClass, view.Oid, 0, WellKnownOids.PgNamespace, RelationViews.SchemaOid(rows, view.Schema), 0, 'n');
            Add(rows, PgRewrite, CatalogOids.Rule(view.Oid), 0, WellKnownOids.PgClass, view.Oid, 0, 'i');
            foreach (int relation in view.Definition.DependsOn) Add(rows, PgRewrite, CatalogOids.Rule(view.Oid), 0, WellKnownOids.PgClass, relation, 0, 'n');
        }

        foreach (var sequence in rows.Sequences)
            Add(rows, WellKnownOids.PgClass, sequence.Oid, 0, WellKnownOids.PgNamespace, RelationViews.SchemaOid(rows, sequence.Schema), 0, 'n');
    }

    /// <summary>The default goes with the column; the column's own sequence too, for identity as a part of it.</summary>
    private static void OfColumn(CatalogRows rows, TableRelation table, ColumnObject column)
    {
        if (column.DefaultText is not null && column.Identity == '\0')
            Add(rows, WellKnownOids.PgAttrdef, CatalogOids.Default(table.Oid, column.Number), 0, WellKnownOids.PgClass, table.Oid, column.Number, 'a');
        foreach (var sequence in rows.Sequences.Where(sequence => sequence.Definition.OwnerTable == table.Oid && sequence.Definition.OwnerColumn == column.Number))
        {
            Add(rows, WellKnownOids.PgClass, sequence.Oid, 0, WellKnownOids.PgClass, table.Oid, column.Number, column.Identity == '\0' ? 'a' : 'i');
            if (column.DefaultText is not null && column.Identity == '\0')
                Add(rows, WellKnownOids.PgAttrdef, CatalogOids.Default(table.Oid, column.Number), 0, WellKnownOids.PgClass, sequence.Oid, 0, 'n');
        }
    }

    private static void OfConstraint(CatalogRows rows, TableRelation table, ConstraintObject constraint)
    {
        foreach (short column in constraint.Columns) Add(rows, WellKnownOids.PgConstraint, constraint.Oid, 0, WellKnownOids.PgClass, table.Oid, column, 'a');
        foreach (short column in constraint.ReferencedColumns) Add(rows, WellKnownOids.PgConstraint, constraint.Oid, 0, WellKnownOids.PgClass, constraint.ReferencedTable, column, 'n');
        if (constraint.Kind == 'f') Add(rows, WellKnownOids.PgConstraint, constraint.Oid, 0, WellKnownOids.PgClass, constraint.IndexOid, 0, 'n');
    }

    private static void OfIndex(CatalogRows rows, TableRelation table, IndexObject index)
    {
        if (table.Definition.Constraints.FirstOrDefault(constraint => constraint.IndexOid == index.Oid && constraint.Kind != 'f') is { } owner)
        {
            Add(rows, WellKnownOids.PgClass, index.Oid, 0, WellKnownOids.PgConstraint, owner.Oid, 0, 'i');
            return;
        }

        foreach (var key in index.Keys) Add(rows, WellKnownOids.PgClass, index.Oid, 0, WellKnownOids.PgClass, table.Oid, key.Column, 'a');
    }

    private static void Add(CatalogRows rows, int classOid, int oid, int subId, int refClass, int refOid, int refSubId, char kind) => rows.Add(classOid, oid, subId, refClass, refOid, refSubId, kind);
}

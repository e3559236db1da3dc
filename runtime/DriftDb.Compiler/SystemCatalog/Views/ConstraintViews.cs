namespace DriftDb.Compiler;

/// <summary>pg_constraint: of tables and of domains.</summary>
internal static class ConstraintViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_constraint", Constraints)];

    private static void Constraints(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
        {
            int schema = RelationViews.SchemaOid(rows, table.Schema);
            foreach (var constraint in table.Definition.Constraints.Where(constraint => !DomainConstraints.IsFromDomain(rows.Catalog, table.Definition, constraint))) Add(rows, table, schema, constraint);
        }

        foreach (var domain in rows.Catalog.Domains.Values.OrderBy(domain => domain.Oid))
        {
            int schema = RelationViews.SchemaOid(rows, domain.Schema);
            for (int i = 0; i < domain.Checks.Length; i++)
                rows.Add(
                    domain.CheckOid(i), domain.Checks[i].Name, schema, 'c', false, false, true, 0, domain.Oid, 0, 0, 0, ' ', ' ', ' ', true, 0, false, false, null, null, null, null, null, null, null, domain.Checks[i].Text);
        }
    }

    private static void Add(CatalogRows rows, TableRelation table, int schema, ConstraintObject constraint)
    {
        bool isForeign = constraint.Kind == 'f';
        int[]? operators = isForeign
            ? [.. constraint.Columns.Select(number => OperatorViews.Equality(table.Definition.Columns.FirstOrDefault(column => column.Number == number)?.Type.Oid ?? 0))]
            : null;
        rows.Add(
            constraint.Oid, constraint.Name, schema, constraint.Kind, constraint.IsDeferrable, constraint.IsInitiallyDeferred, !constraint.IsNotValid, table.Oid, 0, constraint.IndexOid, 0, constraint.ReferencedTable,
            isForeign ? constraint.OnUpdate : ' ', isForeign ? constraint.OnDelete : ' ', isForeign ? constraint.Match : ' ', true, 0, constraint.Kind != 'c', constraint.HasPeriod,
            constraint.Columns.Length > 0 ? constraint.Columns : null, isForeign ? constraint.ReferencedColumns : null, operators, operators, operators, constraint.SetColumns.Length > 0 ? constraint.SetColumns : null, null, constraint.CheckText);
    }
}

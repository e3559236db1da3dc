using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>information_schema's views of constraints.</summary>
internal static class SchemaConstraints
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("information_schema.table_constraints", Constraints), ("information_schema.key_column_usage", KeyColumns), ("information_schema.constraint_column_usage", UsedColumns),
        ("information_schema.constraint_table_usage", UsedTables), ("information_schema.referential_constraints", References), ("information_schema.check_constraints", Checks),
        ("information_schema.periods", Periods), ("information_schema.key_period_usage", KeyPeriods),
    ];

    private static IEnumerable<(TableRelation Table, ConstraintObject Constraint)> Each(CatalogRows rows) =>
        rows.Tables.SelectMany(table => table.Definition.Constraints.Select(constraint => (table, constraint)));

    /// <summary>NOT NULL is a constraint to the standard, though it has no name: PostgreSQL makes one up from the oids.</summary>
    private static IEnumerable<(TableRelation Table, ColumnObject Column, string Name)> NotNulls(CatalogRows rows) =>
        rows.Tables.SelectMany(table => table.Definition.LiveColumns().Where(column => column.IsNotNull)
            .Select(column => (table, column, $"{RelationViews.SchemaOid(rows, table.Schema)}_{table.Oid}_{column.Number}_not_null")));

    private static void Constraints(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows))
        {
            string kind = constraint.Kind switch { 'p' => "PRIMARY KEY", 'u' => "UNIQUE", 'f' => "FOREIGN KEY", _ => "CHECK" };
            rows.Add(database, table.Schema, constraint.Name, database, table.Schema, table.Name, kind, SchemaTables.YesNo(constraint.IsDeferrable), SchemaTables.YesNo(constraint.IsInitiallyDeferred), "YES");
        }

        foreach (var (table, _, name) in NotNulls(rows)) rows.Add(database, table.Schema, name, database, table.Schema, table.Name, "CHECK", "NO", "NO", "YES");
    }

    private static void KeyColumns(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows).Where(pair => pair.Constraint.Kind is 'p' or 'u' or 'f'))
        {
            // The ends of a period aren't columns of the key: see key_period_usage.
            for (int i = 0; i < constraint.Columns.Length - (constraint.HasPeriod ? 2 : 0); i++)
                rows.Add(database, table.Schema, constraint.Name, database, table.Schema, table.Name, DefinitionText.ColumnName(table, constraint.Columns[i]), i + 1, PositionInKey(rows, constraint, i));
        }
    }

    /// <summary>Where the referenced column stands in the key that is referenced.</summary>
    private static object? PositionInKey(CatalogRows rows, ConstraintObject constraint, int i)
    {
        if (constraint.Kind != 'f' || i >= constraint.ReferencedColumns.Length || !rows.Catalog.Indexes.TryGetValue(constraint.IndexOid, out var index)) return null;
        return Array.FindIndex(index.Keys, key => key.Column == constraint.ReferencedColumns[i]) + 1;
    }

    private static void UsedColumns(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows))
        {
            var (used, columns) = Used(rows, table, constraint);
            foreach (short column in columns) rows.Add(database, used.Schema, used.Name, DefinitionText.ColumnName(used, column), database, table.Schema, constraint.Name);
        }
    }

    private static void UsedTables(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows).Where(pair => pair.Constraint.Kind is 'p' or 'u' or 'f'))
        {
            var (used, _) = Used(rows, table, constraint);
            rows.Add(database, used.Schema, used.Name, database, table.Schema, constraint.Name);
        }
    }

    /// <summary>A foreign key uses the columns it points to, every other constraint its own.</summary>
    private static (TableRelation Table, short[] Columns) Used(CatalogRows rows, TableRelation table, ConstraintObject constraint) =>
        constraint.Kind == 'f' && rows.Catalog.Find(constraint.ReferencedTable) is TableRelation referenced ? (referenced, constraint.ReferencedColumns) : (table, constraint.Columns);

    private static void References(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows).Where(pair => pair.Constraint.Kind == 'f'))
        {
            var referenced = rows.Catalog.Find(constraint.ReferencedTable) as TableRelation;
            var key = referenced?.Definition.Constraints.FirstOrDefault(candidate => candidate.IndexOid == constraint.IndexOid && candidate.Kind is 'p' or 'u');
            rows.Add(
                database, table.Schema, constraint.Name, database, key is null ? null : referenced!.Schema, key?.Name, constraint.Match == ConstraintObject.MatchFull ? "FULL" : "NONE", DefinitionText.Action(constraint.OnUpdate), DefinitionText.Action(constraint.OnDelete));
        }
    }

    /// <summary>Application-time periods, and SYSTEM_TIME of the tables that name its columns.</summary>
    private static void Periods(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var table in rows.Tables)
        {
            foreach (var period in table.Definition.Periods)
                rows.Add(database, table.Schema, table.Name, period.Name, DefinitionText.ColumnName(table, period.Start), DefinitionText.ColumnName(table, period.End));
            string? start = Generated(SystemTimeColumn.RowStart), end = Generated(SystemTimeColumn.RowEnd);
            if (start is not null && end is not null) rows.Add(database, table.Schema, table.Name, "SYSTEM_TIME", start, end);

            string? Generated(SystemTimeColumn kind) => table.Columns.FirstOrDefault(column => column.SystemTime == kind)?.Name;
        }
    }

    private static void KeyPeriods(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var (table, constraint) in Each(rows).Where(pair => pair.Constraint.HasPeriod))
            if (table.Definition.Periods.FirstOrDefault(period => period.Start == constraint.Columns[^2]) is { } period)
                rows.Add(database, table.Schema, constraint.Name, database, table.Schema, table.Name, period.Name);
    }

    private static void Checks(CatalogRows rows)
    {
        foreach (var (table, constraint) in Each(rows).Where(pair => pair.Constraint.Kind == 'c')) rows.Add(rows.Database.Name, table.Schema, constraint.Name, $"(({constraint.CheckText}))");
        foreach (var (table, column, name) in NotNulls(rows)) rows.Add(rows.Database.Name, table.Schema, name, $"{column.Name} IS NOT NULL");
    }
}

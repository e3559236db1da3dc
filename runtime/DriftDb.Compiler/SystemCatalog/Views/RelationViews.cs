namespace DriftDb.Compiler;

/// <summary>pg_class and what hangs on it: schemas, sequences, indexes, defaults, rules, access methods.</summary>
internal static class RelationViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_class", Classes), ("pg_catalog.pg_namespace", Namespaces), ("pg_catalog.pg_index", Indexes), ("pg_catalog.pg_attrdef", Defaults),
        ("pg_catalog.pg_sequence", Sequences), ("pg_catalog.pg_rewrite", Rules), ("pg_catalog.pg_am", AccessMethods),
    ];

    private static void Classes(CatalogRows rows)
    {
        rows.AddFixed(SystemClasses);
        foreach (var table in rows.Tables)
        {
            var definition = table.Definition;
            AddClass(rows, table.Oid, table.Name, SchemaOid(rows, table.Schema), CatalogOids.RowType(table.Oid), table.IsMaterializedView ? 'm' : 'r', WellKnownOids.HeapMethod,
                Math.Max(0, RelationSize.Pages(table)), table.Storage.LiveRowCount, definition.Columns.Length, definition.Constraints.Count(constraint => constraint.Kind == 'c' && !DomainConstraints.IsFromDomain(rows.Catalog, definition, constraint)),
                owner: table.Owner, rights: rows.Session.Access.Shown(table.Acl), hasIndex: table.IndexObjects.Length > 0, hasTriggers: HasTriggers(rows, table), hasRules: table.IsMaterializedView, options: definition.Options, isPopulated: table.IsPopulated);
            foreach (var index in table.IndexObjects)
            {
                AddClass(rows, index.Oid, index.Name, SchemaOid(rows, table.Schema), 0, 'i', index.Method == "hash" ? WellKnownOids.HashMethod : WellKnownOids.BtreeMethod,
                    RelationSize.Pages(index, table), table.Storage.LiveRowCount, index.Keys.Length, 0, owner: table.Owner);
            }
        }

        foreach (var type in rows.Catalog.Types.Composites) AddClass(rows, type.RelationOid, type.Name, SchemaOid(rows, type.Schema), type.Oid, 'c', 0, 0, 0, type.Columns.Length, 0, owner: type.OwnerOid);
        foreach (var view in rows.Views) AddClass(rows, view.Oid, view.Name, SchemaOid(rows, view.Schema), CatalogOids.RowType(view.Oid), 'v', 0, 0, 0, view.Columns.Length, 0, hasRules: true, owner: view.Owner, rights: rows.Session.Access.Shown(view.Acl));
        foreach (var sequence in rows.Sequences) AddClass(rows, sequence.Oid, sequence.Name, SchemaOid(rows, sequence.Schema), 0, 'S', 0, 1, 1, 3, 0, owner: sequence.Owner, rights: rows.Session.Access.Shown(sequence.Acl));
    }

    private static void SystemClasses(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.OrderBy(relation => relation.Oid))
        {
            AddClass(rows, relation.Oid, relation.Name, SystemCatalog.Schemas[relation.Schema], 0, relation.IsTable ? 'r' : 'v', relation.IsTable ? WellKnownOids.HeapMethod : 0,
                0, 0, relation.Columns.Length, 0, hasRules: !relation.IsTable);
        }
    }

    private static void AddClass(
        CatalogRows rows, int oid, string name, int schema, int rowType, char kind, int method, int pages, float tuples, int attributes, int checks,
        bool hasIndex = false, bool hasRules = false, bool hasTriggers = false, string[]? options = null, bool isPopulated = true,
        int owner = WellKnownOids.Superuser, string[]? rights = null) =>
        rows.Add(
            oid, name, schema, rowType, 0, owner, method, kind is 'v' or 'c' ? 0 : oid, 0, pages, tuples, 0, 0, hasIndex, false, TemporaryObjects.Owns(oid) ? 't' : 'p', kind, (short)attributes, (short)checks,
            hasRules, hasTriggers, false, false, false, isPopulated, kind is 'r' or 'm' && oid >= WellKnownOids.FirstUser ? 'd' : 'n', false, 0, 0, 0, rights, options is { Length: > 0 } ? options : null, null);

    /// <summary>Foreign keys are triggers to PostgreSQL, on both of their tables: psql looks for foreign keys only where there are some.</summary>
    private static bool HasTriggers(CatalogRows rows, TableRelation table) =>
        table.Definition.Constraints.Any(constraint => constraint.Kind == 'f')
        || rows.Tables.Any(other => other.Definition.Constraints.Any(constraint => constraint.Kind == 'f' && constraint.ReferencedTable == table.Oid));

    public static int SchemaOid(CatalogRows rows, string schema) => rows.Catalog.Schemas.TryGetValue(schema, out var found) ? found.Oid : SystemCatalog.Schemas.GetValueOrDefault(schema);

    private static void Namespaces(CatalogRows rows)
    {
        foreach (var (name, oid) in SystemCatalog.Schemas.OrderBy(entry => entry.Value)) rows.Add(oid, name, WellKnownOids.Superuser, null);
        foreach (var schema in rows.Catalog.Schemas.Values.OrderBy(schema => schema.Oid))
            rows.Add(schema.Oid, schema.Name, schema.OwnerOid, rows.Session.Access.Shown(schema.Oid == WellKnownOids.PublicSchema ? schema.EffectiveAcl : schema.Acl));
    }

    private static void Indexes(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
        {
            foreach (var index in table.IndexObjects)
            {
                var types = index.Keys.Select(key => KeyType(table.Definition, key)).ToList();
                string expressions = string.Join(", ", index.Keys.Where(key => key.Column == 0).Select(key => key.ExpressionText));
                short count = (short)index.Keys.Length;
                rows.Add(
                    index.Oid, table.Oid, (short)(count + index.Included.Length), count, index.IsUnique || index.WithoutOverlaps, index.NullsNotDistinct, index.IsPrimary, index.WithoutOverlaps, true, false, true, false, true, true, false,
                    index.Keys.Select(key => key.Column).Concat(index.Included).ToArray(), types.Select(type => type.Collation).ToArray(), types.Select(type => OperatorViews.DefaultClass(type, index.Method)).ToArray(),
                    index.Keys.Select(key => (short)((key.Descending ? 1 : 0) | (key.NullsFirst ? 2 : 0))).ToArray(), expressions.Length > 0 ? expressions : null, index.PredicateText);
            }
        }
    }

    /// <summary>The type of an index's key column or expression.</summary>
    public static TypeFacts KeyType(TableObject table, IndexKeyObject key) =>
        TypeFacts.Of(key.ExpressionType ?? table.Columns.FirstOrDefault(column => column.Number == key.Column)?.Type ?? new StoredType((int)Types.TypeId.Text, -1));

    private static void Defaults(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
            foreach (var column in table.Definition.LiveColumns().Where(column => column.DefaultText is not null && column.Identity == '\0' && DomainConstraints.Of(rows.Catalog, column)?.DefaultText != column.DefaultText))
                rows.Add(CatalogOids.Default(table.Oid, column.Number), table.Oid, column.Number, column.DefaultText);
    }

    private static void Sequences(CatalogRows rows)
    {
        foreach (var sequence in rows.Sequences.Select(relation => relation.Definition))
            rows.Add(sequence.Oid, sequence.Type.Oid, sequence.Start, sequence.Increment, sequence.Maximum, sequence.Minimum, sequence.Cache, sequence.Cycle);
    }

    private static void Rules(CatalogRows rows)
    {
        foreach (var view in rows.Views) rows.Add(CatalogOids.Rule(view.Oid), "_RETURN", view.Oid, '1', 'O', true, "<>", view.ViewText);
        foreach (var view in rows.MaterializedViews) rows.Add(CatalogOids.Rule(view.Oid), "_RETURN", view.Oid, '1', 'O', true, "<>", view.Definition.Query);
    }

    private static void AccessMethods(CatalogRows rows)
    {
        rows.Add(WellKnownOids.HeapMethod, "heap", 3, 't');
        rows.Add(WellKnownOids.BtreeMethod, "btree", 330, 'i');
        rows.Add(WellKnownOids.HashMethod, "hash", 331, 'i');
    }
}

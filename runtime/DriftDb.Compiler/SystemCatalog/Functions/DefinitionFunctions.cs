using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Definitions of objects as text: format_type and the pg_get_…def family.</summary>
internal static class DefinitionFunctions
{
    [SqlFunction("format_type", Parameters = "oid, integer", Strict = false, Volatility = Volatility.Stable)]
    public static string? FormatType(QueryContext context, int? oid, int? typmod)
    {
        if (oid is not { } number) return null;
        if (number == 0) return "-";
        if (TypeNames.FromOid(number) is { } type)
        {
            if (number == (int)TypeId.BpChar && typmod == -1) return "bpchar";
            return new StoredType(number, typmod ?? -1).ToSqlType() is var modified && type.IsArray ? modified.Element + "[]" : modified.ToString();
        }

        return ObjectNames.Of(context).UserTypeName(number) ?? (number == (int)TypeId.Array ? "anyarray" : "???");
    }

    /// <summary>Node trees are kept as the text of the expression.</summary>
    [SqlFunction("pg_get_expr", Parameters = "pg_node_tree, oid", Returns = "text", Volatility = Volatility.Stable)]
    public static string Expression(QueryContext context, ByteSlice tree, int relation) =>
        ObjectNames.Of(context).Texts.ShownExpression(tree.ToString(), (context.CatalogOf().Find(relation) as TableRelation)?.Definition.Columns ?? []);

    [SqlFunction("pg_get_expr", Parameters = "pg_node_tree, oid, boolean", Returns = "text", Volatility = Volatility.Stable)]
    public static string Expression(QueryContext context, ByteSlice tree, int relation, bool isPretty) => Expression(context, tree, relation);

    [SqlFunction("pg_get_indexdef", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? IndexDefinition(QueryContext context, int oid) =>
        FindIndex(context, oid) is var (table, index) ? DefinitionText.Index(table, index, isQualified: true) : null;

    [SqlFunction("pg_get_indexdef", Parameters = "oid, integer, boolean", Volatility = Volatility.Stable)]
    public static string? IndexDefinition(QueryContext context, int oid, int column, bool isPretty)
    {
        if (FindIndex(context, oid) is not var (table, index)) return null;
        if (column == 0) return DefinitionText.Index(table, index, isQualified: !isPretty || VisibilityFunctions.TableIsVisible(context, table.Oid) != true, isPretty);
        return column <= index.Keys.Length ? DefinitionText.Key(table, index.Keys[column - 1], isPretty) : "";
    }

    [SqlFunction("pg_get_constraintdef", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? ConstraintDefinition(QueryContext context, int oid) => ConstraintDefinition(context, oid, false);

    [SqlFunction("pg_get_constraintdef", Parameters = "oid, boolean", Volatility = Volatility.Stable)]
    public static string? ConstraintDefinition(QueryContext context, int oid, bool isPretty)
    {
        var names = context.SessionOf().Catalog;
        foreach (var table in names.Snapshot.Relations.OfType<TableRelation>())
            if (Array.Find(table.Definition.Constraints, candidate => candidate.Oid == oid) is { } constraint)
                return DefinitionText.Constraint(ObjectNames.Of(context), names, table, constraint, isPretty);
        foreach (var domain in names.Snapshot.Domains.Values)
            for (int i = 0; i < domain.Checks.Length; i++)
            {
                if (domain.CheckOid(i) != oid) continue;
                var value = new ColumnObject { Number = 1, Name = "value", Type = domain.BaseType };
                string shown = DomainConstraints.Shown(ObjectNames.Of(context).Texts.ShownExpression(domain.Checks[i].Text, [value]));
                return isPretty ? $"CHECK ({shown})" : $"CHECK (({shown}))";
            }

        return null;
    }

    [SqlFunction("pg_get_viewdef", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? ViewDefinition(QueryContext context, int oid) => context.CatalogOf().Find(oid) is IDefinedByQuery { QueryText: not null } view ? DefinitionText.View(ObjectNames.Of(context), view) : null;

    [SqlFunction("pg_get_viewdef", Parameters = "oid, boolean", Volatility = Volatility.Stable)]
    public static string? ViewDefinition(QueryContext context, int oid, bool isPretty) => ViewDefinition(context, oid);

    [SqlFunction("pg_get_viewdef", Parameters = "oid, integer", Volatility = Volatility.Stable)]
    public static string? ViewDefinition(QueryContext context, int oid, int wrapColumn) => ViewDefinition(context, oid);

    [SqlFunction("pg_get_viewdef", Volatility = Volatility.Stable)]
    public static string? ViewDefinition(QueryContext context, string name) => ViewDefinition(context, ObjectNames.Of(context).OidOf(TypeId.RegClass, name));

    [SqlFunction("pg_get_viewdef", Volatility = Volatility.Stable)]
    public static string? ViewDefinition(QueryContext context, string name, bool isPretty) => ViewDefinition(context, name);

    /// <summary>The sequence that a serial or identity column draws from, as a name that can be read back.</summary>
    [SqlFunction("pg_get_serial_sequence", Volatility = Volatility.Stable)]
    public static string? SerialSequence(QueryContext context, string table, string column)
    {
        if (context.CatalogOf().Find(ObjectNames.Of(context).OidOf(TypeId.RegClass, table)) is not TableRelation relation) throw new SqlException(SqlState.WrongObjectType, $"\"{table}\" is not a table");
        var found = relation.Definition.LiveColumns().FirstOrDefault(candidate => candidate.Name == column)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{relation.Name}\" does not exist");
        var sequence = context.CatalogOf().Relations.OfType<SequenceRelation>().FirstOrDefault(candidate => candidate.Definition.OwnerTable == relation.Oid && candidate.Definition.OwnerColumn == found.Number);
        return sequence is null ? null : $"{ObjectNames.QuoteIfNeeded(sequence.Schema)}.{ObjectNames.QuoteIfNeeded(sequence.Name)}";
    }

    /// <summary>There are no triggers, rules beside the views' own, partitions or statistics objects.</summary>
    [SqlFunction("pg_get_ruledef", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_triggerdef", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_partkeydef", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_partition_constraintdef", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_statisticsobjdef", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_statisticsobjdef_columns", Parameters = "oid", Returns = "text", Volatility = Volatility.Stable)]
    public static string? Nothing(int oid) => null;

    [SqlFunction("pg_get_ruledef", Parameters = "oid, boolean", Returns = "text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_triggerdef", Parameters = "oid, boolean", Returns = "text", Volatility = Volatility.Stable)]
    public static string? Nothing(int oid, bool isPretty) => null;

    private static (TableRelation, IndexObject)? FindIndex(QueryContext context, int oid)
    {
        var catalog = context.CatalogOf();
        return catalog.Indexes.TryGetValue(oid, out var index) && catalog.Find(index.TableOid) is TableRelation table ? (table, index) : null;
    }
}

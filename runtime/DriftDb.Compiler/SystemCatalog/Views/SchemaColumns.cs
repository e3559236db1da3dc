using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>information_schema.columns.</summary>
internal static class SchemaColumns
{
    private const int LargestTextBytes = 1 << 30;

    public static IEnumerable<(string, Action<CatalogRows>)> All => [("information_schema.columns", Columns)];

    private static void Columns(CatalogRows rows)
    {
        rows.AddFixed(SystemColumns, namesDatabase: true);
        foreach (var table in rows.PlainTables) AddAll(rows, table, table.Definition.Columns, true);
        foreach (var view in rows.Views) AddAll(rows, view, view.Definition.Columns, false);
    }

    private static void SystemColumns(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.OrderBy(relation => relation.Oid))
            foreach (var column in relation.Columns)
                Add(rows, relation, new ColumnObject { Number = column.AttributeNumber, Name = column.Name, Type = StoredType.From(column.Type), IsNotNull = !column.IsNullable }, column.Type, null, false);
    }

    private static void AddAll(CatalogRows rows, CatalogRelation relation, ColumnObject[] columns, bool isUpdatable)
    {
        foreach (var column in columns.Where(column => !column.IsDropped))
        {
            var sequence = column.Identity == '\0' ? null : (rows.Catalog.Find(column.OwnedSequence) as SequenceRelation)?.Definition;
            Add(rows, relation, column, column.Type.ToSqlType(), sequence, isUpdatable && !column.IsGenerated && column.SystemTime == 0);
        }
    }

    private static void Add(CatalogRows rows, CatalogRelation relation, ColumnObject column, SqlType type, SequenceObject? identity, bool isUpdatable)
    {
        string database = rows.Database.Name;
        bool isComputed = column.IsGenerated || column.SystemTime != 0;
        var domain = DomainConstraints.Of(rows.Catalog, column);
        rows.Add(
            database, relation.Schema, relation.Name, column.Name, (int)column.Number, isComputed || column.Identity != '\0' || column.DefaultText is null || domain?.DefaultText == column.DefaultText ? null : rows.ShownNames.Texts.ShownExpression(column.DefaultText, []), SchemaTables.YesNo(!column.IsNotNull), DataType(type),
            Length(type), OctetLength(type), Precision(type), Radix(type), Scale(type), TimePrecision(type), null, null,
            null, null, null, null, null, null, domain is null ? null : database, domain?.Schema, domain?.Name,
            database, SchemaOf(rows, type), TypeNames.TypName(type), null, null, null, null, SchemaTables.Text(column.Number), "NO",
            SchemaTables.YesNo(column.Identity != '\0'), column.Identity switch { 'a' => "ALWAYS", 'd' => "BY DEFAULT", _ => null },
            Text(identity?.Start), Text(identity?.Increment), Text(identity?.Maximum), Text(identity?.Minimum), SchemaTables.YesNo(identity is { Cycle: true }),
            isComputed ? "ALWAYS" : "NEVER", column.IsGenerated ? column.DefaultText : null, SchemaTables.YesNo(isUpdatable));
    }

    private static string? Text(long? number) => number is { } value ? SchemaTables.Text(value) : null;

    /// <summary>The standard's name of a type; arrays are just that, their element is in udt_name.</summary>
    public static string DataType(SqlType type) => type.IsArray || type.Id is TypeId.Int2Vector or TypeId.OidVector ? "ARRAY" : type.Enum is not null || type.IsComposite ? "USER-DEFINED" : type.WithoutTypmod().ToString();

    /// <summary>udt_schema: the schema of the type.</summary>
    public static string SchemaOf(CatalogRows rows, SqlType type)
    {
        var item = type.Element ?? type;
        if (item.Enum is { } labels) return rows.Catalog.Types.Enum(labels.Oid)?.Schema ?? "pg_catalog";
        if (!item.IsComposite) return "pg_catalog";
        return rows.Catalog.Types.Composite(item.Row!.Oid)?.Schema ?? rows.Catalog.Find(CatalogOids.RelationOfRowType(item.Row.Oid))?.Schema ?? "pg_catalog";
    }

    private static object? Length(SqlType type) => type.Id is TypeId.VarChar or TypeId.BpChar && type.Length >= 0 ? type.Length : type.Id is TypeId.Bit or TypeId.VarBit && type.Typmod > 0 ? type.Typmod : null;

    private static object? OctetLength(SqlType type) => type.Id switch
    {
        TypeId.VarChar or TypeId.BpChar when type.Typmod >= 4 => type.CountsOctets ? type.Length : type.Length * 4,
        TypeId.VarChar or TypeId.BpChar or TypeId.Text => LargestTextBytes,
        _ => null,
    };

    public static object? Precision(SqlType type) => type.Id switch
    {
        TypeId.Int2 => 16,
        TypeId.Int4 => 32,
        TypeId.Int8 => 64,
        TypeId.Float4 => 24,
        TypeId.Float8 => 53,
        TypeId.Numeric when type.Typmod >= 4 => (type.Typmod - 4) >> 16,
        _ => null,
    };

    private static object? Radix(SqlType type) => type.Id == TypeId.Numeric ? 10 : type.IsNumber ? 2 : null;

    private static object? Scale(SqlType type) => type.IsInteger ? 0 : type.Id == TypeId.Numeric && type.Typmod >= 4 ? (type.Typmod - 4) & 0x7FF : null;

    private static object? TimePrecision(SqlType type) => type.Id switch
    {
        TypeId.Date => 0,
        TypeId.Time or TypeId.TimeTz or TypeId.Timestamp or TypeId.TimestampTz => type.Typmod >= 0 ? type.Typmod : 6,
        TypeId.Interval => 6,
        _ => null,
    };
}

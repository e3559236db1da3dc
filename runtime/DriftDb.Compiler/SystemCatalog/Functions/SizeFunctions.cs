using System.Globalization;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Sizes of relations and databases, in bytes, the past included.</summary>
internal static class SizeFunctions
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    [SqlFunction("pg_relation_size", Parameters = "regclass", Volatility = Volatility.Volatile)]
    public static long? RelationBytes(QueryContext context, int oid)
    {
        var catalog = context.CatalogOf();
        if (catalog.Find(oid) is TableRelation table) return RelationSize.Bytes(table);
        if (catalog.Indexes.TryGetValue(oid, out var index) && catalog.Find(index.TableOid) is TableRelation indexed) return RelationSize.Bytes(index, indexed);
        return Exists(context, oid) ? 0 : null;
    }

    [SqlFunction("pg_relation_size", Parameters = "regclass, text", Volatility = Volatility.Volatile)]
    public static long? RelationBytes(QueryContext context, int oid, string fork) => fork == "main" ? RelationBytes(context, oid) : 0;

    [SqlFunction("pg_table_size", Parameters = "regclass", Volatility = Volatility.Volatile)]
    public static long? TableBytes(QueryContext context, int oid) => RelationBytes(context, oid);

    [SqlFunction("pg_indexes_size", Parameters = "regclass", Volatility = Volatility.Volatile)]
    public static long? IndexBytes(QueryContext context, int oid) => context.CatalogOf().Find(oid) is TableRelation table ? RelationSize.IndexBytes(table) : Exists(context, oid) ? 0 : null;

    [SqlFunction("pg_total_relation_size", Parameters = "regclass", Volatility = Volatility.Volatile)]
    public static long? TotalBytes(QueryContext context, int oid) => RelationBytes(context, oid) + IndexBytes(context, oid);

    [SqlFunction("pg_database_size", Parameters = "oid", Volatility = Volatility.Volatile)]
    public static long? DatabaseBytes(QueryContext context, int oid) => context.SessionOf().Instance.Databases.FirstOrDefault(database => database.Oid == oid) is { } database ? Bytes(database) : null;

    [SqlFunction("pg_database_size", Parameters = "name", Volatility = Volatility.Volatile)]
    public static long DatabaseBytes(QueryContext context, string name) =>
        Bytes(context.SessionOf().Instance.FindDatabase(name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist"));

    [SqlFunction("pg_tablespace_size", Parameters = "oid", Volatility = Volatility.Volatile), SqlFunction("pg_tablespace_size", Parameters = "name", Volatility = Volatility.Volatile)]
    public static long TablespaceBytes(QueryContext context, Datum tablespace) => context.SessionOf().Instance.Databases.Sum(Bytes);

    /// <summary>Up to 10,240 of a unit, then the next one, rounded half up, as PostgreSQL does.</summary>
    [SqlFunction("pg_size_pretty")]
    public static string Pretty(long bytes)
    {
        int unit = 0;
        Int128 scaled = bytes;
        // From the first step on the value is kept in half units, so that the last halving rounds.
        while (unit < Units.Length - 1 && Int128.Abs(scaled) >= (unit == 0 ? 10 * 1024 : 20 * 1024 - 1))
        {
            scaled = unit == 0 ? scaled / 512 : scaled / 1024;
            unit++;
        }

        if (unit > 0) scaled = (scaled + Int128.Sign(scaled)) / 2;
        return string.Create(CultureInfo.InvariantCulture, $"{scaled} {Units[unit]}");
    }

    [SqlFunction("pg_size_pretty")]
    public static string Pretty(SqlNumeric bytes) => bytes.TryToInt64(out long whole) ? Pretty(whole) : bytes + " bytes";

    /// <summary>A size as it is written for people, with or without a unit, in bytes.</summary>
    [SqlFunction("pg_size_bytes")]
    public static long FromText(string size)
    {
        string text = size.Trim();
        int end = text.IndexOfAny([.. Enumerable.Range(0, 256).Select(c => (char)c).Where(char.IsAsciiLetter)]);
        // 1e3 is a number, 1 EB a unit: an exponent has a digit behind it.
        if (end > 0 && end + 1 < text.Length && text[end] is 'e' or 'E' && (char.IsAsciiDigit(text[end + 1]) || text[end + 1] is '+' or '-')) end = text.IndexOfAny([.. "bBkKmMgGtTpP"], end + 1);
        string number = (end < 0 ? text : text[..end]).Trim(), unit = end < 0 ? "bytes" : text[end..];
        if (!SqlNumeric.TryParse(System.Text.Encoding.UTF8.GetBytes(number), out SqlNumeric value)) throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{size}\"");
        int power = Array.FindIndex([.. Units], name => name.Equals(unit, StringComparison.OrdinalIgnoreCase));
        if (power < 0 && unit.Equals("b", StringComparison.OrdinalIgnoreCase)) power = 0;
        if (power < 0) throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{size}\"", detail: $"Invalid size unit: \"{unit}\".", hint: "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
        SqlNumeric bytes = SqlNumeric.Multiply(value, SqlNumeric.FromInt64(1L << (10 * power)));
        return bytes.TryToInt64(out long whole) ? whole : throw new SqlException(SqlState.NumericValueOutOfRange, "bigint out of range");
    }

    private static long Bytes(Database database) => database.Catalog.Relations.OfType<TableRelation>().Sum(RelationSize.WithIndexes);

    private static bool Exists(QueryContext context, int oid) => context.CatalogOf().Find(oid) is not null || SystemCatalog.Find(oid) is not null;
}

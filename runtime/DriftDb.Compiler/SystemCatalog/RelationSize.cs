using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>How much room a relation takes: the store counts versions, their width follows from the columns.</summary>
internal static class RelationSize
{
    private const int PageBytes = 8_192, VersionBytes = 24, TextBytes = 16, EntryBytes = 24;

    /// <summary>Bytes of all versions, the past's too.</summary>
    public static long Bytes(TableRelation table) => table.Storage.StoredVersionCount * (VersionBytes + table.Columns.Sum(column => Width(column.Type)));

    public static long Bytes(IndexObject index, TableRelation table) =>
        table.Storage.StoredVersionCount * (EntryBytes + index.Keys.Sum(key => table.Columns.FirstOrDefault(column => column.AttributeNumber == key.Column) is { } column ? Width(column.Type) : TextBytes));

    public static long WithIndexes(TableRelation table) => Bytes(table) + IndexBytes(table);

    public static long IndexBytes(TableRelation table) => table.IndexObjects.Sum(index => Bytes(index, table));

    public static int Pages(TableRelation table) => PagesOf(Bytes(table));

    public static int Pages(IndexObject index, TableRelation table) => PagesOf(Bytes(index, table));

    private static int PagesOf(long bytes) => (int)Math.Min(int.MaxValue, (bytes + PageBytes - 1) / PageBytes);

    private static int Width(SqlType type) => type.Kind.ColumnWidthBytes() + (type.Kind == PhysicalKind.Bytes ? TextBytes : 0);
}

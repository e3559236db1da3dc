using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Which columns a foreign key can lead from and to: those whose values compare by the referenced index's own encoding.</summary>
internal static class ForeignKeyTypes
{
    public static bool Match(SqlType from, SqlType to) =>
        from.IsInteger && to.IsInteger
        || from.Id == to.Id && from.Kind == to.Kind && !from.IsArray && !to.IsArray && (!from.IsFixedNumeric || Scale(from) == Scale(to))
        || IsPlainText(from) && IsPlainText(to)
        || from.IsArray && to.IsArray && from.Element!.Id == to.Element!.Id;

    private static bool IsPlainText(SqlType type) => type.Id is TypeId.Text or TypeId.VarChar;

    private static int Scale(SqlType type) => (type.Typmod - 4) & 0x7FF;
}

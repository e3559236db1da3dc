using System.Text;
using DriftDb.Grammar;

namespace DriftDb.Compiler;

/// <summary>A domain's condition as a column's: VALUE is the column.</summary>
internal static class DomainConstraints
{
    public static string For(string condition, string column) => Replaced(condition, ObjectNames.QuoteIfNeeded(column));

    /// <summary>The condition as it is shown: VALUE in capitals.</summary>
    public static string Shown(string condition) => Replaced(condition, "VALUE");

    /// <summary>True for a table's check that one of its columns has from its domain.</summary>
    public static bool IsFromDomain(CatalogSnapshot catalog, TableObject table, ConstraintObject constraint) =>
        constraint.Kind == 'c' && table.LiveColumns().Any(column => Of(catalog, column) is { } domain && domain.Checks.Any(check => For(check.Text, column.Name) == constraint.CheckText));

    /// <summary>The domain that a column was declared with.</summary>
    public static DomainObject? Of(CatalogSnapshot catalog, ColumnObject column) => column.Domain == 0 ? null : catalog.Domains.Values.FirstOrDefault(domain => domain.Oid == column.Domain);

    private static string Replaced(string condition, string name)
    {
        var text = new StringBuilder();
        int copied = 0;
        var scanner = new SqlScanner<ushort>(System.Runtime.InteropServices.MemoryMarshal.Cast<char, ushort>(condition.AsSpan()));
        while (scanner.Next())
        {
            if (scanner.Kind != SqlLexer.VALUE) continue;
            text.Append(condition, copied, scanner.Start - copied).Append(name);
            copied = scanner.End;
        }

        return text.Append(condition, copied, condition.Length - copied).ToString();
    }
}

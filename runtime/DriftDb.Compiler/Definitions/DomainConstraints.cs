using System.Text;
using DriftDb.Grammar;

namespace DriftDb.Compiler;

/// <summary>A domain's condition as a column's: VALUE is the column.</summary>
internal static class DomainConstraints
{
    public static string For(string condition, string column)
    {
        var text = new StringBuilder();
        int copied = 0;
        string name = ObjectNames.QuoteIfNeeded(column);
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

using System.Text;
using DriftDb.Grammar;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Lists as functions: keywords, time zones, options, access rights.</summary>
internal static class ListFunctions
{
    [SqlTableFunction("pg_get_keywords", Parameters = "", Columns = "word text, catcode char, barelabel boolean, catdesc text, baredesc text", Volatility = Volatility.Stable)]
    public static void Keywords(QueryContext context, RowWriter rows)
    {
        foreach (var (word, kind) in SqlWords.All.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var (code, description) = kind switch
            {
                WordClass.ColumnName => ("C", "unreserved (cannot be function or type name)"),
                WordClass.TypeOrFunctionName => ("T", "reserved (can be function or type name)"),
                WordClass.Reserved => ("R", "reserved"),
                _ => ("U", "unreserved"),
            };
            bool isBare = kind == WordClass.Plain;
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(word));
            rows.SetBytes(1, Encoding.UTF8.GetBytes(code));
            rows.Set(2, isBare);
            rows.SetBytes(3, Encoding.UTF8.GetBytes(description));
            rows.SetBytes(4, isBare ? "can be bare label"u8 : "requires AS"u8);
        }
    }

    [SqlTableFunction("pg_timezone_names", Parameters = "", Columns = "name text, abbrev text, utc_offset interval, is_dst boolean", Volatility = Volatility.Stable)]
    public static void TimeZones(QueryContext context, RowWriter rows) => ((ISystemRows)SystemCatalog.Find("pg_catalog", "pg_timezone_names")!.Source!).Fill(context, rows.Rows);

    /// <summary>Options of the form <c>name=value</c>, split.</summary>
    [SqlTableFunction("pg_options_to_table", Parameters = "text[]", Columns = "option_name text, option_value text", Volatility = Volatility.Stable)]
    public static void Options(QueryContext context, Datum options, RowWriter rows)
    {
        foreach (var option in new ArrayReader(options.Bytes))
        {
            int equals = option.IndexOf((byte)'=');
            rows.BeginRow();
            rows.SetBytes(0, equals < 0 ? option : option[..equals]);
            if (equals >= 0) rows.SetBytes(1, option[(equals + 1)..]);
        }
    }

    /// <summary>The rights that an object has when nothing was granted: all, to its owner.</summary>
    [SqlFunction("acldefault", Parameters = "char, oid", Returns = "aclitem[]", Volatility = Volatility.Stable)]
    public static ByteSlice DefaultRights(QueryContext context, Datum kind, int owner)
    {
        string role = ObjectNames.QuoteIfNeeded(context.SessionOf().Access.TryFind(owner)?.Name ?? "unknown");
        var builder = new ArrayBuilder();
        builder.Begin();
        (string? toAll, string? toOwner) = Encoding.UTF8.GetString(kind.Bytes.Span) switch
        {
            "r" => (null, "arwdDxt"),
            "s" => (null, "rwU"),
            "d" => ("Tc", "CTc"),
            "f" => ("X", "X"),
            "l" => ("U", "U"),
            "L" => (null, "rw"),
            "n" => (null, "UC"),
            "p" => (null, "sA"),
            "t" => (null, "C"),
            "T" => ("U", "U"),
            "F" or "S" => (null, "U"),
            _ => ((string?)null, (string?)null),
        };
        if (toAll is not null) builder.Add(Encoding.UTF8.GetBytes($"={toAll}/{role}"));
        if (toOwner is not null) builder.Add(Encoding.UTF8.GetBytes($"{role}={toOwner}/{role}"));
        return context.Arena.Copy(builder.Finish());
    }

    /// <summary>An aclitem list, one row for each right: <c>alice=r*w/bob</c>.</summary>
    [SqlTableFunction("aclexplode", Parameters = "aclitem[]", Columns = "grantor oid, grantee oid, privilege_type text, is_grantable boolean", Volatility = Volatility.Stable)]
    public static void Explode(QueryContext context, Datum rights, RowWriter rows)
    {
        var access = context.SessionOf().Access;
        foreach (var item in new ArrayReader(rights.Bytes))
        {
            string text = Encoding.UTF8.GetString(item);
            int slash = text.LastIndexOf('/'), equals = text.LastIndexOf('=', slash);
            string letters = text[(equals + 1)..slash];
            for (int i = 0; i < letters.Length; i++)
            {
                if (letters[i] == '*') continue;
                rows.BeginRow();
                rows.Set(0, OidOf(access, text[(slash + 1)..]));
                rows.Set(1, OidOf(access, text[..equals]));
                rows.SetBytes(2, Encoding.UTF8.GetBytes(RightNames.OfLetter(letters[i])));
                rows.Set(3, i + 1 < letters.Length && letters[i + 1] == '*');
            }
        }
    }

    /// <summary>0 for PUBLIC, whose name in an aclitem is empty.</summary>
    private static int OidOf(AccessControl access, string role) =>
        role.Length == 0 ? Acl.Public : access.TryFind(role.StartsWith('"') ? role[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : role)?.Oid ?? 0;
}

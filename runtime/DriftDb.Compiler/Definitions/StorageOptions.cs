using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>WITH (…) of a table, and its tablespace: what has no meaning here is kept where PostgreSQL knows it, and refused where it doesn't.</summary>
internal static class StorageOptions
{
    private static readonly HashSet<string> Known =
    [
        "history_retention", "fillfactor", "parallel_workers", "user_catalog_table", "toast_tuple_target", "vacuum_index_cleanup", "vacuum_truncate", "log_autovacuum_min_duration",
    ];

    /// <summary>The options as they are stored, <c>name=value</c>. 22023 for one that isn't known.</summary>
    public static IEnumerable<string> Texts(IEnumerable<NamedOption> options)
    {
        foreach (var option in options)
        {
            string value = Text(option);
            if (option.Name == "oids")
            {
                if (value is not ("false" or "off" or "0")) throw new SqlException(SqlState.FeatureNotSupported, "tables declared WITH OIDS are not supported", option.Span);
                continue;
            }

            if (!Known.Contains(option.Name) && !option.Name.StartsWith("autovacuum_", StringComparison.Ordinal) && !option.Name.StartsWith("toast.", StringComparison.Ordinal))
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"", option.Span);
            yield return $"{option.Name}={value}";
        }
    }

    /// <summary>PostgreSQL's two are there in name; others can't be made.</summary>
    public static void RequireTablespace(Identifier? name)
    {
        if (name is { Name: not ("pg_default" or "pg_global") }) throw new SqlException(SqlState.UndefinedObject, $"tablespace \"{name.Name}\" does not exist", name.Span);
    }

    /// <summary>An option's value; one without is true.</summary>
    public static string Text(NamedOption option) => option.Value?.Value switch
    {
        OptionValue.Word word => word.Text,
        OptionValue.String text => text.Value,
        OptionValue.Number number => number.Text,
        _ => "true",
    };
}

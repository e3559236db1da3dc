using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

internal enum ExplainFormat
{
    Text,
    Json,
    Yaml,
    Xml,
}

/// <summary>EXPLAIN's options as PostgreSQL has them, and STAGES: what every stage of the compiler made of the statement.</summary>
internal sealed record ExplainOptions
{
    public bool Analyze { get; init; }

    public bool Verbose { get; init; }

    public bool Costs { get; init; } = true;

    public bool Timing { get; init; } = true;

    /// <summary>Planning and execution time at the end; by default with ANALYZE.</summary>
    public bool Summary { get; init; }

    public bool Stages { get; init; }

    public ExplainFormat Format { get; init; }

    /// <summary>One column of the format's type.</summary>
    public ResultShape Shape => ResultShape.Of(("QUERY PLAN", Format switch { ExplainFormat.Json => SqlType.Json, ExplainFormat.Xml => SqlType.Of(TypeId.Xml), _ => SqlType.Text }));

    public static ExplainOptions Of(StatementNode.Explain statement)
    {
        var options = new ExplainOptions();
        bool? summary = null;
        foreach (var option in statement.Options)
        {
            switch (option.Name)
            {
                case "analyze" or "analyse": options = options with { Analyze = IsOn(option) }; break;
                case "verbose": options = options with { Verbose = IsOn(option) }; break;
                case "costs": options = options with { Costs = IsOn(option) }; break;
                case "timing": options = options with { Timing = IsOn(option) }; break;
                case "summary": summary = IsOn(option); break;
                case "stages": options = options with { Stages = IsOn(option) }; break;
                case "format": options = options with { Format = ReadFormat(option) }; break;
                // There are no buffers to count, no settings or log records to list: accepted and without effect.
                case "buffers" or "settings" or "wal" or "generic_plan": _ = IsOn(option); break;
                default: throw new SqlException(SqlState.SyntaxError, $"unrecognized EXPLAIN option \"{option.Name}\"", option.Span);
            }
        }

        return options with { Summary = summary ?? options.Analyze };
    }

    private static ExplainFormat ReadFormat(NamedOption option) => Text(option) switch
    {
        "text" => ExplainFormat.Text,
        "json" => ExplainFormat.Json,
        "yaml" => ExplainFormat.Yaml,
        "xml" => ExplainFormat.Xml,
        var other => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized value for EXPLAIN option \"format\": \"{other}\"", option.Span),
    };

    private static bool IsOn(NamedOption option) => option.Value is null || Text(option) switch
    {
        "on" or "true" or "1" => true,
        "off" or "false" or "0" => false,
        _ => throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value", option.Span),
    };

    private static string Text(NamedOption option) => option.Value?.Value switch
    {
        OptionValue.Word word => word.Text.ToLowerInvariant(),
        OptionValue.String text => text.Value.ToLowerInvariant(),
        OptionValue.Number number => number.Text,
        _ => "",
    };
}

using System.Collections.Immutable;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

internal enum CopyFormat
{
    Text,
    Csv,
    Binary,
}

/// <summary>The options of one COPY, checked and with their defaults (PostgreSQL's copy.c, ProcessCopyOptions).</summary>
internal sealed record CopyOptions
{
    public CopyFormat Format { get; init; }

    public byte Delimiter { get; init; } = (byte)'\t';

    /// <summary>What stands for NULL.</summary>
    public byte[] Null { get; init; } = "\\N"u8.ToArray();

    public bool Header { get; init; }

    /// <summary>HEADER MATCH: the names in the header must be the columns'.</summary>
    public bool HeaderMustMatch { get; init; }

    public byte Quote { get; init; } = (byte)'"';

    public byte Escape { get; init; } = (byte)'"';

    public ImmutableHashSet<string> ForceQuote { get; init; } = [];

    public bool ForceQuoteAll { get; init; }

    public ImmutableHashSet<string> ForceNotNull { get; init; } = [];

    public ImmutableHashSet<string> ForceNull { get; init; } = [];

    /// <summary>FREEZE: only for a table that nobody else can have seen yet. All rows are kept alike here, so there is nothing more to it.</summary>
    public bool Freeze { get; init; }

    /// <summary>What the text of the file or the client's data is in; null for the client's own.</summary>
    public CharacterSet? CharacterSet { get; init; }

    /// <summary>What has to be converted to or from; null for UTF-8, and for binary data.</summary>
    public CharacterSet? ConversionFor(Session session) => Format == CopyFormat.Binary ? null : CharacterSet is null ? session.ClientCharacterSet : CharacterSet.IsUtf8 ? null : CharacterSet;

    public static CopyOptions Read(CopyStatement copy)
    {
        var options = copy.Options.ToList();
        if (options.GroupBy(option => option.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", twice.ElementAt(1).Span);
        string format = Text(options.Find(option => option.Name == "format")) ?? (options.Exists(option => option.Name == "csv") ? "csv" : options.Exists(option => option.Name == "binary") ? "binary" : "text");
        var result = format switch
        {
            "text" => new CopyOptions(),
            "csv" => new CopyOptions { Format = CopyFormat.Csv, Delimiter = (byte)',', Null = [] },
            "binary" => new CopyOptions { Format = CopyFormat.Binary },
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"COPY format \"{format}\" not recognized"),
        };
        bool escapeGiven = false;
        foreach (var option in options)
        {
            switch (option.Name)
            {
                case "format" or "csv" or "binary" or "text": break;
                case "freeze": result = result with { Freeze = Flag(option) }; break;
                case "delimiter": result = result with { Delimiter = OneByte(option, "COPY delimiter must be a single one-byte character") }; break;
                case "null": result = result with { Null = Encoding.UTF8.GetBytes(Text(option) ?? "") }; break;
                case "header": result = Headed(result, option, copy.IsFrom); break;
                case "quote": result = result with { Quote = OneByte(option, "COPY quote must be a single one-byte character") }; break;
                case "escape":
                    result = result with { Escape = OneByte(option, "COPY escape must be a single one-byte character") };
                    escapeGiven = true;
                    break;
                case "force_quote": result = option.Value?.Value.IsStar == true ? result with { ForceQuoteAll = true } : result with { ForceQuote = List(option) }; break;
                case "force_not_null": result = result with { ForceNotNull = List(option) }; break;
                case "force_null": result = result with { ForceNull = List(option) }; break;
                case "encoding":
                    string encoding = Text(option) ?? "";
                    result = result with { CharacterSet = CharacterSet.Find(encoding) ?? throw new SqlException(SqlState.InvalidParameterValue, "argument to option \"encoding\" must be a valid encoding name", option.Span) };
                    break;
                default: throw new SqlException(SqlState.SyntaxError, $"option \"{option.Name}\" not recognized", option.Span);
            }
        }

        if (!escapeGiven) result = result with { Escape = result.Quote };
        RejectMisplaced(result, options, copy.IsFrom);
        if (result.Format == CopyFormat.Binary && result.Header) throw new SqlException(SqlState.FeatureNotSupported, "cannot specify HEADER in BINARY mode");
        if (result.Format == CopyFormat.Csv && result.Delimiter == result.Quote) throw new SqlException(SqlState.InvalidParameterValue, "COPY delimiter and quote must be different");
        if (result.Delimiter is (byte)'\n' or (byte)'\r') throw new SqlException(SqlState.InvalidParameterValue, "COPY delimiter cannot be newline or carriage return");
        return result;
    }

    private static bool Flag(NamedOption option) => Text(option)?.ToLowerInvariant() switch
    {
        null or "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        _ => throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value", option.Span),
    };

    private static CopyOptions Headed(CopyOptions result, NamedOption option, bool isFrom) => Text(option)?.ToLowerInvariant() switch
    {
        null or "true" or "on" or "1" => result with { Header = true },
        "false" or "off" or "0" => result with { Header = false },
        "match" when isFrom => result with { Header = true, HeaderMustMatch = true },
        "match" => throw new SqlException(SqlState.FeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO", option.Span),
        _ => throw new SqlException(SqlState.SyntaxError, "header requires a Boolean value or \"match\"", option.Span),
    };

    /// <summary>Options of another format or of the other direction: they would do nothing.</summary>
    private static void RejectMisplaced(CopyOptions result, List<NamedOption> options, bool isFrom)
    {
        foreach (var option in options)
        {
            if (result.Format == CopyFormat.Binary && option.Name is ("delimiter" or "null"))
                throw new SqlException(SqlState.SyntaxError, $"cannot specify {option.Name.ToUpperInvariant()} in BINARY mode", option.Span);
            string words = option.Name.Replace('_', ' ');
            if (option.Name is ("quote" or "escape" or "force_quote" or "force_not_null" or "force_null") && result.Format != CopyFormat.Csv)
                throw new SqlException(SqlState.FeatureNotSupported, $"COPY {words} available only in CSV mode", option.Span);
            if (option.Name is "force_quote" && isFrom) throw new SqlException(SqlState.FeatureNotSupported, "COPY force quote only available using COPY TO", option.Span);
            if (option.Name is ("force_not_null" or "force_null") && !isFrom) throw new SqlException(SqlState.FeatureNotSupported, $"COPY {words} only available using COPY FROM", option.Span);
        }
    }

    private static string? Text(NamedOption? option) => option?.Value?.Value switch
    {
        OptionValue.Word word => word.Text,
        OptionValue.String text => text.Value,
        OptionValue.Number number => number.Text,
        _ => null,
    };

    private static byte OneByte(NamedOption option, string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Text(option) ?? "");
        return bytes.Length == 1 ? bytes[0] : throw new SqlException(SqlState.FeatureNotSupported, message, option.Span);
    }

    private static ImmutableHashSet<string> List(NamedOption option) =>
        option.Value?.Value is OptionValue.List list ? [.. list.Items.OfType<OptionValue.Word>().Select(word => word.Text)] : [];
}

using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CLR values as parameter texts that every type's reader understands.</summary>
internal static class ParameterText
{
    public static string Of(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "t" : "f",
        byte[] bytes => "\\x" + Convert.ToHexStringLower(bytes),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Utc } time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        TimeSpan span => $"{span.Days} days {span - TimeSpan.FromDays(span.Days):hh\\:mm\\:ss\\.ffffff}",
        Guid guid => guid.ToString("D"),
        Uuid uuid => uuid.ToString(),
        Array { Rank: 1 } array => "{" + string.Join(",", array.Cast<object?>().Select(Element)) + "}",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"a parameter of the CLR type {value.GetType().Name} is not supported", hint: "Pass its text."),
    };

    /// <summary>An element of an array's text. Arrays in an array stay bare, all else may be quoted.</summary>
    private static string Element(object? value) => value switch
    {
        null => "NULL",
        Array and not byte[] => Of(value),
        _ => "\"" + Of(value).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"",
    };
}

using System.Text;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The table option <c>history_retention</c>: how long versions are kept after their end.</summary>
internal static class HistoryRetention
{
    public const string OptionName = "history_retention";

    private const string Prefix = OptionName + "=";

    /// <summary>What a table's options say; null for ever.</summary>
    public static Interval? Of(IEnumerable<string> options) => options.LastOrDefault(option => option.StartsWith(Prefix, StringComparison.Ordinal)) is { } option ? Parse(option[Prefix.Length..]) : null;

    /// <summary>Throws 22023 for what is no interval, or a negative one.</summary>
    private static Interval Parse(string text)
    {
        Interval interval;
        try
        {
            interval = IntervalText.Parse(Encoding.UTF8.GetBytes(text), -1);
        }
        catch (SqlException exception)
        {
            throw Invalid(text, exception.Message);
        }

        return interval.Comparable >= 0 ? interval : throw Invalid(text, "A negative interval keeps nothing.");
    }

    private static SqlException Invalid(string text, string detail) =>
        new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{OptionName}\": \"{text}\"", detail: detail, hint: "It is an interval, such as '90 days'; RESET it to keep the history for ever.");
}

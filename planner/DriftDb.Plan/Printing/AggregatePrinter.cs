using System.Text;

namespace DriftDb.Plan;

/// <summary>Prints an aggregate call.</summary>
public static class AggregatePrinter
{
    public static string Print(AggregateCall call) => $"{call.Column} = {Print(call, ScalarPrinter.Print)}";

    public static string Print(AggregateCall call, Func<ScalarExpr, string> print)
    {
        var text = new StringBuilder(call.Function.Name).Append('(');
        if (call.Distinct) text.Append("DISTINCT ");
        text.Append(call.Arguments.IsEmpty ? "*" : string.Join(", ", call.Arguments.Select(print)));
        if (!call.OrderBy.IsDefaultOrEmpty) text.Append(" ORDER BY ").Append(string.Join(", ", call.OrderBy.Select(key => print(key.Value) + (key.Descending ? " DESC" : ""))));
        text.Append(')');
        if (call.Filter is { } filter) text.Append(" FILTER (WHERE ").Append(print(filter)).Append(')');
        return text.ToString();
    }
}

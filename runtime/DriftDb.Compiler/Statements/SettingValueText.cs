using DriftDb.Frontend;
using DriftDb.Types;
using Microsoft.FSharp.Collections;

namespace DriftDb.Compiler;

/// <summary>What SET assigns, as the setting's text.</summary>
internal static class SettingValueText
{
    public static string Of(Session session, string name, FSharpList<Expr> values)
    {
        // A list keeps each name apart: those that need quotes are quoted.
        bool isList = name is "search_path";
        var texts = values.Select(value => One(session, name.ToLowerInvariant(), value)).ToList();
        return isList ? string.Join(", ", texts.Select(ObjectNames.QuoteIfNeeded)) : string.Join(", ", texts);
    }

    private static string One(Session session, string name, Expr value)
    {
        switch (value)
        {
            case Expr.Column column: return column.Name.Last;
            case Expr.Literal { Value: LiteralValue.String text }: return text.Value;
            case Expr.Literal { Value: LiteralValue.Integer number }: return number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
            case Expr.Literal { Value: LiteralValue.Decimal number }: return number.Text;
            case Expr.Literal { Value: LiteralValue.Boolean flag }: return flag.Value ? "on" : "off";
            case Expr.TimePoint { Point: TemporalPoint.Sequence sequence }: return "@seq:" + Evaluated(session, sequence.Number, SqlType.Int8);
            case Expr.TimePoint { Point: TemporalPoint.Now }: return "";
            // SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
            case Expr.Cast { Type: { } type } when name == "timezone" && type.Name.Last == "interval": return SettingChecks.OffsetName(Offset(session, value));
            default: return Evaluated(session, value, SqlType.Text);
        }
    }

    private static TimeSpan Offset(Session session, Expr value)
    {
        var bound = Binder.Binder.BindExpression(value, session.Environment.BindOptions([]), [], "SET", SqlType.Interval);
        var interval = (Interval)(ConstantEvaluator.Evaluate(bound, session.NewContext()).Value ?? default(Interval));
        if (interval.Months != 0 || interval.Days != 0) throw new SqlException(SqlState.InvalidParameterValue, "invalid value for parameter \"TimeZone\"", value.Span, "An interval for a time zone has no months and no days.");
        return TimeSpan.FromMicroseconds(interval.Microseconds);
    }

    private static string Evaluated(Session session, Expr value, SqlType type)
    {
        var bound = Binder.Binder.BindExpression(value, session.Environment.BindOptions([]), [], "SET", type);
        var constant = ConstantEvaluator.Evaluate(bound, session.NewContext());
        return constant.Value is null ? "" : ValueText.Format(type, constant.Value, session.Format);
    }
}

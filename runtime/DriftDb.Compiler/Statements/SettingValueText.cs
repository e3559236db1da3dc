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
        var texts = values.Select(value => One(session, value)).ToList();
        return isList ? string.Join(", ", texts.Select(ObjectNames.QuoteIfNeeded)) : string.Join(", ", texts);
    }

    private static string One(Session session, Expr value)
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
            case Expr.Cast: return Evaluated(session, value, SqlType.Text);
            default: return Evaluated(session, value, SqlType.Text);
        }
    }

    private static string Evaluated(Session session, Expr value, SqlType type)
    {
        var bound = Binder.Binder.BindExpression(value, session.Environment.BindOptions([]), [], "SET", type);
        var constant = ConstantEvaluator.Evaluate(bound, session.NewContext());
        return constant.Value is null ? "" : ValueText.Format(type, constant.Value, session.Format);
    }
}

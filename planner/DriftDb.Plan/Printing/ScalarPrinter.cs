using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>Prints scalar expressions for EXPLAIN and for golden tests, fully parenthesised as PostgreSQL's EXPLAIN does.</summary>
public static class ScalarPrinter
{
    /// <summary>With column ids (<c>a#3</c>): what tests compare.</summary>
    public static string Print(ScalarExpr expression) => Print(expression, column => $"{column.Name}#{column.Id}");

    public static string Print(ScalarExpr expression, Func<ScalarColumn, string> nameColumn)
    {
        var text = new StringBuilder();
        Write(expression, text, nameColumn);
        return text.ToString();
    }

    public static string Symbol(ComparisonOperator op) => op switch
    {
        ComparisonOperator.Equal => "=",
        ComparisonOperator.NotEqual => "<>",
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Greater => ">",
        _ => ">=",
    };

    public static string Symbol(ArithmeticOperator op) => op switch
    {
        ArithmeticOperator.Add => "+",
        ArithmeticOperator.Subtract => "-",
        ArithmeticOperator.Multiply => "*",
        ArithmeticOperator.Divide => "/",
        _ => "%",
    };

    private static void Write(ScalarExpr expression, StringBuilder text, Func<ScalarColumn, string> name)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        StringBuilder Sub(ScalarExpr child)
        {
            Write(child, text, name);
            return text;
        }

        void List(IEnumerable<ScalarExpr> items, string separator)
        {
            bool first = true;
            foreach (var item in items)
            {
                if (!first) text.Append(separator);
                first = false;
                Write(item, text, name);
            }
        }

        switch (expression)
        {
            case ScalarColumn column: text.Append(name(column)); break;
            case ScalarConstant constant: text.Append(Literal(constant)); break;
            case ScalarParameter parameter: text.Append('$').Append(parameter.Number); break;
            case ScalarOuter outer: text.Append("outer.").Append(outer.Slot); break;
            case ScalarCall { Function.Operator: { } symbol, Arguments: [var left, var right] }:
                text.Append('('); Sub(left).Append(' ').Append(symbol).Append(' '); Sub(right).Append(')'); break;
            case ScalarCall { Function.Operator: { } symbol, Arguments: [var operand] }: text.Append('(').Append(symbol).Append(' '); Sub(operand).Append(')'); break;
            case ScalarCall call: text.Append(call.Function.Name).Append('('); List(call.Arguments, ", "); text.Append(')'); break;
            case ScalarArithmetic arithmetic:
                text.Append('('); Sub(arithmetic.Left).Append(' ').Append(Symbol(arithmetic.Operator)).Append(' '); Sub(arithmetic.Right).Append(')'); break;
            case ScalarComparison comparison:
                text.Append('('); Sub(comparison.Left).Append(' ').Append(Symbol(comparison.Operator)).Append(' '); Sub(comparison.Right).Append(')'); break;
            case ScalarNegate negate: text.Append("(- "); Sub(negate.Operand).Append(')'); break;
            case ScalarAnd and: text.Append('('); List(and.Terms, " AND "); text.Append(')'); break;
            case ScalarOr or: text.Append('('); List(or.Terms, " OR "); text.Append(')'); break;
            case ScalarNot not: text.Append("(NOT "); Sub(not.Operand).Append(')'); break;
            case ScalarIsNull test: text.Append('('); Sub(test.Operand).Append(test.Negated ? " IS NOT NULL)" : " IS NULL)"); break;
            case ScalarIsBool test: text.Append('('); Sub(test.Operand).Append(test.Negated ? " IS NOT " : " IS ").Append(test.Value ? "TRUE)" : "FALSE)"); break;
            case ScalarIsDistinct test:
                text.Append('('); Sub(test.Left).Append(test.Negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM "); Sub(test.Right).Append(')'); break;
            case ScalarIn membership:
                text.Append('('); Sub(membership.Operand).Append(membership.Negated ? " NOT IN (" : " IN ("); List(membership.Items, ", "); text.Append("))"); break;
            case ScalarLike like:
                text.Append('('); Sub(like.Operand).Append((like.Negated, like.IgnoreCase) switch { (false, false) => " ~~ ", (true, false) => " !~~ ", (false, true) => " ~~* ", _ => " !~~* " });
                Sub(like.Pattern);
                if (like.Escape is { } escape) { text.Append(" ESCAPE "); Sub(escape); }
                text.Append(')');
                break;
            case ScalarCase choice:
                text.Append("CASE");
                for (int i = 0; i < choice.Conditions.Length; i++)
                {
                    text.Append(" WHEN "); Sub(choice.Conditions[i]).Append(" THEN "); Sub(choice.Results[i]);
                }

                text.Append(" ELSE "); Sub(choice.Else).Append(" END");
                break;
            case ScalarCoalesce coalesce: text.Append("COALESCE("); List(coalesce.Arguments, ", "); text.Append(')'); break;
            case ScalarExtreme extreme: text.Append(extreme.Greatest ? "GREATEST(" : "LEAST("); List(extreme.Arguments, ", "); text.Append(')'); break;
            case ScalarLet let: text.Append("LET #").Append(let.VariableId).Append(" = "); Sub(let.Value).Append(" IN "); Sub(let.Body); break;
            case ScalarCast cast: text.Append('('); Sub(cast.Operand).Append(")::").Append(cast.TargetType); break;
            case ScalarArray array: text.Append("ARRAY["); List(array.Elements, ", "); text.Append(']'); break;
            case ScalarSubscript subscript:
                Sub(subscript.Array);
                foreach (var index in subscript.Indexes) { text.Append('['); Sub(index).Append(']'); }
                break;
            case ScalarQuantifiedArray quantified:
                text.Append('('); Sub(quantified.Operand).Append(' ').Append(Symbol(quantified.Operator)).Append(quantified.IsAll ? " ALL (" : " ANY ("); Sub(quantified.Array).Append("))"); break;
            case ScalarRow row: text.Append("ROW("); List(row.Fields, ", "); text.Append(')'); break;
            case ScalarField field: text.Append('('); Sub(field.Row).Append(").").Append(field.Name); break;
            case ScalarSubquery subquery:
                if (!subquery.Operands.IsEmpty)
                {
                    text.Append('('); List(subquery.Operands, ", "); text.Append(' ').Append(Symbol(subquery.Operator)).Append(") ");
                }

                text.Append(subquery.Kind.ToString().ToUpperInvariant()).Append("(subquery)");
                break;
            default: text.Append(expression.GetType().Name); break;
        }
    }

    /// <summary>A constant as PostgreSQL's EXPLAIN shows it: numbers plain, everything else quoted with its type.</summary>
    private static string Literal(ScalarConstant constant)
    {
        if (constant.Value is null) return $"NULL::{constant.Type}";
        string value = ConstantText.Of(constant);
        return constant.Type.Id is TypeId.Int2 or TypeId.Int4 or TypeId.Int8 or TypeId.Oid or TypeId.Numeric or TypeId.Float8 or TypeId.Float4
            ? (value.StartsWith('-') ? $"'{value}'::{constant.Type.WithoutTypmod()}" : value)
            : constant.Type.Id == TypeId.Bool ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'::{constant.Type.WithoutTypmod()}";
    }
}

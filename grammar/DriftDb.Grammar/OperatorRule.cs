using System.Numerics;

namespace DriftDb.Grammar;

/// <summary>PostgreSQL's rule for where an operator ends (its manual, 4.1.3 "Operators"), and the token kinds of the operators that the grammar knows.</summary>
internal static class OperatorRule
{
    /// <summary>
    /// How much of a run of operator characters is one operator: up to a comment's start; and an operator of several characters must not
    /// end in + or - unless it has one of <c>~ ! @ # % ^ &amp; | ` ?</c>, so that <c>a=-1</c> reads as <c>a = -1</c>.
    /// </summary>
    public static int Length<TChar>(ReadOnlySpan<TChar> run)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        int length = run.Length;
        for (int i = 0; i + 1 < length; i++)
        {
            uint c = uint.CreateTruncating(run[i]);
            uint next = uint.CreateTruncating(run[i + 1]);
            if ((c == '-' && next == '-') || (c == '/' && next == '*'))
            {
                length = i;
                break;
            }
        }

        if (length > 1 && uint.CreateTruncating(run[length - 1]) is '+' or '-')
        {
            for (int i = 0; i < length - 1; i++)
            {
                if (uint.CreateTruncating(run[i]) is '~' or '!' or '@' or '#' or '%' or '^' or '&' or '|' or '`' or '?') return length;
            }

            while (length > 1 && uint.CreateTruncating(run[length - 1]) is '+' or '-') length--;
        }

        return Math.Max(length, 1);
    }

    public static int Kind<TChar>(ReadOnlySpan<TChar> symbol)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        uint first = uint.CreateTruncating(symbol[0]);
        if (symbol.Length == 1)
        {
            return first switch
            {
                '+' => SqlLexer.PLUS,
                '-' => SqlLexer.MINUS,
                '*' => SqlLexer.STAR,
                '/' => SqlLexer.SLASH,
                '%' => SqlLexer.PERCENT,
                '^' => SqlLexer.CARET,
                '=' => SqlLexer.EQ,
                '<' => SqlLexer.LT,
                '>' => SqlLexer.GT,
                _ => SqlLexer.OP,
            };
        }

        if (symbol.Length > 2) return SqlLexer.OP;
        return (first, uint.CreateTruncating(symbol[1])) switch
        {
            ('<', '>') or ('!', '=') => SqlLexer.NEQ,
            ('<', '=') => SqlLexer.LE,
            ('>', '=') => SqlLexer.GE,
            ('=', '>') => SqlLexer.ARROW,
            _ => SqlLexer.OP,
        };
    }
}

using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Misc;

namespace DriftDb.Grammar;

/// <summary>Where a parse starts.</summary>
public enum ParseEntry
{
    Statement,
    Expression,
    TypeName,
}

/// <summary>
/// Runs the generated parser over the tokens of one statement: SLL prediction first, which is right for nearly everything and several times faster;
/// where it fails, full LL decides whether the statement is wrong. Both stop at the first error.
/// </summary>
public static class SqlParseDriver
{
    [ThreadStatic]
    private static SqlParser? t_parser;

    /// <summary>How often full LL was needed since the process started; the everyday statements must not raise it.</summary>
    public static long FallbackCount => Interlocked.Read(ref s_fallbacks);

    /// <summary>The TPC-H queries, all captures and sqllogictest's files together make fewer than 2,000 states.</summary>
    private const long CacheStates = 100_000;

    private const long CacheCheckInterval = 4_096;

    private static long s_fallbacks;

    private static long s_parses;

    /// <summary>Parses tokens [from, to) of a script.</summary>
    /// <param name="tokens">The whole script's.</param>
    /// <param name="from">The statement's first token.</param>
    /// <param name="to">After the statement's last token.</param>
    /// <param name="entry">What the tokens shall be.</param>
    /// <param name="offending">On failure the first token that can't go on; its type is -1 at the end of the input.</param>
    /// <returns>The parse tree, or null on a syntax error.</returns>
    public static ParserRuleContext? Parse(SqlToken[] tokens, int from, int to, ParseEntry entry, out SqlToken? offending)
    {
        offending = null;
        string source = tokens.Length > 0 ? tokens[0].Source : "";
        int endOffset = to < tokens.Length ? tokens[to].Start : source.Length;
        var end = new SqlToken(source, TokenConstants.EOF, endOffset, endOffset, to);
        ParserRuleContext? tree = Run(new SqlTokenStream(tokens, from, to, end), entry, PredictionMode.SLL, ref offending);
        if (tree != null) return tree;
        Interlocked.Increment(ref s_fallbacks);
        return Run(new SqlTokenStream(tokens, from, to, end), entry, PredictionMode.LL, ref offending);
    }

    private static ParserRuleContext? Run(SqlTokenStream stream, ParseEntry entry, PredictionMode mode, ref SqlToken? offending)
    {
        SqlParser parser = t_parser ??= SqlParser.ForStatements();
        WatchCache(parser);
        parser.Read(stream);
        parser.Interpreter.PredictionMode = mode;
        try
        {
            return entry switch
            {
                ParseEntry.Statement => parser.singleStatement(),
                ParseEntry.Expression => parser.singleExpression(),
                _ => parser.singleTypeName(),
            };
        }
        catch (ParseCanceledException e)
        {
            var cause = (RecognitionException)e.InnerException!;
            offending = (SqlToken)cause.OffendingToken;
            return null;
        }
    }

    /// <summary>
    /// The prediction cache grows with every new shape of statement and is shared by all threads. Every few thousand parses its size is looked at, and
    /// past the cap it starts anew (entries are replaced, so that a parse that is under way on another thread keeps the ones it holds).
    /// </summary>
    private static void WatchCache(SqlParser parser)
    {
        if ((Interlocked.Increment(ref s_parses) & (CacheCheckInterval - 1)) != 0) return;
        long states = 0;
        foreach (Antlr4.Runtime.Dfa.DFA dfa in parser.Interpreter.decisionToDFA) states += dfa.states.Count;
        if (states > CacheStates) parser.Interpreter.ClearDFA();
    }
}

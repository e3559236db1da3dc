using Antlr4.Runtime;

namespace DriftDb.Grammar;

/// <summary>The generated parser over a <see cref="SqlTokenStream"/>, with the ways that every token takes cut short.</summary>
public partial class SqlParser
{
    private SqlTokenStream _tokens = SqlTokenStream.Empty;

    /// <summary>A parser for one thread that stops at the first error.</summary>
    internal static SqlParser ForStatements()
    {
        var parser = new SqlParser(SqlTokenStream.Empty, TextWriter.Null, TextWriter.Null) { ErrorHandler = new SilentBail() };
        parser.Interpreter = new CachedPrediction(parser, _ATN, decisionToDFA, sharedContextCache);
        parser.RemoveErrorListeners();
        return parser;
    }

    /// <summary>Starts over with the tokens of a statement.</summary>
    internal void Read(SqlTokenStream tokens)
    {
        _tokens = tokens;
        TokenStream = tokens;
    }

    public override IToken Match(int ttype)
    {
        SqlToken token = _tokens.Current;
        if (token.Type != ttype || ttype == TokenConstants.EOF) return base.Match(ttype);
        return Consume();
    }

    public override IToken Consume()
    {
        SqlToken token = _tokens.Current;
        _tokens.Consume();
        Context.AddChild((IToken)token);
        return token;
    }

    /// <summary>Stops at the first error, and does not spend time on a message that nobody reads.</summary>
    private sealed class SilentBail : BailErrorStrategy
    {
        public override void ReportError(Parser recognizer, RecognitionException e)
        {
        }

        public override void ReportMatch(Parser recognizer)
        {
        }
    }
}

using Antlr4.Runtime;
using Antlr4.Runtime.Misc;
using Antlr4.Runtime.Tree;

namespace DriftDb.Grammar;

/// <summary>A token of the parser's: kind and place; its text is cut from the statement when asked for. In a parse tree it is its own leaf.</summary>
public sealed class SqlToken(string source, int type, int start, int end, int index) : IToken, ITerminalNode
{
    public string Source { get; } = source;

    public int Type { get; } = type;

    /// <summary>Offset of the first UTF-16 code unit.</summary>
    public int Start { get; } = start;

    /// <summary>After the last code unit.</summary>
    public int End { get; } = end;

    public int TokenIndex { get; } = index;

    /// <summary>For a literal that was lifted out by <see cref="Fingerprint"/>: the number of the parameter in its place, counted from 1. Else 0.</summary>
    public int LiftedParameter { get; init; }

    public string Text => Source[Start..End];

    public ReadOnlySpan<char> Span => Source.AsSpan(Start, End - Start);

    int IToken.StartIndex => Start;

    int IToken.StopIndex => End - 1;

    int IToken.Line => 1;

    int IToken.Column => Start;

    int IToken.Channel => TokenConstants.DefaultChannel;

    ITokenSource IToken.TokenSource => null!;

    ICharStream IToken.InputStream => null!;

    // Leaves of parse trees: they don't know what they hang below, since nobody walks upwards from them.
    IRuleNode ITerminalNode.Parent => null!;

    IParseTree IParseTree.Parent => null!;

    ITree ITree.Parent => null!;

    IToken ITerminalNode.Symbol => this;

    int ITree.ChildCount => 0;

    object ITree.Payload => this;

    Interval ISyntaxTree.SourceInterval => new(TokenIndex, TokenIndex);

    IParseTree IParseTree.GetChild(int i) => null!;

    ITree ITree.GetChild(int i) => null!;

    string IParseTree.GetText() => Text;

    string ITree.ToStringTree() => Text;

    string IParseTree.ToStringTree(Parser parser) => Text;

    T IParseTree.Accept<T>(IParseTreeVisitor<T> visitor) => visitor.VisitTerminal(this);

    public override string ToString() => $"{SqlLexer.DefaultVocabulary.GetSymbolicName(Type)} '{Text}' {Start}..{End}";
}

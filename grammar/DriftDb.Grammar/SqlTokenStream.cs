using Antlr4.Runtime;
using Antlr4.Runtime.Misc;

namespace DriftDb.Grammar;

/// <summary>The tokens of one statement of a script, as ANTLR's parser wants to see them.</summary>
internal sealed class SqlTokenStream(IReadOnlyList<SqlToken> tokens, int from, int to, SqlToken end) : ITokenStream
{
    private readonly int _from = from;
    private int _position = from;

    public int Index => _position;

    public int Size => to - _from;

    public string SourceName => "sql";

    public ITokenSource TokenSource => null!;

    public int LA(int i) => LT(i).Type;

    public IToken LT(int k)
    {
        int index = k > 0 ? _position + k - 1 : _position + k;
        return index < to ? tokens[Math.Max(index, _from)] : end;
    }

    public IToken Get(int i) => i < to ? tokens[i] : end;

    public void Consume()
    {
        if (_position < to) _position++;
    }

    public int Mark() => 0;

    public void Release(int marker)
    {
    }

    public void Seek(int index) => _position = Math.Min(index, to);

    public string GetText() => throw new NotSupportedException();

    public string GetText(Interval interval) => throw new NotSupportedException();

    public string GetText(RuleContext ctx) => throw new NotSupportedException();

    public string GetText(IToken start, IToken stop) => throw new NotSupportedException();
}

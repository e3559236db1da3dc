using Antlr4.Runtime;
using Antlr4.Runtime.Misc;

namespace DriftDb.Grammar;

/// <summary>The tokens of one statement of a script, as ANTLR's parser wants to see them.</summary>
internal sealed class SqlTokenStream(SqlToken[] tokens, int from, int to, SqlToken end) : ITokenStream
{
    public static readonly SqlTokenStream Empty = new([], 0, 0, new SqlToken("", TokenConstants.EOF, 0, 0, 0));

    private readonly int _from = from;
    private int _position = from;

    public int Index => _position;

    public int Size => to - _from;

    public string SourceName => "sql";

    public ITokenSource TokenSource => null!;

    public SqlToken Current => At(_position);

    public int LA(int i) => i == 1 ? Current.Type : Look(i).Type;

    public IToken LT(int k) => k == 1 ? Current : Look(k);

    public IToken Get(int i) => At(i);

    /// <summary>The kind of the token so many after the current one; the end repeats itself.</summary>
    public int KindAhead(int count) => At(_position + count).Type;

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

    private SqlToken At(int index) => index < to ? tokens[index] : end;

    private SqlToken Look(int k) => At(Math.Max(k > 0 ? _position + k - 1 : _position + k, _from));
}

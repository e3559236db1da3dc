using Antlr4.Runtime;

namespace DriftDb.Grammar;

/// <summary>
/// The parts of PostgreSQL's lexical rules (its scan.l) that an ANTLR lexer can't express: a match is looked at when it is
/// emitted, and cut or prolonged. The parser is fed by <see cref="SqlScanner{TChar}"/>; this lexer is the vocabulary's definition
/// and the scanner's oracle in tests.
/// </summary>
public abstract class SqlLexerBase(ICharStream input, TextWriter output, TextWriter errorOutput) : Lexer(input, output, errorOutput)
{
    public override IToken Emit()
    {
        switch (Type)
        {
            case SqlLexer.OP:
                EmitOperator();
                break;
            case SqlLexer.DSTRING:
                ReadDollarString();
                break;
            case SqlLexer.STRING or SqlLexer.ESTRING or SqlLexer.USTRING or SqlLexer.BITSTRING or SqlLexer.HEXSTRING:
                ReadContinuations(Type == SqlLexer.ESTRING);
                break;
            // `1..2` is 1, then two dots.
            case SqlLexer.DECIMAL when LookAhead(1) == '.' && Text[^1] == '.':
                Cut(Text.Length - 1);
                Type = SqlLexer.INTEGER;
                break;
            case SqlLexer.AT_SEQ when LookAhead(1) == ':' || LookAhead(1) == '=':
            case SqlLexer.AT_NOW when IsIdentifierPart(LookAhead(1)):
                Cut(1);
                Type = SqlLexer.OP;
                break;
        }

        return base.Emit();
    }

    private void EmitOperator()
    {
        string text = Text;
        int length = OperatorRule.Length(text.AsSpan());
        if (length < text.Length) Cut(length);
        Type = OperatorRule.Kind(text.AsSpan(0, length));
    }

    private void ReadDollarString()
    {
        string delimiter = Text;
        int matched = 0;
        var body = new System.Text.StringBuilder();
        while (matched == 0)
        {
            int c = LookAhead(1);
            if (c == IntStreamConstants.EOF) return;
            body.Append((char)c);
            InputStream.Consume();
            if (c == '$' && body.Length >= delimiter.Length && body.ToString(body.Length - delimiter.Length, delimiter.Length) == delimiter) matched = 1;
        }
    }

    // 'a'
    // 'b' is one string when a line end is between the two.
    private void ReadContinuations(bool escapes)
    {
        while (true)
        {
            int ahead = 1;
            bool lineEnd = false;
            for (; LookAhead(ahead) is ' ' or '\t' or '\n' or '\r' or '\f' or '\v'; ahead++) lineEnd |= LookAhead(ahead) is '\n' or '\r';
            if (!lineEnd || LookAhead(ahead) != '\'') return;
            for (; ahead > 0; ahead--) InputStream.Consume();
            while (true)
            {
                int c = LookAhead(1);
                if (c == IntStreamConstants.EOF) return;
                InputStream.Consume();
                if (c == '\\' && escapes) InputStream.Consume();
                else if (c == '\'' && LookAhead(1) != '\'') break;
                else if (c == '\'') InputStream.Consume();
            }
        }
    }

    private int LookAhead(int offset) => InputStream.LA(offset);

    private void Cut(int length)
    {
        InputStream.Seek(TokenStartCharIndex + length);
        // The longer match may have ended the text; what is left over begins the next token.
        HitEOF = false;
    }

    private static bool IsIdentifierPart(int c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '_' or '$' or >= 0x80;
}

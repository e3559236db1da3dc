using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>LIKE and ILIKE over UTF-8: <c>%</c> any run, <c>_</c> one character. Literal runs behind a % are found by vectorised search.</summary>
internal static class LikeMatcher
{
    public static bool Like(ByteSlice text, ByteSlice pattern, bool ignoreCase) => Match(text.Span, pattern.Span, (byte)'\\', ignoreCase);

    public static bool LikeEscape(ByteSlice text, ByteSlice pattern, ByteSlice escape, bool ignoreCase)
    {
        if (escape.Length > 1 && ValueReader.CountCharacters(escape.Span) > 1) throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string", hint: "Escape string must be empty or one character.");
        return Match(text.Span, pattern.Span, escape.Length == 0 ? -1 : escape.Span[0], ignoreCase);
    }

    private static bool Match(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, int escape, bool ignoreCase)
    {
        if (!ignoreCase) return Matches(text, pattern, escape);
        // Folding both sides first keeps one matcher; ASCII folds in place, the rest through strings.
        byte[] foldedText = Fold(text), foldedPattern = Fold(pattern);
        return Matches(foldedText, foldedPattern, escape);
    }

    private static byte[] Fold(ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text)) return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToLowerInvariant());
        byte[] folded = new byte[text.Length];
        Ascii.ToLower(text, folded, out _);
        return folded;
    }

    private static bool Matches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, int escape)
    {
        int t = 0, p = 0, restartText = -1, restartPattern = -1;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '%' && pattern[p] != escape)
            {
                while (p < pattern.Length && pattern[p] == '%') p++;
                if (p == pattern.Length) return true;
                restartPattern = p;
                restartText = t;
                // Jump to where the literal run behind the % is found.
                int end = p;
                while (end < pattern.Length && pattern[end] is not ((byte)'%' or (byte)'_') && pattern[end] != escape) end++;
                if (end > p)
                {
                    int found = text[t..].IndexOf(pattern[p..end]);
                    if (found < 0) return false;
                    t += found;
                    restartText = t;
                    t += end - p;
                    p = end;
                }

                continue;
            }

            if (p == pattern.Length)
            {
                if (t == text.Length) return true;
            }
            else if (t < text.Length)
            {
                if (pattern[p] == escape)
                {
                    if (p + 1 == pattern.Length) throw new SqlException(SqlState.InvalidEscapeSequence, "LIKE pattern must not end with escape character");
                    if (pattern[p + 1] == text[t])
                    {
                        p += 2;
                        t++;
                        continue;
                    }
                }
                else if (pattern[p] == '_')
                {
                    p++;
                    t++;
                    while (t < text.Length && (text[t] & 0xC0) == 0x80) t++;
                    continue;
                }
                else if (pattern[p] == text[t])
                {
                    p++;
                    t++;
                    continue;
                }
            }

            // No match here: the last % takes one more character.
            if (restartPattern < 0 || restartText >= text.Length) return false;
            restartText++;
            t = restartText;
            p = restartPattern;
            int literalEnd = p;
            while (literalEnd < pattern.Length && pattern[literalEnd] is not ((byte)'%' or (byte)'_') && pattern[literalEnd] != escape) literalEnd++;
            if (literalEnd > p)
            {
                int next = text[t..].IndexOf(pattern[p..literalEnd]);
                if (next < 0) return false;
                t += next;
                restartText = t;
                t += literalEnd - p;
                p = literalEnd;
            }
        }
    }
}

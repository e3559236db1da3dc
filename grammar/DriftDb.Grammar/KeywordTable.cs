using System.Numerics;

namespace DriftDb.Grammar;

/// <summary>Words to token kinds: open addressing over a hash that the scanner makes while it reads the word, then the text compared.</summary>
internal static class KeywordTable
{
    private const int Slots = 4096;
    private static readonly string[] Words = new string[Slots];
    private static readonly short[] Kinds = new short[Slots];

    static KeywordTable()
    {
        for (int kind = 1; kind < SqlLexer.LPAREN; kind++)
        {
            // Literal names look like 'SELECT', with the quotes.
            string word = SqlLexer.DefaultVocabulary.GetLiteralName(kind).Trim('\'').ToLowerInvariant();
            if (word.Length > MaxLength) MaxLength = word.Length;
            ulong hash = Seed;
            foreach (char c in word) hash = Step(hash, c);
            int slot = Slot(hash);
            while (Words[slot] != null) slot = (slot + 1) % Slots;
            Words[slot] = word;
            Kinds[slot] = (short)kind;
        }
    }

    public const ulong Seed = 0xCBF29CE484222325;

    /// <summary>The longest word's length.</summary>
    public static readonly int MaxLength;

    /// <summary>All words in lower case, for those who must quote names that look like one.</summary>
    public static IEnumerable<string> All => Words.Where(word => word != null);

    public static ulong Step(ulong hash, uint foldedChar) => (hash ^ foldedChar) * 0x100000001B3;

    /// <summary>The word's token kind, or <see cref="SqlLexer.IDENT"/>.</summary>
    public static int Find<TChar>(ulong hash, ReadOnlySpan<TChar> text)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        for (int slot = Slot(hash); ; slot = (slot + 1) % Slots)
        {
            string word = Words[slot];
            if (word == null) return SqlLexer.IDENT;
            if (word.Length == text.Length && Same(word, text)) return Kinds[slot];
        }
    }

    private static int Slot(ulong hash) => (int)((hash ^ (hash >> 29)) % Slots);

    private static bool Same<TChar>(string word, ReadOnlySpan<TChar> text)
        where TChar : unmanaged, IBinaryInteger<TChar>
    {
        for (int i = 0; i < word.Length; i++)
        {
            uint c = uint.CreateTruncating(text[i]);
            if (c - 'A' <= 'Z' - 'A') c |= 0x20;
            if (c != word[i]) return false;
        }

        return true;
    }
}

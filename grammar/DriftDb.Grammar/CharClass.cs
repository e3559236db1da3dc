using System.Runtime.CompilerServices;

namespace DriftDb.Grammar;

/// <summary>Classes of characters by table; everything from 0x80 on is a letter (a byte of a UTF-8 sequence, or a UTF-16 code unit).</summary>
internal static class CharClass
{
    private const byte Blank = 1;
    private const byte Start = 2;
    private const byte Part = 4;
    private const byte Operator = 8;

    private static readonly byte[] Classes = MakeClasses();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBlank(uint c) => c < 128 && (Classes[c] & Blank) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsIdentifierStart(uint c) => c >= 128 || (Classes[c] & Start) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsIdentifierPart(uint c) => c >= 128 || (Classes[c] & Part) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOperator(uint c) => c < 128 && (Classes[c] & Operator) != 0;

    private static byte[] MakeClasses()
    {
        byte[] classes = new byte[128];
        foreach (char c in " \t\r\n\f\v") classes[c] |= Blank;
        foreach (char c in "~!@#^&|`?+-*/%<>=") classes[c] |= Operator;
        for (int c = 0; c < 128; c++)
        {
            bool letter = (c | 0x20) is >= 'a' and <= 'z' || c == '_';
            if (letter) classes[c] |= Start;
            if (letter || c is >= '0' and <= '9' || c == '$') classes[c] |= Part;
        }

        return classes;
    }
}

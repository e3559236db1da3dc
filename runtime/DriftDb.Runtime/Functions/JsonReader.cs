using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Finds members of valid JSON text without parsing what it passes over.</summary>
internal static unsafe class JsonReader
{
    public static byte Start(ByteSlice json)
    {
        int at = SkipSpace(json.Span, 0);
        return json.Span[at];
    }

    public static bool IsArray(ByteSlice json) => Start(json) == '[';

    /// <summary>The last member with this key (the only one, in jsonb).</summary>
    public static bool TryField(ByteSlice json, ReadOnlySpan<byte> key, out ByteSlice value)
    {
        ReadOnlySpan<byte> text = json.Span;
        value = default;
        int at = SkipSpace(text, 0);
        if (text[at] != '{') return false;
        at = SkipSpace(text, at + 1);
        bool found = false;
        while (text[at] != '}')
        {
            int keyStart = at;
            at = SkipString(text, at);
            bool same = KeyEquals(text[(keyStart + 1)..(at - 1)], key);
            at = SkipSpace(text, SkipSpace(text, at) + 1);
            int start = at;
            at = SkipValue(text, at);
            if (same)
            {
                value = new ByteSlice(json.Address + start, at - start);
                found = true;
            }

            at = SkipSpace(text, at);
            if (text[at] == ',') at = SkipSpace(text, at + 1);
        }

        return found;
    }

    /// <summary>An array's item; negative indexes count from the end.</summary>
    public static bool TryItem(ByteSlice json, int index, out ByteSlice value)
    {
        ReadOnlySpan<byte> text = json.Span;
        value = default;
        int first = SkipSpace(text, 0);
        if (text[first] != '[') return false;
        if (index < 0)
        {
            int count = 0;
            Walk(json, text, first, int.MaxValue, ref count, out _);
            index += count;
            if (index < 0) return false;
        }

        int passed = 0;
        return Walk(json, text, first, index, ref passed, out value);
    }

    private static bool Walk(ByteSlice json, ReadOnlySpan<byte> text, int at, int index, ref int count, out ByteSlice value)
    {
        value = default;
        at = SkipSpace(text, at + 1);
        while (text[at] != ']')
        {
            int start = at;
            at = SkipValue(text, at);
            if (count == index)
            {
                value = new ByteSlice(json.Address + start, at - start);
                return true;
            }

            count++;
            at = SkipSpace(text, at);
            if (text[at] == ',') at = SkipSpace(text, at + 1);
        }

        return false;
    }

    private static bool KeyEquals(ReadOnlySpan<byte> written, ReadOnlySpan<byte> key)
    {
        if (!written.Contains((byte)'\\')) return written.SequenceEqual(key);
        var quoted = new ByteWriter();
        JsonParser.WriteString(quoted, key);
        return written.SequenceEqual(quoted.Written[1..^1]);
    }

    private static int SkipSpace(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r') at++;
        return at;
    }

    private static int SkipString(ReadOnlySpan<byte> text, int at)
    {
        for (at++; text[at] != '"'; at++)
            if (text[at] == '\\') at++;
        return at + 1;
    }

    private static int SkipValue(ReadOnlySpan<byte> text, int at)
    {
        int depth = 0;
        do
        {
            switch (text[at])
            {
                case (byte)'"': at = SkipString(text, at); break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    at++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    at++;
                    break;
                default:
                    at++;
                    if (depth == 0)
                        while (at < text.Length && text[at] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)':')) at++;
                    break;
            }
        }
        while (depth > 0);
        return at;
    }
}

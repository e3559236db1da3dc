using System.Text;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>
/// Names of statements and portals as strings, without making a new one each time: a client sends the same few over and over. A small direct-mapped table;
/// a clash only costs an allocation.
/// </summary>
public sealed class NameCache
{
    private const int Entries = 16;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private (byte[] Utf8, string Name)[]? _entries;

    /// <summary>The name as a string; 22021 when it isn't UTF-8.</summary>
    public string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        _entries ??= new (byte[], string)[Entries];
        ref var entry = ref _entries[(utf8[^1] * 31 + utf8[0] * 7 + utf8.Length) & (Entries - 1)];
        if (entry.Utf8 is not null && utf8.SequenceEqual(entry.Utf8)) return entry.Name;
        string name = Decode(utf8);
        entry = (utf8.ToArray(), name);
        return name;
    }

    /// <summary>Text of a message; 22021 when it isn't UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException error)
        {
            string bytes = string.Join(' ', (error.BytesUnknown ?? []).Select(b => $"0x{b:x2}"));
            throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {bytes}");
        }
    }
}

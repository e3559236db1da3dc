using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DriftDb.Types;

/// <summary>
/// Addresses of type inet, and networks of type cidr. Stored as family (2 for IPv4, 3 for IPv6), network (the address without its host bits), bits of the netmask, address: compared byte
/// by byte, that is PostgreSQL's order (the common bits of the networks, then the length of the netmask, then the whole address).
/// </summary>
public static class InetValue
{
    private const byte FamilyV4 = 2, FamilyV6 = 3;

    /// <summary>The stored form of an address as it is written: <c>10.0.0.1</c>, <c>10.0.0.0/8</c>, <c>::1/64</c>.</summary>
    /// <exception cref="SqlException">22P02: the text isn't an address.</exception>
    public static byte[] Parse(ReadOnlySpan<byte> text)
    {
        string source = Encoding.UTF8.GetString(text);
        int slash = source.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? source : source[..slash];
        // IPAddress also takes abbreviations (10.1) and scopes (fe80::1%2), which PostgreSQL doesn't.
        bool isV4 = host.Count(c => c == '.') == 3 && !host.Contains(':', StringComparison.Ordinal);
        if (host.Contains('%', StringComparison.Ordinal) || host.Contains('[', StringComparison.Ordinal) || !IPAddress.TryParse(host, out var address)
            || isV4 != (address.AddressFamily == AddressFamily.InterNetwork) || isV4 && host.Split('.').Any(part => !IsOctet(part)))
            throw Invalid(source);
        byte[] bytes = address.GetAddressBytes();
        int bits = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(source.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > bytes.Length * 8)) throw Invalid(source);
        return Encode(bytes, bits);
    }

    /// <summary>The stored form of a network: as <see cref="Parse"/>, but the rest of an IPv4 address may be left out (<c>10/8</c>, <c>192.168</c>), the netmask follows from the address when it isn't there, and no bit may be behind it.</summary>
    /// <exception cref="SqlException">22P02: the text isn't a network.</exception>
    public static byte[] ParseNetwork(ReadOnlySpan<byte> text)
    {
        string source = Encoding.UTF8.GetString(text);
        int slash = source.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? source : source[..slash];
        string[] parts = host.Split('.');
        bool isV4 = !host.Contains(':', StringComparison.Ordinal);
        if (isV4 && (parts.Length > 4 || !parts.All(IsOctet))) throw InvalidNetwork(source);
        byte[] stored;
        try
        {
            string whole = isV4 ? string.Join('.', parts.Concat(Enumerable.Repeat("0", 4 - parts.Length))) : host;
            string bits = slash >= 0 ? source[(slash + 1)..] : (isV4 ? NetmaskOf(parts) : 128).ToString(CultureInfo.InvariantCulture);
            stored = Parse(Encoding.UTF8.GetBytes($"{whole}/{bits}"));
        }
        catch (SqlException)
        {
            throw InvalidNetwork(source);
        }

        return CheckedNetwork(stored, source);
    }

    /// <summary>The netmask of a network that is written without: by the classes of old, and as far as it is written.</summary>
    private static int NetmaskOf(string[] parts)
    {
        int first = int.Parse(parts[0], CultureInfo.InvariantCulture);
        int byClass = first switch { >= 240 => 32, >= 224 => 8, >= 192 => 24, >= 128 => 16, _ => 8 };
        int bits = Math.Max(byClass, parts.Length * 8);
        // A multicast network that is written as 224 has four bits.
        return bits == 8 && first == 224 ? 4 : bits;
    }

    private static byte[] CheckedNetwork(byte[] stored, string text)
    {
        var (address, bits) = Decode(stored);
        return Mask(address, bits).AsSpan().SequenceEqual(address)
            ? stored
            : throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid cidr value: \"{text}\"", detail: "Value has bits set to right of mask.");
    }

    /// <summary>An address with its last bits cleared.</summary>
    public static byte[] Mask(byte[] address, int bits) => [.. address.Select((part, i) => (byte)(part & (0xFF00 >> Math.Clamp(bits - 8 * i, 0, 8))))];

    /// <summary>The network of an address: as a cidr is stored.</summary>
    public static byte[] ToNetwork(ReadOnlySpan<byte> stored)
    {
        var (address, bits) = Decode(stored);
        return Encode(Mask(address, bits), bits);
    }

    /// <summary>A cidr with its netmask.</summary>
    public static string FormatNetwork(ReadOnlySpan<byte> stored) => string.Create(CultureInfo.InvariantCulture, $"{FormatAddress(stored)}/{Decode(stored).Bits}");

    /// <summary>The address without its netmask.</summary>
    public static string FormatAddress(ReadOnlySpan<byte> stored) => new IPAddress(Decode(stored).Address).ToString();

    /// <summary>A cidr without the octets that its netmask leaves zero: <c>10/8</c>.</summary>
    public static string Abbreviate(ReadOnlySpan<byte> stored)
    {
        var (address, bits) = Decode(stored);
        if (address.Length != 4) return FormatNetwork(stored);
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join('.', address.Take(Math.Max(1, (bits + 7) / 8)))}/{bits}");
    }

    public static string Format(ReadOnlySpan<byte> stored)
    {
        var (address, bits) = Decode(stored);
        string text = new IPAddress(address).ToString();
        return bits == address.Length * 8 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}/{bits}");
    }

    /// <summary>inet_send: family, bits, 0 for inet (1 is cidr), length of the address, the address.</summary>
    public static byte[] ToBinary(ReadOnlySpan<byte> stored, bool isNetwork = false)
    {
        var (address, bits) = Decode(stored);
        return [stored[0], (byte)bits, (byte)(isNetwork ? 1 : 0), (byte)address.Length, .. address];
    }

    public static byte[] FromBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || bytes[0] is not (FamilyV4 or FamilyV6)) throw InvalidBinary("address family");
        int length = bytes[0] == FamilyV4 ? 4 : 16;
        if (bytes[1] > length * 8) throw InvalidBinary("bits");
        if (bytes[3] != length || bytes.Length != 4 + length) throw InvalidBinary("length");
        return Encode(bytes[4..], bytes[1]);
    }

    /// <summary>cidr_recv: an address without a bit behind its netmask.</summary>
    public static byte[] NetworkFromBinary(ReadOnlySpan<byte> bytes)
    {
        byte[] stored = FromBinary(bytes);
        return CheckedNetwork(stored, FormatNetwork(stored));
    }

    private static bool IsOctet(string part) => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && int.Parse(part, CultureInfo.InvariantCulture) <= 255;

    /// <summary>The stored form of an address and its netmask's length.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> address, int bits)
    {
        byte[] stored = new byte[2 + 2 * address.Length];
        stored[0] = address.Length == 4 ? FamilyV4 : FamilyV6;
        for (int i = 0; i < address.Length; i++)
        {
            int kept = Math.Clamp(bits - 8 * i, 0, 8);
            stored[1 + i] = (byte)(address[i] & (0xFF00 >> kept));
        }

        stored[1 + address.Length] = (byte)bits;
        address.CopyTo(stored.AsSpan(2 + address.Length));
        return stored;
    }

    /// <summary>The address and its netmask's length.</summary>
    public static (byte[] Address, int Bits) Decode(ReadOnlySpan<byte> stored)
    {
        int length = (stored.Length - 2) / 2;
        return (stored[(2 + length)..].ToArray(), stored[1 + length]);
    }

    private static SqlException Invalid(string text) => new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type inet: \"{text}\"");

    private static SqlException InvalidNetwork(string text) => new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type cidr: \"{text}\"");

    private static SqlException InvalidBinary(string what) => new(SqlState.InvalidBinaryRepresentation, $"invalid {what} in external \"inet\" value");
}

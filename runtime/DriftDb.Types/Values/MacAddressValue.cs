using System.Text;

namespace DriftDb.Types;

/// <summary>Hardware addresses of type macaddr: six bytes, written <c>08:00:2b:01:02:03</c> and read in seven notations (PostgreSQL's documentation, 8.9.4).</summary>
public static class MacAddressValue
{
    public const int LengthBytes = 6;

    /// <exception cref="SqlException">22P02: the text isn't an address.</exception>
    public static byte[] Parse(ReadOnlySpan<byte> text)
    {
        string source = Encoding.UTF8.GetString(text), trimmed = source.Trim();
        // Six pairs, two triples or three fours of digits with one kind of separator, or all digits together.
        char separator = trimmed.FirstOrDefault(c => !char.IsAsciiHexDigit(c));
        string[] groups = separator is ':' or '-' or '.' ? trimmed.Split(separator) : [trimmed];
        string digits = string.Concat(groups.Length == LengthBytes ? groups.Select(group => group.PadLeft(2, '0')) : groups);
        bool isFormed = separator switch
        {
            ':' or '-' => groups.Length == 6 && groups.All(group => group.Length is 1 or 2) || groups.Length == 2 && groups.All(group => group.Length == 6) || groups.Length == 3 && separator == '-' && groups.All(group => group.Length == 4),
            '.' => groups.Length == 3 && groups.All(group => group.Length == 4),
            _ => true,
        };
        return isFormed && digits.Length == 2 * LengthBytes && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type macaddr: \"{source}\"");
    }

    public static string Format(ReadOnlySpan<byte> stored) => BitConverter.ToString(stored.ToArray()).Replace('-', ':').ToLowerInvariant();

    public static byte[] FromBinary(ReadOnlySpan<byte> bytes) =>
        bytes.Length == LengthBytes ? bytes.ToArray() : throw new SqlException(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");
}

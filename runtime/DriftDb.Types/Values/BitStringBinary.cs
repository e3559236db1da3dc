using System.Buffers;
using System.Buffers.Binary;

namespace DriftDb.Types;

/// <summary>The binary form of bit and varbit (varbit_send): a count of bits, then the bits, the first of them highest in its byte. The stored form is the digits.</summary>
internal static class BitStringBinary
{
    public static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> digits)
    {
        int length = 4 + (digits.Length + 7) / 8;
        Span<byte> span = writer.GetSpan(length)[..length];
        span.Clear();
        BinaryPrimitives.WriteInt32BigEndian(span, digits.Length);
        for (int i = 0; i < digits.Length; i++)
        {
            if (digits[i] == (byte)'1') span[4 + i / 8] |= (byte)(0x80 >> (i % 8));
        }

        writer.Advance(length);
    }

    public static byte[] Read(ReadOnlySpan<byte> bytes)
    {
        int count = bytes.Length < 4 ? -1 : BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (count < 0 || bytes.Length - 4 != (count + 7) / 8)
            throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid length in external bit string");
        byte[] digits = new byte[count];
        for (int i = 0; i < count; i++) digits[i] = (bytes[4 + i / 8] & (0x80 >> (i % 8))) == 0 ? (byte)'0' : (byte)'1';
        return digits;
    }
}

using System.Buffers;
using System.Text;

namespace DriftDb.Types;

/// <summary>A growing run of bytes to write values into; kept and cleared rather than made anew.</summary>
public sealed class ByteWriter : IBufferWriter<byte>
{
    private byte[] _bytes;

    public ByteWriter(int capacityBytes = 64) => _bytes = new byte[capacityBytes];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written, for a send; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    public int CapacityBytes => _bytes.Length;

    /// <summary>What was written, to be patched.</summary>
    public Span<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets what was written after this length.</summary>
    public void Truncate(int length) => Length = length;

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint)) Grow(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint)) Grow(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public void Write(byte value)
    {
        if (Length == _bytes.Length) Grow(1);
        _bytes[Length++] = value;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - Length < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Write(string text)
    {
        Span<byte> span = GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, span);
    }

    /// <summary>A number of digits with leading zeros to a width.</summary>
    public void WriteNumber(long value, int minimumDigits = 1)
    {
        Span<byte> digits = stackalloc byte[20];
        (value < 0 ? 0 - (ulong)value : (ulong)value).TryFormat(digits, out int length);
        if (value < 0) Write((byte)'-');
        for (int i = length; i < minimumDigits; i++) Write((byte)'0');
        Write(digits[..length]);
    }

    public byte[] ToArray() => Written.ToArray();

    public override string ToString() => Encoding.UTF8.GetString(Written);

    private void Grow(int sizeHint)
    {
        long wanted = Math.Max(_bytes.Length * 2L, (long)Length + sizeHint);
        if (Length + (long)sizeHint > Limits.ValueBytes) throw new SqlException(SqlState.ProgramLimitExceeded, "out of memory", detail: $"Cannot enlarge a value beyond {Limits.ValueBytes} bytes.");
        Array.Resize(ref _bytes, (int)Math.Min(wanted, Limits.ValueBytes));
    }
}

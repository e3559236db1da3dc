using DriftDb.Protocol;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Server.Tests.Protocol;

public class FramingTests
{
    [Fact]
    public void A_header_gives_type_and_body_length()
    {
        Assert.True(Framing.TryReadHeader([(byte)'Q', 0, 0, 0, 9], out byte type, out int length));
        Assert.Equal((byte)'Q', type);
        Assert.Equal(5, length);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new[] { (byte)'Q' })]
    [InlineData(new byte[] { (byte)'Q', 0, 0, 0 })]
    public void An_incomplete_header_waits(byte[] input) => Assert.False(Framing.TryReadHeader(input, out _, out _));

    [Theory]
    [InlineData('Q', 3)]
    [InlineData('Q', 0)]
    [InlineData('Q', -1)]
    [InlineData('Q', int.MinValue)]
    [InlineData('Q', 0x40000000)]
    [InlineData('S', 10_001)]
    [InlineData('X', int.MaxValue)]
    public void A_length_out_of_bounds_is_fatal(char type, int length)
    {
        var error = Assert.Throws<SqlException>(() => Framing.TryReadHeader([(byte)type, .. RawClient.Int32(length)], out _, out _));
        Assert.Equal(SqlState.ProtocolViolation, error.SqlState);
        Assert.True(error.IsFatal);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0x3FFFFFFF, 0x3FFFFFFB)]
    public void The_bounds_themselves_are_fine(int length, int bodyLength)
    {
        Assert.True(Framing.TryReadHeader([(byte)'d', .. RawClient.Int32(length)], out _, out int body));
        Assert.Equal(bodyLength, body);
    }

    [Fact]
    public void Every_byte_that_begins_no_message_is_fatal_at_once()
    {
        for (int type = 0; type < 256; type++)
        {
            if ("BCDEFHPQSXcdf".Contains((char)type, StringComparison.Ordinal)) continue;
            byte[] input = [(byte)type];
            var error = Assert.Throws<SqlException>(() => Framing.TryReadHeader(input, out _, out _));
            Assert.Equal($"invalid frontend message type {type}", error.Message);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10_001)]
    [InlineData(-5)]
    public void A_start_up_packet_is_bounded(int length) => Assert.Throws<SqlException>(() => Framing.TryReadStartupLength(RawClient.Int32(length), out _));
}

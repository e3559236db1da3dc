using System.Text;
using DriftDb.Protocol;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Server.Tests.Protocol;

/// <summary>Client messages as bytes: every prefix of a good one is a protocol violation, never an index out of range.</summary>
public class FrontendMessageTests
{
    private static readonly byte[] BindBody = RawClient.Bind("s1", "p1", "41", null, "")[5..];

    [Fact]
    public void Bind_gives_its_parts()
    {
        var bind = new BindMessage([.. "p\0s\0"u8, 0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 7, 8, 255, 255, 255, 255, 0, 2, 0, 1, 0, 0]);
        Assert.Equal("p"u8.ToArray(), bind.Portal.ToArray());
        Assert.Equal("s"u8.ToArray(), bind.Statement.ToArray());
        Assert.Equal(2, bind.ParameterCount);
        Assert.Equal([0, 0, 0, 2, 7, 8, 255, 255, 255, 255], bind.Values.ToArray());
        short[] formats = new short[bind.ParameterFormatCount], results = new short[bind.ResultFormatCount];
        bind.CopyParameterFormats(formats);
        bind.CopyResultFormats(results);
        Assert.Equal([1], formats);
        Assert.Equal([1, 0], results);
    }

    [Fact]
    public void Every_truncation_of_Bind_is_a_violation()
    {
        _ = new BindMessage(BindBody);
        for (int length = 0; length < BindBody.Length; length++)
        {
            byte[] part = BindBody[..length];
            Assert.Equal(SqlState.ProtocolViolation, Assert.Throws<SqlException>(() => { _ = new BindMessage(part); }).SqlState);
        }

        Assert.Throws<SqlException>(() => { _ = new BindMessage([.. BindBody, 0]); });
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void A_value_length_of_Bind_is_not_believed(int length)
    {
        byte[] body = [0, 0, 0, 0, 0, 1, .. RawClient.Int32(length), 0, 0];
        Assert.Throws<SqlException>(() => { _ = new BindMessage(body); });
    }

    [Fact]
    public void Every_truncation_of_Parse_is_a_violation()
    {
        byte[] body = [.. "name\0select $1\0"u8, 0, 1, 0, 0, 0, 23];
        var parse = new ParseMessage(body);
        int[] oids = new int[parse.ParameterCount];
        parse.CopyParameterOids(oids);
        Assert.Equal([23], oids);
        for (int length = 0; length < body.Length; length++)
        {
            byte[] part = body[..length];
            Assert.Throws<SqlException>(() => { _ = new ParseMessage(part); });
        }
    }

    [Fact]
    public void Describe_takes_statements_and_portals_only()
    {
        Assert.True(new TargetMessage("Sx\0"u8, "DESCRIBE").IsStatement);
        Assert.False(new TargetMessage("P\0"u8, "DESCRIBE").IsStatement);
        Assert.Equal("invalid DESCRIBE message subtype 65", Assert.Throws<SqlException>(() => { _ = new TargetMessage("Ax\0"u8, "DESCRIBE"); }).Message);
    }

    [Fact]
    public void A_start_up_packet_sorts_its_parameters()
    {
        byte[] packet = RawClient.Startup(3 << 16, ("user", "u"), ("options", @"-c work_mem=8MB --geqo=off -csearch_path=a\ b"), ("DateStyle", "ISO"), ("application_name", "x"));
        var startup = StartupPacket.Read(packet.AsSpan(4));
        Assert.Equal(StartupRequest.Session, startup.Request);
        Assert.Equal(("u", "u", "x"), (startup.User, startup.Database, startup.ApplicationName));
        Assert.Equal("8MB", startup.Settings["work_mem"]);
        Assert.Equal("off", startup.Settings["geqo"]);
        Assert.Equal("a b", startup.Settings["search_path"]);
        Assert.Equal("ISO", startup.Settings["datestyle"]);
        Assert.False(startup.NeedsNegotiation);
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("-c novalue")]
    [InlineData("word")]
    public void Options_that_make_no_sense_are_refused(string options) => Assert.True(Assert.Throws<SqlException>(() => StartupOptions.Read(options)).IsFatal);

    [Fact]
    public void Newer_minor_versions_and_unknown_protocol_options_are_negotiated()
    {
        var startup = StartupPacket.Read(RawClient.Startup((3 << 16) + 2, ("user", "u"), ("_pq_.x", "1")).AsSpan(4));
        Assert.True(startup.NeedsNegotiation);
        Assert.Equal("_pq_.x", Assert.Single(startup.UnknownOptions));
        var output = new ByteWriter();
        BackendMessages.NegotiateProtocolVersion(output, startup.UnknownOptions);
        Assert.Equal([(byte)'v', 0, 0, 0, 19, 0, 3, 0, 0, 0, 0, 0, 1, .. "_pq_.x\0"u8], output.ToArray());
    }

    [Theory]
    [InlineData(2 << 16)]
    [InlineData(4 << 16)]
    [InlineData(0)]
    public void Other_major_versions_are_refused(int version) =>
        Assert.Equal("0A000", Assert.Throws<SqlException>(() => StartupPacket.Read(RawClient.Startup(version, ("user", "u")).AsSpan(4))).SqlState);

    [Fact]
    public void A_packet_without_user_or_end_is_refused()
    {
        Assert.Equal("28000", Assert.Throws<SqlException>(() => StartupPacket.Read(RawClient.Startup(3 << 16).AsSpan(4))).SqlState);
        Assert.Equal("08P01", Assert.Throws<SqlException>(() => StartupPacket.Read([0, 3, 0, 0, .. "user\0u\0"u8])).SqlState);
    }

    [Fact]
    public void Names_are_interned()
    {
        var names = new NameCache();
        string first = names.Intern("P0_1"u8);
        Assert.Equal("P0_1", first);
        Assert.Same(first, names.Intern("P0_1"u8));
        Assert.Equal("", names.Intern(default));
        byte[] invalid = [0xC3];
        Assert.Equal("22021", Assert.Throws<SqlException>(() => names.Intern(invalid)).SqlState);
    }

    [Fact]
    public void Numbers_and_strings_are_read_in_order()
    {
        var reader = new MessageReader([1, 0, 2, 0, 0, 0, 3, .. Encoding.UTF8.GetBytes("é"), 0]);
        Assert.Equal(1, reader.ReadByte());
        Assert.Equal(2, reader.ReadInt16());
        Assert.Equal(3, reader.ReadInt32());
        Assert.Equal("é", NameCache.Decode(reader.ReadCString()));
        reader.End();
    }
}

using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

/// <summary>What no honest client sends. The server answers 08P01 or closes; other clients never notice.</summary>
[Collection(ServerCollection.Name)]
public class HostileInputTests(ServerFixture server)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_bytes_at_the_start(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 50; i++)
        {
            using var client = new RawClient(server.Port);
            byte[] bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            client.Send(bytes);
            client.FinishSending();
            Assert.True(client.IsClosed(), $"seed {seed}, attempt {i}");
        }

        AssertServes();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_bytes_after_the_login(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 50; i++)
        {
            using var client = server.Connect();
            byte[] bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            client.Send(bytes);
            client.FinishSending();
            Assert.True(client.IsClosed(), $"seed {seed}, attempt {i}");
        }

        AssertServes();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Good_frames_with_random_bodies(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 200; i++)
        {
            using var client = server.Connect();
            byte[] body = new byte[random.Next(0, 40)];
            random.NextBytes(body);
            if (random.Next(2) == 0 && body.Length > 2) body[^1] = 0;
            char type = "BCDEFHPSQcdf"[random.Next(12)];
            client.Send(Message(type, body), Sync());
            client.FinishSending();
            Assert.True(client.IsClosed(), $"seed {seed}, attempt {i}, type {type}");
        }

        AssertServes();
    }

    [Fact]
    public void Mutated_pipelines()
    {
        byte[] pipeline = [.. Parse("select $1::int4", "s"), .. DescribeStatement("s"), .. Bind("s", "p", "1"), .. DescribePortal("p"), .. Execute(0, "p"), .. Sync()];
        for (int at = 0; at < pipeline.Length; at++)
        {
            using var client = server.Connect();
            byte[] mutated = [.. pipeline];
            mutated[at] ^= 0x55;
            client.Send(mutated);
            client.FinishSending();
            Assert.True(client.IsClosed(), $"byte {at}");
        }

        AssertServes();
    }

    [Fact]
    public void Every_truncation_of_a_pipeline()
    {
        byte[] pipeline = [.. Parse("select $1::int4", "s"), .. Bind("s", "p", "1"), .. Execute(0, "p"), .. Sync()];
        for (int length = 0; length < pipeline.Length; length++)
        {
            using var client = server.Connect();
            client.Send(pipeline[..length]);
            client.FinishSending();
            Assert.True(client.IsClosed(), $"length {length}");
        }

        AssertServes();
    }

    [Theory]
    [InlineData('Q', 3)]
    [InlineData('Q', -1)]
    [InlineData('P', 0x7FFFFFFF)]
    [InlineData('y', 4)]
    public void Bad_lengths_and_types_are_fatal(char type, int length)
    {
        using var client = server.Connect();
        client.Send([(byte)type, .. Int32(length)]);
        var error = client.ReadCycle()[0];
        Assert.Equal(("FATAL", "08P01"), (error.Field('S'), error.Field('C')));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void A_length_is_not_reserved_before_its_bytes_come()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var clients = Enumerable.Range(0, 50).Select(_ => server.Connect()).ToList();
        foreach (var client in clients) client.Send([(byte)'Q', .. Int32(0x3FFFFFFF), .. "select"u8]);
        Thread.Sleep(200);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 50_000_000);
        foreach (var client in clients) client.Dispose();
        AssertServes();
    }

    [Fact]
    public void Bytes_behind_an_SSLRequest_are_refused()
    {
        using var client = new RawClient(server.Port);
        client.Send(Int32(8), Int32(80877103), Startup(3 << 16, ("user", "driftdb")));
        var error = client.Read();
        Assert.Equal(('E', "08P01"), (error.Type, error.Field('C')));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void SSL_and_GSS_are_declined_and_the_login_goes_on()
    {
        using var client = new RawClient(server.Port);
        client.Send(Int32(8), Int32(80877104));
        Assert.Equal((byte)'N', client.ReadByte());
        client.Send(Int32(8), Int32(80877103));
        Assert.Equal((byte)'N', client.ReadByte());
        client.Login();
        Assert.Equal("1", client.Scalar("select 1"));
    }

    private void AssertServes()
    {
        using var client = server.Connect();
        Assert.Equal("1", client.Scalar("select 1"));
        Assert.DoesNotContain("connection failed", server.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", server.Log.ToString(), StringComparison.Ordinal);
    }
}

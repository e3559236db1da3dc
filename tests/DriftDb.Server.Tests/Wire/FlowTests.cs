using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

/// <summary>Who waits for whom: slow readers, locks, commits, notifications, cancels.</summary>
[Collection(ServerCollection.Name)]
public class FlowTests(ServerFixture server)
{
    [Fact]
    public async Task Megabytes_pipelined_before_anything_is_read()
    {
        using var client = server.Connect();
        const int Queries = 20_000;
        byte[] cycle = [.. Parse("select 'some text that takes a little room'"), .. Bind(), .. DescribePortal(), .. Execute(), .. Sync()];
        var writer = Task.Run(() =>
        {
            byte[] batch = [.. Enumerable.Repeat(cycle, 100).SelectMany(c => c)];
            for (int i = 0; i < Queries / 100; i++) client.Send(batch);
        });
        Thread.Sleep(300);
        for (int i = 0; i < Queries; i++) Assert.Equal("12TDCZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        await writer;
    }

    [Fact]
    public async Task A_client_that_does_not_read_keeps_nobody_else_waiting()
    {
        using var slow = server.Connect();
        var writer = Task.Run(() => slow.Send([.. Enumerable.Repeat(Query("select '" + new string('x', 50_000) + "'"), 200).SelectMany(q => q)]));
        Thread.Sleep(200);
        using var other = server.Connect();
        for (int i = 0; i < 100; i++) Assert.Equal("1", other.Scalar("select 1"));
        for (int i = 0; i < 200; i++) Assert.Equal("TDCZ", string.Concat(slow.ReadCycle().Select(m => m.Type)));
        await writer;
    }

    [Fact]
    public void A_write_waits_for_the_other_transactions_row()
    {
        using var one = server.Connect();
        using var two = server.Connect();
        one.Run("create table flow_lock(a int primary key, b int)");
        one.Run("insert into flow_lock values (1, 0)");
        one.Run("begin");
        one.Run("update flow_lock set b = b + 1 where a = 1");
        two.Send(Query("update flow_lock set b = b + 10 where a = 1"));
        Assert.False(two.HasData(200));
        Assert.Equal("CZ", one.TypesOf(Query("commit")));
        Assert.Equal("CZ", string.Concat(two.ReadCycle().Select(m => m.Type)));
        Assert.Equal("11", one.Scalar("select b from flow_lock"));
    }

    [Fact]
    public void A_cancel_ends_a_wait()
    {
        using var one = server.Connect();
        using var two = server.Connect();
        one.Run("create table flow_cancel(a int primary key, b int)");
        one.Run("insert into flow_cancel values (1, 0)");
        one.Run("begin");
        one.Run("update flow_cancel set b = 1");
        two.Send(Query("update flow_cancel set b = 2"));
        Assert.False(two.HasData(200));
        Cancel(two.ProcessId, two.SecretKey + 1);
        Assert.False(two.HasData(200));
        Cancel(two.ProcessId, two.SecretKey);
        Assert.Equal("57014", two.ReadCycle()[0].Field('C'));
        one.Run("rollback");
    }

    [Fact]
    public void A_client_that_goes_away_lets_its_locks_go()
    {
        using var two = server.Connect();
        using (var one = server.Connect())
        {
            one.Run("create table flow_gone(a int primary key, b int)");
            one.Run("insert into flow_gone values (1, 0)");
            one.Run("begin");
            one.Run("update flow_gone set b = 1");
        }

        Assert.Equal("UPDATE 1", two.Run("update flow_gone set b = 2")[0].Text);
    }

    [Fact]
    public void Many_writers_of_one_row_lose_nothing()
    {
        using (var setup = server.Connect())
        {
            setup.Run("create table flow_sum(a int primary key, b int)");
            setup.Run("insert into flow_sum values (1, 0)");
        }

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            using var client = server.Connect();
            for (int i = 0; i < 25; i++) Assert.Equal("UPDATE 1", client.Run("update flow_sum set b = b + 1 where a = 1")[0].Text);
        });
        using var check = server.Connect();
        Assert.Equal("400", check.Scalar("select b from flow_sum"));
    }

    [Fact]
    public void Notifications_reach_an_idle_client()
    {
        using var listener = server.Connect();
        using var sender = server.Connect();
        listener.Run("listen flow_channel");
        sender.Run("notify flow_channel, 'hello'");
        var notification = listener.Read();
        Assert.Equal('A', notification.Type);
        Assert.EndsWith("flow_channel\0hello", notification.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Notifications_wait_for_the_end_of_a_transaction()
    {
        using var listener = server.Connect();
        using var sender = server.Connect();
        listener.Run("listen flow_later");
        listener.Run("begin");
        sender.Run("notify flow_later, 'x'");
        Assert.False(listener.HasData(200));
        Assert.Equal("CAZ", listener.TypesOf(Query("commit")));
    }

    private void Cancel(int processId, int secretKey)
    {
        using var canceller = new RawClient(server.Port);
        canceller.Send(Int32(16), Int32(80877102), Int32(processId), Int32(secretKey));
        Assert.True(canceller.IsClosed());
    }
}

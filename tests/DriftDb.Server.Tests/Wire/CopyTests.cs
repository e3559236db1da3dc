using System.Text;
using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

[Collection(ServerCollection.Name)]
public class CopyTests(ServerFixture server)
{
    private static byte[] Data(string text) => Message('d', Encoding.UTF8.GetBytes(text));

    private static byte[] Done() => Message('c');

    private static byte[] Fail(string reason) => Message('f', CString(reason));

    private RawClient WithTable(string table)
    {
        var client = server.Connect();
        client.Run($"create table {table}(a int primary key, b text)");
        return client;
    }

    [Fact]
    public void In_and_out_with_chunks_that_cut_rows()
    {
        using var client = WithTable("copy_io");
        client.Send(Query("copy copy_io from stdin"));
        Assert.Equal('G', client.Read().Type);
        client.Send(Data("1\tx\n2\t"), Data("\\"), Data("N\n"), Done());
        Assert.Equal("COPY 2", client.ReadCycle()[0].Text);
        var rows = client.Run("copy copy_io to stdout");
        Assert.Equal("HddcCZ", string.Concat(rows.Select(m => m.Type)));
        Assert.Equal("1\tx\n", rows[1].Text);
        Assert.Equal("2\t\\N\n", rows[2].Text);
    }

    [Fact]
    public void Freeze_is_for_tables_that_nobody_else_has_seen()
    {
        using var client = WithTable("copy_freeze");
        string Load()
        {
            client.Send(Query("copy copy_freeze from stdin (freeze)"));
            Assert.Equal('G', client.Read().Type);
            client.Send(Data("1\tx\n"), Done());
            var answer = client.ReadCycle()[0];
            return answer.Type == 'E' ? answer.Field('C')! : answer.Text;
        }

        Assert.Equal("55000", Load());
        client.Run("begin; truncate copy_freeze");
        Assert.Equal("COPY 1", Load());
        client.Run("commit; begin; drop table copy_freeze; create table copy_freeze(a int, b text)");
        Assert.Equal("COPY 1", Load());
        client.Run("commit");
        Assert.Equal("55000", Load());
        Assert.Equal("1", client.Scalar("select count(*) from copy_freeze"));
    }

    [Fact]
    public void A_message_longer_than_any_buffer()
    {
        using var client = WithTable("copy_large");
        client.Send(Query("copy copy_large from stdin"));
        client.Read();
        var text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) text.Append(i).Append("\tsome text\n");
        client.Send(Data(text.ToString()), Done());
        Assert.Equal("COPY 100000", client.ReadCycle()[0].Text);
        Assert.Equal("100000", client.Scalar("select count(*) from copy_large"));
        var rows = client.Run("copy copy_large to stdout");
        Assert.Equal(100_000, rows.Count(m => m.Type == 'd'));
    }

    [Fact]
    public void Bad_data_ends_the_copy_and_the_rest_is_dropped()
    {
        using var client = WithTable("copy_bad");
        client.Send(Query("copy copy_bad from stdin"), Data("1\ta\nx\tb\n"), Data("3\tc\n"), Done(), Query("select count(*) from copy_bad"));
        Assert.Equal("GEZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        var after = client.ReadCycle();
        Assert.Equal("TDCZ", string.Concat(after.Select(m => m.Type)));
        Assert.Equal("0", after[1].Values[0]);
    }

    [Fact]
    public void The_client_can_give_up()
    {
        using var client = WithTable("copy_fail");
        client.Send(Query("copy copy_fail from stdin"), Data("1\ta\n"), Fail("nope"));
        var answer = client.ReadCycle();
        Assert.Equal("GEZ", string.Concat(answer.Select(m => m.Type)));
        Assert.Equal(("57014", "COPY from stdin failed: nope"), (answer[1].Field('C'), answer[1].Field('M')));
    }

    [Fact]
    public void Extended_with_a_Sync_sent_ahead()
    {
        using var client = WithTable("copy_ahead");
        client.Send(Parse("copy copy_ahead from stdin"), Bind(), Execute(), Sync(), Data("1\ta\n"), Done(), Sync());
        Assert.Equal("12GCZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        Assert.False(client.HasData(100));
    }

    [Fact]
    public void Extended_with_bad_data_skips_to_Sync()
    {
        using var client = WithTable("copy_skip");
        client.Send(Parse("copy copy_skip from stdin"), Bind(), Execute(), FlushMessage());
        Assert.Equal("12G", string.Concat(Enumerable.Range(0, 3).Select(_ => client.Read().Type)));
        client.Send(Data("x\ta\n"), Done(), Sync());
        Assert.Equal("EZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        Assert.Equal("TDCZ", client.TypesOf(Query("select 1")));
    }

    [Fact]
    public void Any_other_message_loses_the_connection()
    {
        using var client = WithTable("copy_other");
        client.Send(Query("copy copy_other from stdin"));
        client.Read();
        client.Send(Query("select 1"));
        var answer = client.ReadCycle();
        Assert.Equal("EE", string.Concat(answer.Select(m => m.Type)));
        Assert.Equal("unexpected message type 0x51 during COPY from stdin", answer[0].Field('M'));
        Assert.Equal("FATAL", answer[1].Field('S'));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void A_client_that_goes_away_in_a_copy_leaves_nothing()
    {
        using var check = WithTable("copy_gone");
        using (var client = server.Connect())
        {
            client.Send(Query("copy copy_gone from stdin"), Data("1\ta\n"));
            client.Read();
        }

        Thread.Sleep(100);
        Assert.Equal("0", check.Scalar("select count(*) from copy_gone"));
    }
}

using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

[Collection(ServerCollection.Name)]
public class QueryCycleTests(ServerFixture server)
{
    [Fact]
    public void A_login_tells_all_that_a_client_needs()
    {
        using var client = server.Connect(("application_name", "raw"));
        Assert.Equal("UTF8", client.Parameters["client_encoding"]);
        Assert.Equal("on", client.Parameters["integer_datetimes"]);
        Assert.Equal("raw", client.Parameters["application_name"]);
        Assert.Matches(@"^\d+\.\d+", client.Parameters["server_version"]);
        Assert.NotEqual(0, client.ProcessId);
    }

    [Fact]
    public void Simple_queries()
    {
        using var client = server.Connect();
        Assert.Equal("TDCZ", client.TypesOf(Query("select 1")));
        Assert.Equal("IZ", client.TypesOf(Query("")));
        Assert.Equal("TDCTDCZ", client.TypesOf(Query("select 1; select 2")));
        Assert.Equal("EZ", client.TypesOf(Query("select nosuch")));
        Assert.Equal("TDCEZ", client.TypesOf(Query("select 1; select 1/0; select 2")));
    }

    [Fact]
    public void A_pipeline_runs_in_order_and_skips_to_Sync_after_an_error()
    {
        using var client = server.Connect();
        client.Send(
            Parse("select 1"), Bind(), Execute(), Sync(),
            Parse("selec 1"), Bind(), Execute(), Query("select 5"), Sync(),
            Parse("select 2"), Bind(), DescribePortal(), Execute(), Sync());
        Assert.Equal("12DCZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        Assert.Equal("EZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        Assert.Equal("12TDCZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
    }

    [Fact]
    public void A_pipeline_in_single_bytes_is_the_same_pipeline()
    {
        using var client = server.Connect();
        foreach (byte b in (byte[])[.. Parse("select $1::int + 1"), .. Bind("", "", "41"), .. Execute(), .. Sync()]) client.Send([b]);
        var answer = client.ReadCycle();
        Assert.Equal("12DCZ", string.Concat(answer.Select(m => m.Type)));
        Assert.Equal("42", answer[2].Values[0]);
    }

    [Fact]
    public void Flush_brings_answers_without_Sync()
    {
        using var client = server.Connect();
        client.Send(Parse("select 1"), FlushMessage());
        Assert.Equal('1', client.Read().Type);
        client.Send(Bind(), Execute(), Sync());
        Assert.Equal("2DCZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
    }

    [Fact]
    public void A_suspended_portal_goes_on()
    {
        using var client = server.Connect();
        Assert.Equal("CZ", client.TypesOf(Query("begin")));
        client.Send(Parse("select * from (values (1), (2), (3), (4), (5)) v(a)"), Bind("", "c1"), Execute(2, "c1"), Sync());
        Assert.Equal("12DDsZ", string.Concat(client.ReadCycle().Select(m => m.Type)));
        client.Send(Execute(2, "c1"), Execute(0, "c1"), Sync());
        var rest = client.ReadCycle();
        Assert.Equal("DDsDCZ", string.Concat(rest.Select(m => m.Type)));
        Assert.Equal("SELECT 1", rest[4].Text);
        Assert.Equal("CZ", client.TypesOf(Query("commit")));
        Assert.Equal("EZ", client.TypesOf(Execute(0, "c1"), Sync()));
    }

    [Fact]
    public void A_row_limit_holds_for_rows_that_fill_the_output_many_times()
    {
        using var client = server.Connect();
        client.Run("begin");
        client.Send(Parse("select repeat('x', 1000) from generate_series(1, 5000)"), Bind("", "wide"), Execute(3000, "wide"), Execute(0, "wide"), Sync());
        var answer = client.ReadCycle();
        Assert.Equal(3000, answer.TakeWhile(m => m.Type != 's').Count(m => m.Type == 'D'));
        Assert.Equal(5000, answer.Count(m => m.Type == 'D'));
        Assert.Equal("SELECT 2000", answer[^2].Text);
        client.Run("rollback");
    }

    [Fact]
    public void A_portal_ends_with_its_cycle_outside_of_a_transaction()
    {
        using var client = server.Connect();
        client.Send(Parse("select 1"), Bind("", "brief"), Sync(), Execute(0, "brief"), Sync());
        Assert.Equal("12Z", string.Concat(client.ReadCycle().Select(m => m.Type)));
        Assert.Equal("34000", client.ReadCycle()[0].Field('C'));
    }

    [Fact]
    public void An_errors_position_counts_characters()
    {
        using var client = server.Connect();
        Assert.Equal("13", client.Run("select '😀', nosuch").First(m => m.Type == 'E').Field('P'));
        client.Send(Parse("select '😀', nosuch"), Sync());
        Assert.Equal("13", client.ReadCycle().First(m => m.Type == 'E').Field('P'));
    }

    [Fact]
    public void A_failed_transaction_takes_nothing_but_its_end()
    {
        using var client = server.Connect();
        client.Run("begin");
        client.Run("select 1/0");
        var refused = client.Run("select 1");
        Assert.Equal("25P02", refused[0].Field('C'));
        Assert.Equal("E", refused[^1].Text);
        Assert.Equal("I", client.Run("rollback")[^1].Text);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_an_error_of_the_statement()
    {
        using var client = server.Connect();
        client.Send(Message('Q', [.. "select '"u8, 0xFF, .. "'"u8, 0]));
        Assert.Equal("22021", client.ReadCycle()[0].Field('C'));
        Assert.Equal("TDCZ", client.TypesOf(Query("select 1")));
    }

    [Fact]
    public void Wide_results_and_large_values_come_whole()
    {
        using var client = server.Connect();
        string large = new('x', 3_000_000);
        Assert.Equal(large, client.Scalar($"select '{large}'"));
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_crash()
    {
        using var client = server.Connect();
        string deep = "select " + new string('(', 900) + "1" + new string(')', 900);
        client.Run(deep);
        string tooDeep = "select " + new string('(', 50_000) + "1" + new string(')', 50_000);
        Assert.Equal("54001", client.Run(tooDeep)[0].Field('C'));
        string sums = "select " + string.Join('+', Enumerable.Repeat("1", 20_000));
        client.Run(sums);
        Assert.Equal("TDCZ", client.TypesOf(Query("select 1")));
    }
}

using System.Text;
using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

/// <summary>Clients that speak another character set than UTF-8.</summary>
[Collection(ServerCollection.Name)]
public class CharacterSetTests(ServerFixture server)
{
    private static byte[] Latin(string text) => [.. Encoding.Latin1.GetBytes(text), 0];

    private static string Text(BackendMessage message) => Encoding.Latin1.GetString(message.Body);

    private RawClient Connect(string encoding)
    {
        var client = server.Connect();
        client.Run($"set client_encoding to {encoding}");
        return client;
    }

    [Fact]
    public void Queries_rows_names_and_errors()
    {
        using var client = Connect("latin1");
        client.Send(Message('Q', Latin("select 'café' as \"é\", length('café')")));
        var cycle = client.ReadCycle();
        Assert.Contains("é\0", Text(cycle.First(m => m.Type == 'T')));
        Assert.Contains("\0\u0004café", Text(cycle.First(m => m.Type == 'D')));
        client.Send(Message('Q', Latin("select 'é', missing_é")));
        string error = Text(client.ReadCycle().First(m => m.Type == 'E'));
        Assert.Contains("column \"missing_é\" does not exist", error);
        Assert.Contains("P13\0", error);
    }

    [Fact]
    public void The_extended_protocol_with_text_in_both_formats()
    {
        using var client = Connect("win1252");
        byte[] euro = [0x80];
        byte[] value = [.. Int32(1), .. euro];
        client.Send(Message('P', CString("é is no byte of its own"), CString("select $1::text || $2::text, octet_length($1::text)"), Int16(0)), Sync());
        client.ReadCycle();
        // $1 as text, $2 in binary; the result in binary.
        client.Send(Message('B', CString(""), CString("é is no byte of its own"), Int16(2), Int16(0), Int16(1), Int16(2), value, value, Int16(1), Int16(1)), Execute(), Sync());
        var row = client.ReadCycle().First(m => m.Type == 'D');
        Assert.Equal([0, 2, 0, 0, 0, 2, 0x80, 0x80, 0, 0, 0, 4, 0, 0, 0, 3], row.Body);
    }

    [Fact]
    public void A_character_that_the_client_does_not_have()
    {
        using var client = Connect("latin1");
        var cycle = client.Run(@"select 1; select U&'\20AC'; select 2");
        Assert.Equal("TDCTEZ", string.Concat(cycle.Select(m => m.Type)));
        Assert.Equal("22P05", cycle[4].Field('C'));
        Assert.Equal("character with byte sequence 0xe2 0x82 0xac in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"", cycle[4].Field('M'));
        Assert.Equal("I", client.Run("select 1")[^1].Text);
    }

    [Fact]
    public void Bytes_that_are_no_text()
    {
        using var client = Connect("euc_jp");
        client.Send(Message('Q', [.. "select '"u8, 0xC6, .. "'\0"u8]));
        var error = client.ReadCycle().First(m => m.Type == 'E');
        Assert.Equal("22021", error.Field('C'));
        Assert.Equal("1", client.Scalar("select 1"));
    }

    [Fact]
    public void Both_in_one_message()
    {
        using var client = server.Connect();
        var cycle = client.Run(@"set client_encoding to latin1; select U&'\00E9'; set client_encoding to utf8; select U&'\00E9'");
        var rows = cycle.Where(m => m.Type == 'D').ToList();
        Assert.Equal([0, 1, 0, 0, 0, 1, 0xE9], rows[0].Body);
        Assert.Equal([0, 1, 0, 0, 0, 2, 0xC3, 0xA9], rows[1].Body);
    }

    [Fact]
    public void Copy_in_pieces_that_cut_characters()
    {
        using var client = Connect("sjis");
        client.Run("create table copy_sjis(t text)");
        // 日本 in Shift JIS; the second byte of the second line's character is a backslash there (表).
        client.Send(Query("copy copy_sjis from stdin"));
        Assert.Equal('G', client.Read().Type);
        client.Send(Message('d', [0x93]), Message('d', [0xFA, 0x96, 0x7B, (byte)'\n', 0x95]), Message('d', [0x5C, (byte)'\n']), Message('c'));
        Assert.Equal("COPY 2", client.ReadCycle()[0].Text);
        using var plain = server.Connect();
        Assert.Equal("日本,表", plain.Scalar("select string_agg(t, ',' order by t) from copy_sjis"));
        byte[] data = [.. client.Run("copy copy_sjis to stdout").Where(m => m.Type == 'd').SelectMany(m => m.Body)];
        Assert.Equal([0x93, 0xFA, 0x96, 0x7B, (byte)'\n', 0x95, 0x5C, (byte)'\n'], data);
    }
}

using System.Collections.Immutable;
using DriftDb.Protocol;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Server.Tests.Protocol;

/// <summary>The server's messages as bytes.</summary>
public class BackendMessageTests
{
    [Fact]
    public void Messages_without_a_body()
    {
        var output = new ByteWriter();
        BackendMessages.ParseComplete(output);
        BackendMessages.BindComplete(output);
        BackendMessages.ReadyForQuery(output, 'T');
        Assert.Equal([(byte)'1', 0, 0, 0, 4, (byte)'2', 0, 0, 0, 4, (byte)'Z', 0, 0, 0, 5, (byte)'T'], output.ToArray());
    }

    [Fact]
    public void A_NUL_inside_text_does_not_end_it()
    {
        var output = new ByteWriter();
        BackendMessages.CommandComplete(output, "a\0b");
        Assert.Equal([(byte)'C', 0, 0, 0, 8, .. "a b\0"u8], output.ToArray());
    }

    [Fact]
    public void An_errors_fields_come_in_PostgreSQLs_order()
    {
        var output = new ByteWriter();
        ErrorMessages.ErrorResponse(output, new SqlException("42703", "no", new SourceSpan(7, 3), "d", "h") { TableName = "t" });
        Assert.Equal("E\0\0\0\u0000SERROR\0VERROR\0C42703\0Mno\0Dd\0Hh\0P8\0tt\0\0".Replace("E\0\0\0\0", "", StringComparison.Ordinal), System.Text.Encoding.UTF8.GetString(output.Written[5..]));
        Assert.Equal(output.Length - 1, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(output.Written[1..]));
    }

    [Theory]
    [InlineData(0, "select", 1)]
    [InlineData(7, "select nosuch", 8)]
    [InlineData(10, "select 'é' nosuch", 11)] // two bytes, one unit, one character
    [InlineData(12, "select '😀' nosuch", 12)] // four bytes, two units, one character
    [InlineData(99, "short", 6)]
    public void Positions_count_characters_from_one(int utf16Offset, string text, int expected) => Assert.Equal(expected, ErrorMessages.CharacterPosition(utf16Offset, text));

    [Fact]
    public void A_row_description_tells_where_columns_come_from()
    {
        var output = new ByteWriter();
        int start = RowDescription.Begin(output, 1);
        RowDescription.Column(output, "n", 16400, 2, SqlType.DeclaredNumeric(10, 2), 1);
        RowDescription.End(output, start);
        Assert.Equal([(byte)'T', 0, 0, 0, 26, 0, 1, (byte)'n', 0, 0, 0, 0x40, 0x10, 0, 2, 0, 0, 0x06, 0xA4, 255, 255, 0, 0x0A, 0, 6, 0, 1], output.ToArray());
    }

    [Fact]
    public void Parameter_types_are_object_ids()
    {
        var output = new ByteWriter();
        BackendMessages.ParameterDescription(output, ImmutableArray.Create(SqlType.Int4, SqlType.ArrayOf(SqlType.Text)));
        Assert.Equal([(byte)'t', 0, 0, 0, 14, 0, 2, 0, 0, 0, 23, 0, 0, 0x03, 0xF1], output.ToArray());
    }

    [Fact]
    public unsafe void Rows_are_encoded_in_text_and_binary()
    {
        var layout = new TupleLayout([SqlType.Int4, SqlType.Text, SqlType.Int8, SqlType.Bool]);
        var rows = new TupleBuffer(layout);
        byte* tuple = rows.Append();
        *(int*)(tuple + layout.Offset(0)) = -41;
        *(ByteSlice*)(tuple + layout.Offset(1)) = rows.Arena.Copy("né"u8);
        TupleLayout.SetNull(tuple, 2);
        *(tuple + layout.Offset(3)) = 1;

        var output = new ByteWriter();
        RowEncoder.DataRow(output, tuple, layout, layout.ColumnCount, RowEncoder.AllText, FormatSettings.Default);
        Assert.Equal([(byte)'D', 0, 0, 0, 29, 0, 4, 0, 0, 0, 3, .. "-41"u8, 0, 0, 0, 3, .. "né"u8, 255, 255, 255, 255, 0, 0, 0, 1, (byte)'t'], output.ToArray());

        output.Clear();
        RowEncoder.DataRow(output, tuple, layout, layout.ColumnCount, [1, 0, 1, 1], FormatSettings.Default);
        Assert.Equal([(byte)'D', 0, 0, 0, 30, 0, 4, 0, 0, 0, 4, 255, 255, 255, 215, 0, 0, 0, 3, .. "né"u8, 255, 255, 255, 255, 0, 0, 0, 1, 1], output.ToArray());
    }
}

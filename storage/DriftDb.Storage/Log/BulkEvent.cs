using MessagePack;

namespace DriftDb.Storage;

/// <summary>A bulk insert taken apart into its rows, without decoding their values.</summary>
internal readonly struct BulkEvent
{
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly int[] _starts;

    private BulkEvent(ReadOnlyMemory<byte> payload, long tableId, long firstRowId, int[] columnIds, int[] starts)
    {
        _payload = payload;
        _starts = starts;
        TableId = tableId;
        FirstRowId = firstRowId;
        ColumnIds = columnIds;
    }

    public long TableId { get; }

    public long FirstRowId { get; }

    public int RowCount => _starts.Length - 1;

    public int[] ColumnIds { get; }

    public static BulkEvent Read(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        long tableId = reader.ReadInt64(), firstRowId = reader.ReadInt64();
        int rows = reader.ReadInt32();
        int[] columns = new int[reader.ReadArrayHeader()];
        for (int i = 0; i < columns.Length; i++) columns[i] = reader.ReadInt32();
        int[] starts = new int[rows + 1];
        for (int row = 0; row < rows; row++)
        {
            starts[row] = (int)reader.Consumed;
            for (int i = 0; i < columns.Length; i++) reader.Skip();
        }

        starts[rows] = (int)reader.Consumed;
        return new BulkEvent(payload, tableId, firstRowId, columns, starts);
    }

    /// <summary>A row's values as they lie, in the order of the columns.</summary>
    public ReadOnlyMemory<byte> Row(int row) => _payload[_starts[row].._starts[row + 1]];

    /// <summary>The values of adjacent rows.</summary>
    public ReadOnlyMemory<byte> Rows(int first, int count) => _payload[_starts[first].._starts[first + count]];
}

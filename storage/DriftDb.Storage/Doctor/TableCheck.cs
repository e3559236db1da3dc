using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A table's invariants, looked at one by one: what <c>storage/DriftDb.Storage/README.md</c> promises of chunks, places, chains and indexes.</summary>
internal sealed class TableCheck(StorageTable table)
{
    private const int MostFindings = 20;

    private readonly List<string> _wrong = [];

    /// <summary>Versions and indexes.</summary>
    public IReadOnlyList<string> Run()
    {
        RunVersions();
        foreach (StorageIndex index in table.Indexes) _wrong.AddRange(new IndexCheck(index).Run().Select(wrong => $"table {table.Id}: {wrong}"));
        return _wrong;
    }

    public IReadOnlyList<string> RunVersions()
    {
        ColumnChunk[] chunks = table.Chunks(out int count);
        long live = 0;
        for (int i = 0; i < count && _wrong.Count < MostFindings; i++) live += Check(chunks[i]);
        if (live != table.LiveRowCount) Wrong($"{live} versions live, but {table.LiveRowCount} rows are counted");
        CheckRows();
        return _wrong;
    }

    private long Check(ColumnChunk chunk)
    {
        int count = chunk.Count, live = 0;
        long[] begin = chunk.Begin, end = chunk.End, rowId = chunk.RowId;
        string name = $"chunk {chunk.Number}";
        for (int row = 0; row < count && _wrong.Count < MostFindings; row++)
        {
            if (!chunk.IsCopy && row > 0 && begin[row] <= begin[row - 1]) Wrong($"{name}: rows don't lie in order of sequence at row {row}");
            if (end[row] == long.MaxValue) live++;
            else if (end[row] <= begin[row] && end[row] != ColumnChunk.BlankEnd) Wrong($"{name}: row {row} ends before it begins");
            if (chunk.BlockMinEnd[row / Limits.VectorRows] > end[row]) Wrong($"{name}: row {row} ends before its block's smallest end");
            if (ColumnChunk.IsMoved(end[row]) && RowAt(end[row] & ~ColumnChunk.MovedTag) is not { } moved || ColumnChunk.IsMoved(end[row]) && RowAt(end[row] & ~ColumnChunk.MovedTag) is { } copy && (copy.RowId != rowId[row] || copy.Begin != begin[row]))
                Wrong($"{name}: row {row} moved to a place that has another version");
        }

        if (live != chunk.LiveCount) Wrong($"{name}: {live} versions live, {chunk.LiveCount} are counted");
        if (chunk.ClosedAt != long.MaxValue && live > 0) Wrong($"{name} is closed, but {live} versions live");
        foreach (ChunkColumn column in chunk.Columns) CheckZone(name, column, end, count);
        return live;
    }

    private unsafe void CheckZone(string name, ChunkColumn column, long[] end, int count)
    {
        if (!column.HasZone) return;
        byte[] data = column.Data;
        for (int row = 0; row < count; row++)
        {
            if (column.IsNull(row) || end[row] == ColumnChunk.BlankEnd) continue;
            long value = column.Kind switch
            {
                PhysicalKind.Bool => data[row],
                PhysicalKind.Int16 => BitConverter.ToInt16(data, row * 2),
                PhysicalKind.Int32 => BitConverter.ToInt32(data, row * 4),
                _ => BitConverter.ToInt64(data, row * 8),
            };
            if (value >= column.Minimum && value <= column.Maximum) continue;
            Wrong($"{name}: a value lies outside of its column's zone");
            return;
        }
    }

    private void CheckRows()
    {
        for (long rowId = 0; rowId < table.RowIdEnd && _wrong.Count < MostFindings; rowId++)
        {
            if (table.NewestPlace(rowId) is not (>= 0 and var place) || IsGone(place)) continue;
            if (RowAt(place) is not { } newest || newest.RowId != rowId)
            {
                Wrong($"row {rowId} isn't where the directory says");
                continue;
            }

            long begin = long.MaxValue;
            for (long at = place; at >= 0 && !IsGone(at); at = table.PlaceBefore(at))
            {
                if (RowAt(at) is not { } version || version.RowId != rowId || version.Begin >= begin)
                {
                    Wrong($"the versions of row {rowId} aren't linked in order");
                    break;
                }

                begin = version.Begin;
            }
        }
    }

    /// <summary>Whether retention has dropped the whole chunk that the place is in.</summary>
    private bool IsGone(long place) => table.ChunkAt((int)(place >> ColumnChunk.RowBits)).IsGone;

    private (long RowId, long Begin)? RowAt(long place)
    {
        ColumnChunk[] chunks = table.Chunks(out int count);
        long number = place >> ColumnChunk.RowBits;
        int row = (int)(place & (Limits.ChunkRows - 1));
        if (number >= count || row >= chunks[number].Count) return null;
        return (chunks[number].RowId[row], chunks[number].Begin[row]);
    }

    private void Wrong(string what) => _wrong.Add($"table {table.Id}: {what}");
}

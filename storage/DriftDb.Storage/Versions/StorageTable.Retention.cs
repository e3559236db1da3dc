using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>The table's floor, and taking versions away: those that retention drops, and rows that are erased.</summary>
public sealed partial class StorageTable
{
    private ColumnChunk? _gone;
    private long _floor;

    /// <summary>The oldest sequence number as of which the table can be read; 0 while all its history is kept.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>The time that retention counted back to when it made the floor, µs since 2000.</summary>
    public long FloorTime { get; private set; }

    /// <summary>Throws 72000 for a moment below the floor.</summary>
    public void RequireKept(long sequence, SourceSpan span = default)
    {
        if (sequence >= Volatile.Read(ref _floor)) return;
        throw new SqlException(
            SqlState.SnapshotTooOld, $"history of table \"{Definition.Name}\" before sequence number {Floor} has been dropped by retention", span,
            detail: $"The moment asked for is sequence number {sequence}; the oldest that is kept is {Floor}.",
            hint: "history_retention says how long the table's history is kept.") { TableName = Definition.Name, SchemaName = Definition.SchemaName };
    }

    /// <summary>The rows that the versions made by these events are of.</summary>
    public unsafe RowIdSet RowsOf(IReadOnlySet<long> beginSequences)
    {
        if (beginSequences.Count == 0) return RowIdSet.Empty;
        var rows = new List<long>();
        using var vector = new ScanVector(2);
        VectorSource scan = ScanPeriod(Store.LatestView, PeriodKind.All, 0, long.MaxValue, [SystemColumn.BeginSequence, SystemColumn.RowId]);
        while (scan.Next(vector))
        {
            for (int i = 0; i < vector.Count; i++)
            {
                int row = vector.Selection[i];
                if (beginSequences.Contains(((long*)vector.Data[0])[row])) rows.Add(((long*)vector.Data[1])[row]);
            }
        }

        return RowIdSet.Of(rows);
    }

    /// <summary>The floor rises before anything is taken away: a reader that looks at it after having read knows whether what it read was whole.</summary>
    internal void RaiseFloor(HistoryFloor floor)
    {
        if (floor.Sequence <= _floor) return;
        FloorTime = floor.TimeMicros;
        Volatile.Write(ref _floor, floor.Sequence);
    }

    /// <summary>A chunk with blanks on its way into the directory.</summary>
    internal sealed record Replacement(int Number, ColumnChunk Old, ColumnChunk? New, bool[]? IsBlank, int Blanked);

    /// <summary>Seals the chunks that take rows, so that versions can be taken out of them. Under the commit lock.</summary>
    internal void SealChunks()
    {
        if (_open is { Count: > 0 }) SealOpenChunk();
        if (_copy is { Count: > 0 }) SealCopyChunk();
    }

    /// <summary>Whether the chunks that still take rows hold versions that ended at or below the floor: as many as half of theirs, or any.</summary>
    internal bool HasDroppableInGrowingChunks(long floor, bool any)
    {
        foreach (ColumnChunk? chunk in (ReadOnlySpan<ColumnChunk?>)[_open, _copy])
        {
            if (chunk is null) continue;
            int count = chunk.Count, dead = EndedBy(chunk.End.AsSpan(0, count), floor);
            if (any ? dead > 0 : dead * 2 > count) return true;
        }

        return false;
    }

    /// <summary>What of a sealed chunk is blank at a floor: nothing (null), all of it, or the rows that the replacement has as blanks.</summary>
    internal Replacement? WithoutHistory(int number, long floor)
    {
        ColumnChunk chunk = _chunks[number];
        if (chunk.IsGone || !chunk.IsSealed || !chunk.MayHaveEnded(floor)) return null;
        // Who was alive at the closing has moved to the copies, and nobody reads an earlier moment any more.
        if (chunk.ClosedAt <= floor) return new Replacement(number, chunk, null, null, chunk.Count);
        int count = chunk.Count;
        ReadOnlySpan<long> ends = chunk.End.AsSpan(0, count);
        bool[] isBlank = new bool[count];
        int blanked = 0;
        for (int row = 0; row < count; row++)
        {
            if (ends[row] > floor + Faults.DropBeyondFloor) continue;
            isBlank[row] = true;
            if (ends[row] != ColumnChunk.BlankEnd) blanked++;
        }

        return blanked > 0 ? new Replacement(number, chunk, chunk.WithBlanks(isBlank), isBlank, blanked) : null;
    }

    /// <summary>The sealed chunk with erased rows as blanks; null when it has none of them.</summary>
    internal Replacement? WithoutRows(int number, RowIdSet rows)
    {
        ColumnChunk chunk = _chunks[number];
        if (chunk.IsGone) return null;
        int count = chunk.Count;
        long[] rowIds = chunk.RowId, ends = chunk.End;
        bool[]? isBlank = null;
        int blanked = 0;
        for (int row = 0; row < count; row++)
        {
            if (ends[row] == ColumnChunk.BlankEnd) (isBlank ??= new bool[count])[row] = true;
            else if (rows.Contains(rowIds[row]) && !(Faults.KeepErasedVersion && chunk.Previous is not { } previous))
            {
                (isBlank ??= new bool[count])[row] = true;
                blanked++;
            }
        }

        return blanked > 0 ? new Replacement(number, chunk, chunk.WithBlanks(isBlank!), isBlank, blanked) : null;
    }

    /// <summary>Puts chunks in the places of old ones. Under the commit lock.</summary>
    internal void Replace(IReadOnlyList<Replacement> replacements)
    {
        foreach ((int number, ColumnChunk old, ColumnChunk? replaced, bool[]? isBlank, int blanked) in replacements)
        {
            _storedVersions -= blanked;
            if (replaced is null) Volatile.Write(ref _chunks[number], _gone ??= ColumnChunk.Gone(this));
            else
            {
                int live = old.LiveCount;
                replaced.TakeEnds(old, isBlank!);
                _liveRows -= live - replaced.LiveCount;
                Volatile.Write(ref _chunks[number], replaced);
                NoteSealed(replaced);
                int candidate = _splitCandidates.IndexOf(old);
                if (candidate >= 0) _splitCandidates[candidate] = replaced;
                else ConsiderSplit(replaced);
            }

            old.LeaveBudget();
            Store.Cache.Withdraw(old, static () => { });
            foreach (object heap in old.Heaps()) Store.Epochs.Retire(heap);
        }
    }

    /// <summary>Forgets where erased rows were. Under the commit lock.</summary>
    internal void ForgetRows(RowIdSet rows)
    {
        foreach (long rowId in rows.RowIds)
        {
            if (_rows[rowId] >= 0) _rows[rowId] = -1;
        }
    }

    /// <summary>Recovery: takes rows out whose erasure the snapshot or the segments don't know yet. Nobody reads.</summary>
    internal void EraseAtRecovery(RowIdSet rows)
    {
        SealChunks();
        for (int i = 0; i < _chunkCount; i++)
        {
            if (WithoutRows(i, rows) is { } replacement) Replace([replacement]);
        }

        ForgetRows(rows);
    }

    private static int EndedBy(ReadOnlySpan<long> ends, long floor)
    {
        int count = 0;
        foreach (long end in ends) count += end <= floor ? 1 : 0;
        return count;
    }
}

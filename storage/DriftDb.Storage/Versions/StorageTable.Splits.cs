using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Time splits: when fewer than half of a full chunk's versions are alive, the living are copied to the copy chunk and the chunk's life is over, so that a scan as of s reads O(rows alive at s),
/// not O(history). At most one copy an update, at most twice the space, about twice the visits. As in the multiversion B-tree (Becker et al. 1996).
/// </summary>
public sealed partial class StorageTable
{
    private readonly List<ColumnChunk> _splitCandidates = [];

    /// <summary>
    /// Called at the end of each commit with its last sequence. A chunk closed at s is read for moments before s only, and its copies from s on: both are right, because every end of the
    /// commit is written and what is copied is what lives after it. One sequence earlier would hide versions that die at s.
    /// </summary>
    /// <param name="sequence">The commit's last.</param>
    /// <param name="relieve">Called after each split: a commit that ends half of a large table's rows copies the other half, and neither the copies nor what was read for them may pile up.</param>
    internal void ProcessSplits(long sequence, Action relieve)
    {
        ChangedAt = sequence;
        // A split can fill and seal a copy chunk that is itself mostly dead, so the list may grow meanwhile.
        for (int i = 0; i < _splitCandidates.Count; i++)
        {
            Split(_splitCandidates[i], sequence);
            relieve();
        }

        if (_splitCandidates.Count > 0) ExtendClosedPrefix();
        _splitCandidates.Clear();
    }

    private void ConsiderSplit(ColumnChunk chunk)
    {
        if (chunk.ClosedAt != long.MaxValue || chunk.LiveCount * 2 >= chunk.Count || chunk.IsSplitCandidate) return;
        chunk.IsSplitCandidate = true;
        _splitCandidates.Add(chunk);
    }

    private void SealOpenChunk()
    {
        if (_open is null) return;
        _open.IsSealed = true;
        NoteSealed(_open);
        ConsiderSplit(_open);
        _open = null;
    }

    private void SealCopyChunk()
    {
        _copy!.IsSealed = true;
        NoteSealed(_copy);
        ConsiderSplit(_copy);
        _copy = null;
    }

    private void Split(ColumnChunk chunk, long sequence)
    {
        int count = chunk.Count;
        for (int row = 0; row < count && chunk.LiveCount > 0; row++)
        {
            if (chunk.End[row] == long.MaxValue) CopyVersion(chunk, row, sequence);
        }

        chunk.ClosedAt = sequence - Faults.CloseEarly;
    }

    private unsafe void CopyVersion(ColumnChunk chunk, int row, long sequence)
    {
        _copy?.Thaw();
        if (_copy is null || _copy.Count >= CapacityFor(_liveRows) || _copy.HeapIsFull)
        {
            ColumnChunk? full = _copy;
            if (full is not null) SealCopyChunk();
            _copyLayout ??= new ChunkLayout([.. _columnsEver.Values.OrderBy(column => column.Id)]);
            _copy = NewChunk(_copyLayout, isCopy: true, full);
        }

        ColumnChunk copy = _copy;
        long rowId = chunk.RowId[row];
        int target = copy.Add(rowId, chunk.Begin[row], sequence);
        Int128 slot = default;
        for (int i = 0; i < copy.Columns.Length; i++)
        {
            ColumnDefinition definition = copy.Layout.Columns[i];
            int from = chunk.Layout.SlotOf(definition.Id);
            if (from < 0) SetMissing(copy, i, target, definition);
            else if (chunk.Columns[from].IsNull(row)) copy.Columns[i].SetNull(target, copy.Allocated);
            else
            {
                chunk.Columns[from].Get(row, (byte*)&slot);
                copy.Columns[i].Set(target, (byte*)&slot);
            }
        }

        if (chunk.Previous is not null && chunk.Previous[row] != 0) copy.Link(target, chunk.Previous[row] - 1, chunk.Jump![row] - 1, chunk.Depth![row]);
        copy.Publish();
        _storedVersions++;
        long place = ColumnChunk.Place(copy.Number, target);
        _rows[rowId] = place;
        chunk.EndVersion(row, ColumnChunk.MovedTag | place);
    }

    private static unsafe void SetMissing(ColumnChunk chunk, int slot, int row, ColumnDefinition column)
    {
        if (column.MissingValue is not { } missing)
        {
            chunk.Columns[slot].SetNull(row, chunk.Allocated);
            return;
        }

        fixed (byte* bytes = missing.Bytes)
        {
            var slice = new ByteSlice(bytes, missing.Bytes.Length);
            chunk.Columns[slot].Set(row, column.Type.Kind == PhysicalKind.Bytes ? (byte*)&slice : bytes);
        }
    }
}

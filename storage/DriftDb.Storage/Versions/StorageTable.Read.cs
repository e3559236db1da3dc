using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Readers of single rows: no locks, no allocation.</summary>
public sealed partial class StorageTable
{
    public partial bool TryGetRow(long rowId, ReadView view, StoreTransaction? transaction, out RowVersion row) => TryGetRow(rowId, view, transaction, int.MaxValue, out row);

    /// <summary>The same after the transaction's first <paramref name="limit"/> entries.</summary>
    private bool TryGetRow(long rowId, ReadView view, StoreTransaction? transaction, int limit, out RowVersion row)
    {
        if (transaction is not null && transaction.TryGetOwn(this, rowId, limit, out row, out bool isDeleted)) return !isDeleted;
        if (!TryFind(rowId, view, out row)) return false;
        if (transaction is not null && transaction.ObjectChanges.Count > 0) row = row.Under(transaction.DefinitionOf(this));
        return true;
    }

    public partial bool TryGet(StorageIndex index, ReadOnlySpan<byte> key, ReadView view, StoreTransaction? transaction, out RowVersion row)
    {
        if (index.IsInteger) return key[0] == 1 ? TryGet(index, index.DecodeInteger(key), view, transaction, out row) : Nothing(out row);
        return TryGet(index, KeyHash.Of(key), key, view, transaction, out row);
    }

    public partial bool TryGet(StorageIndex index, long key, ReadView view, StoreTransaction? transaction, out RowVersion row)
    {
        if (!index.IsInteger) throw new InvalidOperationException($"Index {index.Definition.Name} isn't a unique index of one integer column.");
        return TryGet(index, key, default, view, transaction, out row);
    }

    private bool TryGet(StorageIndex index, long hash, ReadOnlySpan<byte> key, ReadView view, StoreTransaction? transaction, out RowVersion row)
    {
        if (!index.IsUsable || !index.Definition.IsUnique) throw new InvalidOperationException($"Index {index.Definition.Name} isn't unique, or its extractor isn't attached.");
        int seen = transaction?.SeenEntries ?? 0;
        if (transaction?.WritesTo(this) is { } writes)
        {
            long own = writes.KeysOf(index).RowWith(transaction, hash, key, -1, seen);
            if (own >= 0) return TryGetRow(own, view, transaction, seen, out row);
        }

        long rowId = index.IsInteger ? index.RowAt(hash, view.AsOf) : index.RowAt(key, view.AsOf);
        if (rowId < 0)
        {
            RequireKept(view.AsOf);
            return Nothing(out row);
        }

        if (transaction is null) return TryFind(rowId, view, out row);
        // An own version of that row has another key, or it would have been found above.
        if (transaction.TryGetOwn(this, rowId, seen, out _, out _)) return Nothing(out row);
        return TryGetRow(rowId, view, transaction, seen, out row);
    }

    private static bool Nothing(out RowVersion row)
    {
        row = default;
        return false;
    }

    public partial IReadOnlyList<RowVersion> VersionsOf(long rowId, ReadView view)
    {
        var versions = new List<RowVersion>();
        CollectVersions(rowId, versions, view.Visible);
        return versions;
    }

    /// <summary>Where the row's newest version lies, and the one before a version; -1 for none. For the doctor.</summary>
    internal long NewestPlace(long rowId) => _rows[rowId];

    internal long PlaceBefore(long place)
    {
        ColumnChunk chunk = ChunkAt((int)(place >> ColumnChunk.RowBits));
        return chunk.Previous is { } previous ? previous[(int)(place & (Limits.ChunkRows - 1))] - 1 : -1;
    }

    /// <summary>Row ids given out so far are below this.</summary>
    internal long RowIdEnd => Volatile.Read(ref _nextRowId);

    /// <summary>All committed versions of a row, newest first.</summary>
    internal void CollectVersions(long rowId, List<RowVersion> versions, long visible = long.MaxValue - 1)
    {
        versions.Clear();
        long place = _rows[rowId];
        while (place >= 0)
        {
            ColumnChunk chunk = ChunkAt((int)(place >> ColumnChunk.RowBits));
            int row = (int)(place & (Limits.ChunkRows - 1));
            // What ended at or below the floor is no more, and neither is anything before it.
            if (chunk.End[row] <= Floor) return;
            if (chunk.Begin[row] <= visible) versions.Add(new RowVersion(chunk, row, visible));
            place = chunk.Previous is { } previous ? previous[row] - 1 : -1;
        }
    }

    /// <summary>The committed version of a row at the view's moment.</summary>
    internal bool TryFind(long rowId, ReadView view, out RowVersion version)
    {
        long place = _rows[rowId];
        while (place >= 0)
        {
            ColumnChunk chunk = ChunkAt((int)(place >> ColumnChunk.RowBits));
            int row = (int)(place & (Limits.ChunkRows - 1));
            if (chunk.Begin[row] <= view.AsOf)
            {
                // The next version, if there is one, begins where this one ends; a moved tag is greater than any sequence.
                version = new RowVersion(chunk, row, view.Visible);
                bool isAlive = chunk.End[row] > view.AsOf;
                RequireKept(view.AsOf);
                return isAlive;
            }

            if (chunk.Previous is not { } previous || previous[row] == 0) break;
            long jump = chunk.Jump![row] - 1;
            ColumnChunk far = ChunkAt((int)(jump >> ColumnChunk.RowBits));
            place = far.Begin[(int)(jump & (Limits.ChunkRows - 1))] > view.AsOf ? jump : previous[row] - 1;
        }

        RequireKept(view.AsOf);
        version = default;
        return false;
    }

    /// <summary>Whether the newest committed version of the row is alive, and since when; false when it is dead or there is none.</summary>
    internal bool IsAlive(long rowId, out long begin, out RowVersion version)
    {
        long place = _rows[rowId];
        begin = 0;
        version = default;
        while (place >= 0)
        {
            ColumnChunk chunk = ChunkAt((int)(place >> ColumnChunk.RowBits));
            int row = (int)(place & (Limits.ChunkRows - 1));
            long end = Volatile.Read(ref chunk.End[row]);
            begin = chunk.Begin[row];
            version = new RowVersion(chunk, row, long.MaxValue - 1);
            if (!ColumnChunk.IsMoved(end)) return end == long.MaxValue;
            place = end & ~ColumnChunk.MovedTag; // a time split took it while we were looking
        }

        return false;
    }

    /// <summary>When the version ended, following the tags of moved rows.</summary>
    internal long TrueEnd(ColumnChunk chunk, int row)
    {
        long end = Volatile.Read(ref chunk.End[row]);
        while (ColumnChunk.IsMoved(end))
        {
            long place = end & ~ColumnChunk.MovedTag;
            end = Volatile.Read(ref ChunkAt((int)(place >> ColumnChunk.RowBits)).End[(int)(place & (Limits.ChunkRows - 1))]);
        }

        return end;
    }
}

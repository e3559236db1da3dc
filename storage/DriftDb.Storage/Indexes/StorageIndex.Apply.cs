using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>The committer's side: what an event does to the index goes into its active delta, under the commit lock and without a look at any file.</summary>
public sealed unsafe partial class StorageIndex
{
    /// <summary>Rows that were changed while nobody could compute their keys, because the extractor wasn't attached yet: recovery's. Null when there are none, or too many.</summary>
    private HashSet<long>? _missedRows;

    internal void ApplyInsert(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (Faults.MissIndexEntry && rowId % 10 == 9) return;
        if (Takes(rowId, sequence)) InsertKey(tuple, definition, rowId, sequence);
    }

    internal void ApplyDelete(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (Takes(rowId, sequence)) EndKey(tuple, definition, rowId, sequence);
    }

    internal void ApplyUpdate(byte* oldTuple, byte* newTuple, TableDefinition definition, long rowId, long sequence)
    {
        if (!Takes(rowId, sequence) || SameKey(oldTuple, newTuple, definition)) return;
        EndKey(oldTuple, definition, rowId, sequence);
        if (!Faults.MissIndexEntry || rowId % 10 != 9) InsertKey(newTuple, definition, rowId, sequence);
    }

    internal void ApplyTruncate(long sequence)
    {
        if (sequence <= _through || !_takesChanges) return;
        if (IsUsable) _parts.Active.EndAll(sequence);
        else BuildLater();
        _points.Clear();
    }

    private bool Takes(long rowId, long sequence)
    {
        if (sequence <= _through || !_takesChanges) return false;
        if (IsUsable) return true;
        NoteMissed(rowId);
        return false;
    }

    private void InsertKey(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        KeyBuilder key = _newKey ??= new KeyBuilder();
        if (!KeyOf(tuple, definition, key)) return;
        _parts.Active.Add(key.Key, rowId, sequence);
        if (_parts.Active.SizeBytes > _table.Store.IndexDeltaBytes) _table.Store.SpillLater(this, sequence);
    }

    private void EndKey(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        KeyBuilder key = _oldKey ??= new KeyBuilder();
        if (!KeyOf(tuple, definition, key)) return;
        _parts.Active.End(key.Key, rowId, sequence);
        if (IsInteger && key.Key[0] == 1) _points.End(DecodeInteger(key.Key));
        if (_parts.Active.SizeBytes > _table.Store.IndexDeltaBytes) _table.Store.SpillLater(this, sequence);
    }

    private void NoteMissed(long rowId)
    {
        const int MostMissedRows = 1 << 20;
        if ((_missedRows ??= []).Count < MostMissedRows) _missedRows.Add(rowId);
        else BuildLater();
    }

    /// <summary>The extractor is there: what was missed is read from the versions. Under the commit lock.</summary>
    internal void Attach(KeyExtractor extractor)
    {
        Extractor = extractor;
        if (_isStale || _missedRows is null) return;
        TableDefinition definition = _table.Definition;
        var buffer = new TupleBuffer(definition.Layout);
        byte* tuple = buffer.Append();
        var key = new KeyBuilder();
        var versions = new List<RowVersion>();
        foreach (long rowId in _missedRows.Order())
        {
            _table.CollectVersions(rowId, versions);
            // Lives, oldest first; those that were over before are in the files.
            (byte[] Key, long Begin, long End)? held = null;
            for (int i = versions.Count - 1; i >= 0; i--)
            {
                RowVersion version = versions[i];
                if (version.EndSequence <= _through) continue;
                version.CopyTo(tuple, definition);
                if (!KeyOf(tuple, definition, key)) continue;
                if (held is { } life && life.End == version.BeginSequence && life.Key.AsSpan().SequenceEqual(key.Key)) held = life with { End = version.EndSequence };
                else
                {
                    if (held is { } finished) ApplyLife(rowId, finished);
                    held = (key.Key.ToArray(), version.BeginSequence, version.EndSequence);
                }
            }

            if (held is { } last) ApplyLife(rowId, last);
        }

        GC.KeepAlive(buffer);
        _missedRows = null;
    }

    private void ApplyLife(long rowId, (byte[] Key, long Begin, long End) life)
    {
        if (life.Begin > _through) _parts.Active.Add(life.Key, rowId, life.Begin, life.End);
        else if (life.End != IndexRecord.Living) _parts.Active.End(life.Key, rowId, life.End);
    }
}

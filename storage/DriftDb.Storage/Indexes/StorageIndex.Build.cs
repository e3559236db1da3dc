using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Building an index over a table that has rows and a past, as of a moment: every version's key is read chunk by chunk, sorted in bounded memory, and versions of a row that follow each other under one key become one life.
/// Commits go on meanwhile; what they do goes into the delta from that moment on.
/// </summary>
public sealed unsafe partial class StorageIndex
{
    /// <summary>Lives that stay in memory rather than making a file of their own.</summary>
    private const int MostLivesInMemory = 16_384;

    /// <summary>
    /// Builds for a transaction that keeps writers out. Throws 23505 when living rows share a key that must be unique, unless the transaction has truncated the table, so that they are as good as dead.
    /// </summary>
    internal void Build(TableDefinition definition, bool ignoreDuplicates, Action? passSafePoint)
    {
        _parts = IndexParts.Empty();
        _takesChanges = true;
        Fill(definition, ignoreDuplicates, _table.Store.VisibleSequence, passSafePoint);
    }

    private void BuildNow()
    {
        lock (_building)
        {
            while (_isStale) BuildOnce();
        }
    }

    private void BuildOnce()
    {
        DriftStore store = _table.Store;
        int epoch = store.Epochs.Enter();
        try
        {
            long moment = 0;
            int givenUp = 0;
            store.BetweenCommits(() =>
            {
                moment = store.VisibleSequence;
                givenUp = _givenUp;
                foreach (IndexDelta delta in _parts.Frozen) store.Memory.IndexPages.Add(-delta.SizeBytes);
                Replace(static _ => IndexParts.Empty() with { IsBuilding = true });
                _takesChanges = true;
                _through = moment;
            });
            Fill(_table.Definition, ignoreDuplicates: true, moment, () => store.Epochs.Refresh(ref epoch));
            store.BetweenCommits(() =>
            {
                if (_givenUp != givenUp) return;
                Replace(static parts => parts with { IsBuilding = false });
                _isStale = false;
            });
        }
        catch
        {
            store.BetweenCommits(BuildLater);
            throw;
        }
        finally
        {
            store.Epochs.Exit(epoch);
        }
    }

    /// <summary>Makes the parts older than the active delta.</summary>
    private void Fill(TableDefinition definition, bool ignoreDuplicates, long moment, Action? passSafePoint)
    {
        DriftStore store = _table.Store;
        using var sorter = new IndexSorter(store.IndexSortBytes, store.CanSpill ? NewTemporaryFile : null, store.IndexPages);
        CollectKeys(sorter, definition, moment, passSafePoint);
        if (sorter.Count == 0) return;
        if (sorter.IsInMemory && (sorter.Count <= MostLivesInMemory || !store.CanSpill))
        {
            var delta = new IndexDelta { Through = moment };
            WriteLives(sorter.Sorted(), definition, ignoreDuplicates, moment, (ReadOnlySpan<byte> key, in IndexRecord life) => delta.Add(key, life.RowId, life.Time, life.End));
            store.Memory.IndexPages.Add(delta.SizeBytes);
            Replace(parts => parts with { Frozen = parts.Frozen.Insert(0, delta) });
            return;
        }

        using IndexFileWriter writer = NewTemporaryFile();
        WriteLives(sorter.Sorted(), definition, ignoreDuplicates, moment, writer.Add);
        IndexFile file = writer.Open(store.IndexPages, writer.Finish());
        Replace(parts => parts with { Files = [file] });
    }

    /// <summary>One record for each version's life under its key, in no order.</summary>
    private void CollectKeys(IndexSorter sorter, TableDefinition definition, long moment, Action? passSafePoint)
    {
        using var keys = new VersionKeys(this, definition, new ReadView(moment, moment));
        while (keys.Next())
        {
            sorter.Add(keys.Key, keys.Life);
            if (keys.IsFirstOfVector) passSafePoint?.Invoke();
        }
    }

    private delegate void LifeHandler(ReadOnlySpan<byte> key, in IndexRecord life);

    private void WriteLives(IndexMerge sorted, TableDefinition definition, bool ignoreDuplicates, long moment, LifeHandler take)
    {
        byte[] key = new byte[64], lastLivingKey = new byte[64];
        int lastLivingLength = -1;
        bool lastIsConstrained = false;
        while (sorted.IsValid)
        {
            if (sorted.Key.Length > key.Length) key = new byte[sorted.Key.Length * 2];
            sorted.Key.CopyTo(key);
            ReadOnlySpan<byte> current = key.AsSpan(0, sorted.Key.Length);
            IndexRecord life = sorted.Record;
            sorted.Next();
            while (sorted.IsValid && sorted.Record.Time == life.End && sorted.Record.RowId == life.RowId && sorted.Key.SequenceEqual(current))
            {
                life = life with { End = sorted.Record.End };
                sorted.Next();
            }

            if (_definition.IsUnique && !ignoreDuplicates && life.End == IndexRecord.Living)
            {
                if (lastLivingLength < 0 || !current.SequenceEqual(lastLivingKey.AsSpan(0, lastLivingLength)))
                {
                    if (current.Length > lastLivingKey.Length) lastLivingKey = new byte[current.Length * 2];
                    current.CopyTo(lastLivingKey);
                    lastLivingLength = current.Length;
                    lastIsConstrained = false;
                }
                else if (lastIsConstrained || (lastIsConstrained = HasConstrainedKey(life.RowId, definition, moment)))
                {
                    throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{_definition.Name}\"") { ConstraintName = _definition.Name, TableName = _table.Definition.Name, SchemaName = _table.Definition.SchemaName };
                }
            }

            if (_definition.WithoutOverlaps && !ignoreDuplicates && life.End == IndexRecord.Living && HasConstrainedKey(life.RowId, definition, moment))
            {
                if (lastLivingLength >= 0 && PeriodKey.Overlap(current, lastLivingKey.AsSpan(0, lastLivingLength)))
                {
                    throw new SqlException(SqlState.ExclusionViolation, $"could not create exclusion constraint \"{_definition.Name}\"") { ConstraintName = _definition.Name, TableName = _table.Definition.Name, SchemaName = _table.Definition.SchemaName };
                }

                if (current.Length > lastLivingKey.Length) lastLivingKey = new byte[current.Length * 2];
                current.CopyTo(lastLivingKey);
                lastLivingLength = current.Length;
            }

            take(current, life);
        }
    }

    /// <summary>Rows with NULLs may share a key; only the row itself tells.</summary>
    private bool HasConstrainedKey(long rowId, TableDefinition definition, long moment)
    {
        var buffer = new TupleBuffer(definition.Layout);
        byte* tuple = buffer.Append();
        var key = new KeyBuilder();
        bool isConstrained = _table.TryFind(rowId, new ReadView(moment, moment), out RowVersion version);
        if (isConstrained)
        {
            version.CopyTo(tuple, definition);
            isConstrained = KeyOf(tuple, definition, key) && IsConstrained(key);
        }

        GC.KeepAlive(buffer);
        return isConstrained;
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// The commit: under one lock the write set's events are encoded, handed to the log, applied to the version store and made visible, so that log order, sequence order and the order in which readers see commits are
/// the same. Locks are released right after (early lock release): whoever reads the change is acknowledged only when it is durable, because its position in the log is behind it.
/// </summary>
public sealed unsafe partial class DriftStore
{
    private readonly PageableList<PlannedEvent> _plan = new();
    private LogBuffer _frames = new(LogBuffer.PartBytes);

    /// <summary>An event that a commit makes, with its number.</summary>
    private readonly record struct PlannedEvent(int Entry, int FirstRow, int RowCount, EventType Type, long Sequence);

    internal CommitResult Commit(StoreTransaction transaction, string user, string application, string? message)
    {
        lock (_commitLock)
        {
            long before = _visibleSequence;
            long last = Plan(transaction, before);
            long time = Math.Max(_options.Clock.NowMicros, _lastCommitTime + 1);
            long catalogVersion = _catalogVersion + (transaction.ObjectChanges.Count > 0 ? 1 : 0);
            var commit = new CommittedTransaction(before + 1, last, time, catalogVersion, user, application, message);
            long lsn = 0;
            try
            {
                if (!IsVolatile) lsn = Log(transaction, commit);
            }
            catch
            {
                _frames.Clear();
                throw;
            }

            // From here on it is committed. Nothing below fails for a reason that a user can cause (keys were computed when the rows were written); if it does, memory isn't what the log says.
            try
            {
                ApplyObjects(transaction, commit);
                ApplyRows(transaction, last);
                Publish(commit, lsn);
            }
            catch (Exception exception)
            {
                _options.FailFast("applying a committed transaction failed", exception);
                throw;
            }

            return new CommitResult(lsn, last, time);
        }
    }

    /// <summary>Numbers the events: only the last word about a row counts, and rows born and dead in the transaction leave nothing.</summary>
    private long Plan(StoreTransaction transaction, long sequence)
    {
        _plan.Clear();
        for (int i = 0; i < transaction.EntryCount; i++)
        {
            WriteEntry entry = transaction.EntryAt(i);
            TableWrites writes = entry.Writes;
            if (i < writes.TruncatedAt || IsDropped(transaction, writes.Table)) continue;
            if (entry.Kind == WriteKind.Truncate) _plan.Add(new PlannedEvent(i, 0, 1, EventType.Truncate, ++sequence));
            else if (entry.Kind == WriteKind.Bulk) sequence = PlanBulk(transaction, i, sequence);
            else if (entry.IsRecheck || writes.Latest[entry.RowId] != i) continue;
            else if (entry.Kind == WriteKind.Delete)
            {
                if (!entry.IsNewRow) _plan.Add(new PlannedEvent(i, 0, 1, EventType.SoftDelete, ++sequence));
            }
            else _plan.Add(new PlannedEvent(i, 0, 1, entry.IsNewRow ? EventType.Insert : EventType.Patch, ++sequence));
        }

        return sequence;
    }

    private long PlanBulk(StoreTransaction transaction, int number, long sequence)
    {
        WriteEntry entry = transaction.EntryAt(number);
        TupleBuffer rows = entry.Rows!;
        RowMap latest = entry.Writes.Latest;
        for (int block = 0, row = 0; block < rows.BlockCount; block++)
        {
            rows.Block(block, out int count);
            int start = 0;
            while (start < count)
            {
                // Runs of rows that nothing touched again, of a size that recovery can take in.
                int end = start;
                int limit = Math.Min(count, start + Math.Max(1, 262_144 / rows.Layout.StrideBytes));
                while (end < limit && (latest.Count == 0 || !latest.ContainsKey(entry.RowId + row + end))) end++;
                if (end > start)
                {
                    _plan.Add(new PlannedEvent(number, row + start, end - start, EventType.BulkInsert, sequence + 1));
                    sequence += end - start;
                }

                start = end < limit ? end + 1 : end;
            }

            row += count;
        }

        return sequence;
    }

    private static bool IsDropped(StoreTransaction transaction, StorageTable table) => transaction.ObjectChanges.Count > 0 && transaction.FindTable(table.Id) is null;

    private long Log(StoreTransaction transaction, in CommittedTransaction commit)
    {
        Encode(transaction, commit);
        return _log!.Append(ref _frames, commit.LastSequence);
    }

    private void Encode(StoreTransaction transaction, in CommittedTransaction commit)
    {
        long unixMs = commit.TimeMicros / 1000 + IClock.UnixEpochOffsetMs;
        foreach (ObjectChange change in transaction.ObjectChanges) EventWriter.Object(_frames, commit.LastSequence, unixMs, change.Kind, change.Id, change.Payload);
        for (int i = 0; i < _plan.Count; i++)
        {
            PlannedEvent planned = _plan[i];
            Epochs.Refresh(ref transaction.Epoch);
            WriteEntry entry = transaction.EntryAt(planned.Entry);
            StorageTable table = entry.Writes.Table;
            TableDefinition definition = transaction.DefinitionOf(table);
            switch (planned.Type)
            {
                case EventType.Insert:
                    EventWriter.Insert(_frames, planned.Sequence, unixMs, table.Id, entry.RowId, definition, Current(transaction, planned, definition));
                    break;
                case EventType.Patch:
                    EventWriter.Patch(_frames, planned.Sequence, unixMs, table.Id, entry.RowId, definition, OldTuple(table, entry.RowId, definition), Current(transaction, planned, definition));
                    break;
                case EventType.SoftDelete:
                    EventWriter.Delete(_frames, planned.Sequence, unixMs, table.Id, entry.RowId);
                    break;
                case EventType.Truncate:
                    EventWriter.Truncate(_frames, planned.Sequence, unixMs, table.Id);
                    break;
                default:
                    EventWriter.BulkInsert(_frames, planned.Sequence, unixMs, table.Id, entry.RowId + planned.FirstRow, definition, Current(transaction, planned, definition), planned.RowCount);
                    PageOutBehind(transaction, planned);
                    break;
            }
        }

        EventWriter.Commit(_frames, unixMs, _commits.Count + 1, commit);
    }

    /// <summary>A bulk insert's last rows are done: those in swap space came into memory for this.</summary>
    private static void PageOutBehind(StoreTransaction transaction, in PlannedEvent planned)
    {
        if (transaction.EntryAt(planned.Entry).Rows is { } rows && planned.FirstRow + planned.RowCount == rows.Count) rows.PageOut();
    }

    private void ApplyRows(StoreTransaction transaction, long last)
    {
        StorageTable? previous = null;
        for (int i = 0; i < _plan.Count; i++)
        {
            PlannedEvent planned = _plan[i];
            WriteEntry entry = transaction.EntryAt(planned.Entry);
            StorageTable table = entry.Writes.Table;
            if (!ReferenceEquals(table, previous) && previous is not null) _touched.Add(previous);
            previous = table;
            TableDefinition definition = transaction.DefinitionOf(table);
            byte* tuple = planned.Type is EventType.SoftDelete or EventType.Truncate ? null : Current(transaction, planned, definition);
            Apply(table, definition, planned.Type, entry.RowId + planned.FirstRow, tuple, planned.RowCount, planned.Sequence);
            WaitForIndexes();
            Relieve();
            PageOutBehind(transaction, planned);
        }

        _plan.Clear();
        if (previous is null) return;
        _touched.Add(previous);
        foreach (StorageTable table in _touched) table.ProcessSplits(last, Relieve);
        _touched.Clear();

        void Relieve()
        {
            SpillChunks();
            // No address into the store is held between two events or splits, so what left the chunks for the rows of this one may go.
            Epochs.Refresh(ref transaction.Epoch);
        }
    }

    private readonly HashSet<StorageTable> _touched = [];

    /// <summary>Applies one event (or one run of inserts) to the versions and indexes; at commits and in recovery alike.</summary>
    private void Apply(StorageTable table, TableDefinition definition, EventType type, long rowId, byte* tuple, int rowCount, long sequence)
    {
        var indexes = table.IndexArray;
        switch (type)
        {
            case EventType.Insert or EventType.BulkInsert:
                if (rowCount == 1) table.ApplyInsert(tuple, rowId, sequence);
                else table.ApplyInserts(tuple, rowCount, rowId, sequence);
                foreach (StorageIndex index in indexes)
                {
                    byte* row = tuple;
                    for (int i = 0; i < rowCount; i++, row += definition.Layout.StrideBytes) index.ApplyInsert(row, definition, rowId + i, sequence + i);
                }

                break;
            case EventType.Patch:
                byte* old = indexes.IsEmpty ? null : OldTuple(table, rowId, definition);
                table.ApplyUpdate(tuple, rowId, sequence);
                foreach (StorageIndex index in indexes) index.ApplyUpdate(old, tuple, definition, rowId, sequence);
                break;
            case EventType.SoftDelete:
                byte* dead = indexes.IsEmpty ? null : OldTuple(table, rowId, definition);
                table.ApplyDelete(rowId, sequence);
                foreach (StorageIndex index in indexes) index.ApplyDelete(dead, definition, rowId, sequence);
                break;
            case EventType.Truncate:
                table.ApplyTruncate(sequence);
                foreach (StorageIndex index in indexes) index.ApplyTruncate(sequence);
                break;
            default:
                throw EventReader.Corrupt($"event type {(int)type} isn't a row's");
        }
    }

    private void ApplyObjects(StoreTransaction transaction, in CommittedTransaction commit)
    {
        if (transaction.ObjectChanges.Count == 0) return;
        _objects.BeginVersion(commit.CatalogVersion, commit.LastSequence, commit.TimeMicros);
        foreach (ObjectChange change in transaction.ObjectChanges)
            ApplyObject(change, transaction.CreatedTable(change.Id), commit.CatalogVersion, commit.LastSequence);
    }

    /// <summary>Makes a definition's change real. <paramref name="created"/> is the table object that its transaction has already made.</summary>
    private void ApplyObject(ObjectChange change, StorageTable? created, long catalogVersion, long sequence)
    {
        _objects.Add(change.Kind, change.Id, catalogVersion, sequence, change.Payload);
        switch (change.Kind)
        {
            case ObjectKind.Table:
                var definition = change.Payload is null ? null : change.Live as TableDefinition ?? ObjectCodec.DecodeTable(change.Id, change.Payload);
                if (definition is null && !_tables.ContainsKey(change.Id) && created is null) break;
                StorageTable table = _tables.GetOrAdd(change.Id, static (_, made) => made!, created ?? (definition is null ? null : new StorageTable(this, definition)));
                table.ApplyDefinition(catalogVersion, definition);
                break;
            case ObjectKind.Index when change.Payload is null:
                if (change.Live is StorageIndex live) live.Table.RemoveIndex(live);
                if (_indexes.TryRemove(change.Id, out StorageIndex? gone)) gone.Table.RemoveIndex(gone);
                break;
            case ObjectKind.Index:
                StorageIndex index = change.Live as StorageIndex ?? RecoverIndex(change);
                _indexes[change.Id] = index;
                index.Table.AddIndex(index);
                break;
            case ObjectKind.HistoryFloor:
                HistoryFloor floor = HistoryFloor.Decode(change.Payload!);
                _floors[change.Id] = floor;
                _tables.GetValueOrDefault(change.Id)?.RaiseFloor(floor);
                break;
            case ObjectKind.Erasure:
                ApplyErasure(change, sequence);
                break;
            case ObjectKind.Sequence when change.Payload is null:
                _sequenceDefinitions.TryRemove(change.Id, out _);
                Sequences.Undefine(change.Id, null);
                break;
            case ObjectKind.Sequence:
                SequenceDefinition sequenceDefinition = change.Live as SequenceDefinition ?? ObjectCodec.DecodeSequence(change.Id, change.Payload!);
                _sequenceDefinitions[change.Id] = sequenceDefinition;
                Sequences.Define(sequenceDefinition);
                break;
        }
    }

    private void Publish(in CommittedTransaction commit, long lsn)
    {
        _commits.Add(commit);
        Volatile.Write(ref _lastCommitTime, commit.TimeMicros);
        // In this order: a reader that sees the new sequence must find a position that covers it.
        Volatile.Write(ref _visibleLsn, lsn);
        Volatile.Write(ref _catalogVersion, commit.CatalogVersion);
        Volatile.Write(ref _visibleSequence, commit.LastSequence);
    }

    private long LogSequence(long id, long value, bool isCalled)
    {
        if (IsVolatile) return 0;
        lock (_commitLock)
        {
            EventWriter.SequenceAdvance(_frames, _visibleSequence, _options.Clock.UnixMs, id, value, isCalled);
            return _log!.Append(ref _frames, _visibleSequence);
        }
    }

    private TupleBuffer? _oldTuples;
    private byte[]? _converted;

    /// <summary>The row's newest committed version as a tuple; valid until the next call.</summary>
    private byte* OldTuple(StorageTable table, long rowId, TableDefinition definition)
    {
        if (_oldTuples is null || !ReferenceEquals(_oldTuples.Layout, definition.Layout)) _oldTuples = new TupleBuffer(definition.Layout);
        byte* tuple = _oldTuples.Count > 0 ? _oldTuples.Row(0) : _oldTuples.Append();
        if (!table.IsAlive(rowId, out _, out RowVersion version)) throw EventReader.Corrupt($"row {rowId} of table {table.Id} is changed, but isn't alive");
        version.CopyTo(tuple, definition);
        return tuple;
    }

    /// <summary>The event's rows in the layout of the definition that the transaction ends with; rows written before an ALTER TABLE are converted.</summary>
    private byte* Current(StoreTransaction transaction, PlannedEvent planned, TableDefinition definition)
    {
        WriteEntry entry = transaction.EntryAt(planned.Entry);
        if (ReferenceEquals(entry.Definition, definition) || entry.Definition.Columns.SequenceEqual(definition.Columns)) return transaction.TupleOf(planned.Entry, planned.FirstRow);
        // Rows of a run must be adjacent. Conversions are rare, and a run is at most 256 KB.
        byte[] rows = GC.AllocateUninitializedArray<byte>(planned.RowCount * definition.Layout.StrideBytes, pinned: true);
        byte* first = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref rows[0]);
        for (int i = 0; i < planned.RowCount; i++) transaction.OwnVersion(planned.Entry, planned.FirstRow + i).CopyTo(first + (long)i * definition.Layout.StrideBytes, definition);
        _converted = rows;
        return first;
    }
}

using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>Opening: the checkpoint's files first, then the log behind it. Recovery writes nothing but the end of the log, so it can itself crash anywhere.</summary>
public sealed unsafe partial class DriftStore
{
    internal const string LockPath = "driftdb.lock";

    /// <summary>What lies in the directory, in memory; the caller has the lock.</summary>
    internal static DriftStore OpenForCheck(StoreOptions options) => TryOpen(options, options.FileSystem!, null, out DriftStore? store) ? store
        : throw new SqlException(SqlState.DataCorrupted, "the snapshots can't be used");

    public static partial DriftStore Open(string directory, StoreOptions? options)
    {
        options ??= new StoreOptions();
        IFileSystem files = options.FileSystem ?? new RealFileSystem(directory);
        files.CreateDirectory("");
        files.CreateDirectory(WriteAheadLog.Directory);
        IDisposable directoryLock = files.TryLock(LockPath)
            ?? throw new SqlException(SqlState.ObjectInUse, $"data directory \"{directory}\" is in use by another process");
        try
        {
            TemporaryFiles.Clear(files);
            if (!options.IgnoreSnapshots && TryOpen(options, files, directoryLock, out DriftStore? store)) return store;
            TryOpen(options with { IgnoreSnapshots = true }, files, directoryLock, out store);
            if (!options.IgnoreSnapshots) store!._recoveryNotes.Add("a snapshot is damaged: the segments were replayed instead");
            return store!;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>False when a snapshot turned out to be damaged, or ahead of a log that lost its end (fsync = off): then the segments are replayed, which have everything.</summary>
    private static bool TryOpen(StoreOptions options, IFileSystem files, IDisposable? directoryLock, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DriftStore? store)
    {
        store = new DriftStore(options, files, directoryLock);
        store._recoveryEpoch = store.Epochs.Enter();
        try
        {
            if (store.Recover()) return true;
        }
        catch (SqlException) when (store._tables.Values.Any(table => table.Source is { IsDamaged: true }))
        {
        }
        catch
        {
            store.StopMaintenance();
            store.CloseFiles();
            throw;
        }
        finally
        {
            store.Epochs.Exit(store._recoveryEpoch);
        }

        store.CloseFiles();
        store = null;
        return false;
    }

    /// <summary>False when a snapshot is ahead of the log.</summary>
    private bool Recover()
    {
        if (!_options.IsCheck) _files.SyncDirectory("");
        LoadCheckpoint();
        List<(string Path, FileHeader Header)> found = WalReader.Find(_files, _manifest.FirstLogFile);
        if (_manifest.FirstLogFile > 0 && (found.Count == 0 || found[0].Header.Number != _manifest.FirstLogFile))
            throw WalReader.Corrupt(WriteAheadLog.Directory, 0, $"log file {_manifest.FirstLogFile} is missing");
        if (_manifest.FirstLogFile == 0 && found.Count > 0 && found[0].Header.Number != 1)
            throw WalReader.Corrupt(Manifest.Path, 0, $"the file is missing, but the log begins with file {found[0].Header.Number}");
        FileHeader last = default;
        long end = 0, replayed = 0;
        using var file = new LogFileReader();
        for (int i = 0; i < found.Count; i++)
        {
            bool isLast = i == found.Count - 1;
            last = found[i].Header;
            end = Replay(file, found[i].Path, last, isLast ? -1 : found[i + 1].Header.PreviousLength);
            if (isLast && _tables.Values.Any(table => table.SnapshotSequence > _visibleSequence)) return false;
            replayed += end;
            if (isLast) GiveUpIndexesAheadOfTheLog();
            if (isLast && !_options.IsCheck) FinishLog(found[i].Path, last, end);
        }

        if (_options.IsCheck) return true;
        _checkpointedBytes = -replayed;
        var next = new FileHeader(FileHeader.WalMagic, _options.Random.NextUInt64(), last.Number + 1, last.Identity, end);
        _log = new WriteAheadLog(_files, _options, next, _visibleSequence);
        DeleteLeavings();
        StartMaintenance();
        return true;
    }

    /// <summary>With fsync = off a crash can take the end of the log away that an index has already.</summary>
    private void GiveUpIndexesAheadOfTheLog()
    {
        foreach (StorageIndex index in _indexes.Values)
        {
            if (!index.IsStale && index.RestoredThrough > _visibleSequence) index.BuildLater();
        }
    }

    /// <summary>Cuts a torn tail off and finishes the file, so that the next one, with an identity of its own, follows its exact end.</summary>
    private void FinishLog(string path, FileHeader header, long end)
    {
        using (IFile file = _files.Open(path, create: false))
        {
            if (!Faults.KeepTornTail) file.SetLength(end);
            file.Sync();
        }

        if (path != WriteAheadLog.CurrentPath) return;
        _files.Rename(path, WriteAheadLog.PathOf(header.Number));
        _files.SyncDirectory(WriteAheadLog.Directory);
    }

    private long Replay(LogFileReader file, string path, FileHeader header, long expectedEnd)
    {
        file.Open(_files, path, header);
        return WalReader.Read(file, expectedEnd, ReplayTransaction);
    }

    /// <summary>Applies a committed transaction's frames; those that the checkpoint has are passed over.</summary>
    private void ReplayTransaction(LoggedTransaction transaction)
    {
        transaction.ReadLast(out Frame last, out ReadOnlyMemory<byte> payload);
        if (last.Type == EventType.SequenceAdvance)
        {
            ReplaySequence(payload);
            return;
        }

        var reader = new MessagePackReader(payload);
        (long number, CommittedTransaction commit) = EventReader.Commit(ref reader, last.Sequence);
        if (number <= _commits.Count) return;
        if (number != _commits.Count + 1) throw EventReader.Corrupt($"commit {number} follows commit {_commits.Count}");
        if (commit.CatalogVersion > _catalogVersion) _objects.BeginVersion(commit.CatalogVersion, commit.LastSequence, commit.TimeMicros);
        transaction.ReadEvents((in Frame frame, ReadOnlyMemory<byte> content) => ReplayFrame(frame, content, commit.CatalogVersion, null));

        foreach (StorageTable table in _touched) table.ProcessSplits(commit.LastSequence, RelieveRecovery);
        _touched.Clear();
        Publish(commit, 0);
    }

    private void ReplaySequence(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        Sequences.Restore(reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
    }

    /// <param name="frame">The event.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="catalogVersion">Its transaction's.</param>
    /// <param name="only">Reading this table's segments: its definitions only, without indexes; null for the log.</param>
    private void ReplayFrame(in Frame frame, ReadOnlyMemory<byte> payload, long catalogVersion, StorageTable? only)
    {
        var reader = new MessagePackReader(payload);
        if (frame.Type == EventType.Object)
        {
            int kind = reader.ReadInt32();
            long id = reader.ReadInt64();
            byte[]? definition = reader.TryReadNil() ? null : EventReader.Binary(ref reader).ToArray();
            if (only is null) ApplyObject(new ObjectChange(kind, id, definition), null, catalogVersion, frame.Sequence);
            else only.ApplyDefinition(catalogVersion, definition is null ? null : ObjectCodec.DecodeTable(id, definition));
            return;
        }

        long tableId = reader.ReadInt64();
        StorageTable table = only ?? _tables.GetValueOrDefault(tableId) ?? throw EventReader.Corrupt($"an event names table {tableId}, which doesn't exist");
        if (table.Id != tableId) throw EventReader.Corrupt($"an event of table {tableId} is in the segment of table {table.Id}");
        if (frame.Sequence <= table.SnapshotSequence) return;
        _touched.Add(table);
        TableDefinition current = table.Definition;
        TupleBuffer tuples = ReplayTuples(current);
        byte* tuple = tuples.Count > 0 ? tuples.Row(0) : tuples.Append();
        long rowId = 0;
        switch (frame.Type)
        {
            case EventType.Insert:
                rowId = reader.ReadInt64();
                SetAllNull(tuple, current.Layout);
                EventReader.Columns(ref reader, current, tuple);
                table.ReserveRowIds(rowId);
                break;
            case EventType.Patch:
                rowId = reader.ReadInt64();
                if (!table.IsAlive(rowId, out _, out RowVersion old)) throw EventReader.Corrupt($"row {rowId} of table {tableId} is changed, but isn't alive");
                old.CopyTo(tuple, current);
                EventReader.Columns(ref reader, current, tuple);
                break;
            case EventType.SoftDelete:
                rowId = reader.ReadInt64();
                break;
            case EventType.BulkInsert:
                ReplayBulk(ref reader, table, current, frame.Sequence);
                return;
        }

        Apply(table, current, frame.Type, rowId, tuple, 1, frame.Sequence);
        RelieveRecovery();
    }

    private void ReplayBulk(ref MessagePackReader reader, StorageTable table, TableDefinition current, long sequence)
    {
        long firstRow = reader.ReadInt64();
        int rows = reader.ReadInt32();
        Span<int> ordinals = new int[reader.ReadArrayHeader()];
        for (int i = 0; i < ordinals.Length; i++) ordinals[i] = EventReader.Ordinal(current, reader.ReadInt32());
        table.ReserveRowIds(firstRow + rows - 1);
        int stride = current.Layout.StrideBytes;
        if (_replayRows is null || _replayRows.Length < rows * stride) _replayRows = GC.AllocateUninitializedArray<byte>(rows * stride, pinned: true);
        byte* first = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _replayRows[0]);
        byte* next = first;
        for (int row = 0; row < rows; row++, next += stride)
        {
            SetAllNull(next, current.Layout);
            foreach (int ordinal in ordinals) EventReader.Value(ref reader, current.Layout, ordinal, next);
        }

        Apply(table, current, EventType.BulkInsert, firstRow, first, rows, sequence);
        RelieveRecovery();
    }

    /// <summary>Between two events or splits, when no address into the store is held: what they brought may leave memory.</summary>
    private void RelieveRecovery()
    {
        SpillChunks();
        Epochs.Refresh(ref _recoveryEpoch);
    }

    private readonly List<string> _recoveryNotes = [];
    private byte[]? _replayRows;
    private int _recoveryEpoch;
    private TupleBuffer? _replayTuples;

    private TupleBuffer ReplayTuples(TableDefinition definition)
    {
        if (_replayTuples is null || !ReferenceEquals(_replayTuples.Layout, definition.Layout)) _replayTuples = new TupleBuffer(definition.Layout);
        return _replayTuples;
    }

    internal static void SetAllNull(byte* tuple, TupleLayout layout)
    {
        for (int i = 0; i < layout.ColumnCount; i++) TupleLayout.SetNull(tuple, i);
    }

    private StorageIndex RecoverIndex(ObjectChange change)
    {
        IndexDefinition definition = ObjectCodec.DecodeIndex(change.Id, change.Payload!);
        StorageTable table = _tables.GetValueOrDefault(definition.TableId) ?? throw EventReader.Corrupt($"index {change.Id} is on table {definition.TableId}, which doesn't exist");
        var index = new StorageIndex(table, definition, null);
        RestoreIndex(index);
        return index;
    }
}

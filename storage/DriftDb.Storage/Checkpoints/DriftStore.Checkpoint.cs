using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

public sealed partial class DriftStore
{
    private readonly Lock _checkpointLock = new();
    private Manifest _manifest = Manifest.Empty;
    private long _checkpointedBytes;
    private bool _isManifestUncertain;

    public partial void Checkpoint()
    {
        if (IsVolatile) return;
        using (HoldCheckpoints())
        {
            SettleManifest();
            long written = _log!.WrittenBytes;
            long next = _log.Rotate();
            List<(string Path, FileHeader Header)> finished = WalReader.Find(_files, _manifest.FirstLogFile).FindAll(file => file.Header.Number < next);
            if (finished.Count == 0) return;
            using var run = new CheckpointRun(MaintainedFiles, _options, _manifest);
            using var file = new LogFileReader();
            for (int i = 0; i < finished.Count; i++)
            {
                (string path, FileHeader header) = finished[i];
                file.Open(_files, path, header);
                WalReader.Read(file, file.LengthBytes, run.Take);
            }

            Publish(run.Finish(next));
            _checkpointedBytes = written;
            // From here on the log files are only clutter; those of a checkpoint that crashed here go with the next one.
            foreach (string path in WalReader.FindOld(_files, next)) _files.Delete(path);

            foreach ((long tableId, string directory) in run.Touched) TableDescription.Write(_files, $"{CheckpointRun.TablesDirectory}/{directory}", _tables[tableId], _objects.StampOf);
        }
    }

    /// <summary>
    /// After a publication that failed either manifest may be the one that a start finds, and files that the other one names must not be written over. The one that counts is published again: once that is durable, only it is found.
    /// </summary>
    private void SettleManifest()
    {
        if (!_isManifestUncertain) return;
        if (_manifest.FirstLogFile == 0 && !_files.Exists(Manifest.Path)) _files.SyncDirectory("");
        else _manifest.Write(_files);
        _isManifestUncertain = false;
    }

    /// <summary>Reads what the last checkpoint left: catalog, commits, then each table, then its indexes.</summary>
    private void LoadCheckpoint()
    {
        _manifest = Manifest.Read(_files);
        if (_options.IgnoreSnapshots) _manifest = _manifest with { Tables = [.. _manifest.Tables.Select(table => table with { Snapshot = null, Indexes = [] })] };
        _commits.Follow(new PastCommits(_files, _manifest.Commits));
        if (_commits.Count != _manifest.CommitCount) throw WalReader.Corrupt(CheckpointRun.CommitsDirectory, 0, $"{_manifest.CommitCount} commits are expected, {_commits.Count} found");
        var definitions = new Dictionary<long, Queue<(long CatalogVersion, TableDefinition? Definition)>>();
        var indexes = new Dictionary<long, ObjectChange>();
        LoadCatalog(definitions, indexes);
        (_visibleSequence, _lastCommitTime, _catalogVersion) = (_manifest.CheckpointSequence, _manifest.CheckpointTime, _objects.Version);
        foreach (TableFiles table in _manifest.Tables) LoadTable(table, definitions[table.TableId]);
        foreach (ObjectChange change in indexes.Values)
        {
            StorageIndex index = RecoverIndex(change);
            _indexes[change.Id] = index;
            index.Table.AddIndex(index);
        }

        foreach (SequenceValue sequence in _manifest.Sequences) Sequences.Restore(sequence.Id, sequence.Value, sequence.IsCalled);
    }

    private void LoadCatalog(Dictionary<long, Queue<(long CatalogVersion, TableDefinition? Definition)>> definitions, Dictionary<long, ObjectChange> indexes)
    {
        var changes = new List<ObjectChange>();
        SegmentReader.Read(_files, CheckpointRun.CatalogDirectory, 0, _manifest.Catalog, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            var reader = new MessagePackReader(payload);
            if (frame.Type == EventType.Object)
            {
                int kind = reader.ReadInt32();
                long id = reader.ReadInt64();
                changes.Add(new ObjectChange(kind, id, reader.TryReadNil() ? null : EventReader.Binary(ref reader).ToArray()));
                return;
            }

            (_, CommittedTransaction commit) = EventReader.Commit(ref reader, frame.Sequence);
            _objects.BeginVersion(commit.CatalogVersion, commit.LastSequence, commit.TimeMicros);
            foreach (ObjectChange change in changes) LoadObject(change, commit, definitions, indexes);
            changes.Clear();
        });
    }

    /// <summary>Tables' definitions wait for their events; indexes are built once, at the end, from the whole history.</summary>
    private void LoadObject(ObjectChange change, in CommittedTransaction commit, Dictionary<long, Queue<(long CatalogVersion, TableDefinition? Definition)>> definitions, Dictionary<long, ObjectChange> indexes)
    {
        switch (change.Kind)
        {
            case ObjectKind.Table:
                _objects.Add(change.Kind, change.Id, commit.CatalogVersion, commit.LastSequence, change.Payload);
                if (!definitions.TryGetValue(change.Id, out Queue<(long CatalogVersion, TableDefinition? Definition)>? queue)) definitions.Add(change.Id, queue = new());
                queue.Enqueue((commit.CatalogVersion, change.Payload is null ? null : ObjectCodec.DecodeTable(change.Id, change.Payload)));
                break;
            case ObjectKind.Index:
                _objects.Add(change.Kind, change.Id, commit.CatalogVersion, commit.LastSequence, change.Payload);
                if (change.Payload is null) indexes.Remove(change.Id);
                else indexes[change.Id] = change;
                break;
            case ObjectKind.HistoryFloor:
                _objects.Add(change.Kind, change.Id, commit.CatalogVersion, commit.LastSequence, change.Payload);
                _floors[change.Id] = HistoryFloor.Decode(change.Payload!);
                break;
            case ObjectKind.Erasure:
                _objects.Add(change.Kind, change.Id, commit.CatalogVersion, commit.LastSequence, change.Payload);
                NoteErasure(Erasure.Decode(change.Id, change.Payload!, commit.LastSequence, commit.TimeMicros));
                break;
            default:
                ApplyObject(change, null, commit.CatalogVersion, commit.LastSequence);
                break;
        }
    }

    /// <summary>
    /// Writes snapshots of the tables that changed since their last one, then the manifest that names them. Snapshots are ahead of the segments by what was committed meanwhile, so the manifest waits until the log has that too.
    /// </summary>
    /// <param name="manifest">The new manifest, but for the snapshots.</param>
    /// <param name="rewritten">A table whose snapshot is written anew as a whole.</param>
    /// <param name="snapshotOf">A table that gets a snapshot even though no commit has changed it.</param>
    private void Publish(Manifest manifest, long rewritten = -1, long snapshotOf = -1)
    {
        var writers = new List<TableSnapshotWriter>();
        try
        {
            manifest = WriteSnapshots(manifest, rewritten, snapshotOf, writers);
            // Until the new manifest is known to be durable, either may be the one that a start finds.
            _isManifestUncertain = true;
            manifest.Write(_files);
            _isManifestUncertain = false;
            _manifest = manifest;
            foreach (TableSnapshotWriter writer in writers) writer.Take();
            DeleteUnusedSnapshots();
            DeleteUnusedIndexes();
        }
        finally
        {
            foreach (TableSnapshotWriter writer in writers) writer.Dispose();
        }
    }

    private Manifest WriteSnapshots(Manifest manifest, long rewritten, long snapshotOf, List<TableSnapshotWriter> writers)
    {
        var moments = new List<(TableFiles Files, StorageTable.Moment Moment)>();
        long lsn, sequence;
        lock (_commitLock)
        {
            lsn = _visibleLsn;
            sequence = _visibleSequence;
            foreach (StorageIndex index in _indexes.Values) index.BeginMoment(sequence);
            foreach (TableFiles files in manifest.Tables)
            {
                StorageTable table = _tables[files.TableId];
                if (table.ChangedAt > (files.Snapshot?.Sequence ?? 0) || table.Id == rewritten || table.Id == snapshotOf) moments.Add((files, table.BeginMoment(sequence)));
            }
        }

        try
        {
            foreach ((TableFiles files, StorageTable.Moment moment) in moments)
            {
                var writer = new TableSnapshotWriter(MaintainedFiles, _options.Random, SnapshotDirectory(files), moment, files.Snapshot, _commitLock, files.TableId == rewritten || IsWasteful(files.Snapshot));
                writers.Add(writer);
                manifest = manifest with { Tables = manifest.Tables.Replace(files, files with { Snapshot = writer.Write() }) };
                _files.SyncDirectory($"{CheckpointRun.TablesDirectory}/{files.Directory}");
            }

            manifest = PublishIndexes(manifest, sequence, rewritten);
        }
        finally
        {
            lock (_commitLock)
            {
                foreach ((_, StorageTable.Moment moment) in moments) moment.Table.EndMoment();
                foreach (StorageIndex index in _indexes.Values) index.EndMoment();
            }
        }

        WaitDurable(lsn);
        return manifest;
    }

    internal static string SnapshotDirectory(TableFiles files) => $"{CheckpointRun.TablesDirectory}/{files.Directory}/snapshots";

    /// <summary>Whether most of the files' bytes are of older snapshots, so that all should be written anew.</summary>
    private static bool IsWasteful(SnapshotInfo? snapshot) => snapshot is not null && snapshot.Files.Sum(file => file.LengthBytes) > snapshot.UsedBytes * 2 + (4 << 20);

    /// <summary>Deletes files that the manifest doesn't name any more. A reader on its way to a block in one of them still gets there: the file stays open until the transactions of now have ended.</summary>
    private void DeleteUnusedSnapshots()
    {
        foreach (TableFiles files in _manifest.Tables)
        {
            HashSet<int> used = [.. files.Snapshot?.Files.Select(file => file.Number) ?? []];
            string directory = SnapshotDirectory(files);
            bool any = false;
            foreach (string name in _files.List(directory))
            {
                if (!name.EndsWith(".snap", StringComparison.Ordinal) || !int.TryParse(name.AsSpan(0, name.Length - 5), out int number) || used.Contains(number)) continue;
                if (_tables[files.TableId].Source?.Retire(number) is { } open) Epochs.Retire(open);
                _files.Delete($"{directory}/{name}");
                any = true;
            }

            // What was erased must not come back with a file that a crash brings back.
            if (any) _files.SyncDirectory(directory);
        }
    }

    /// <summary>Takes the table from its snapshot; false when there is none, or it is damaged.</summary>
    private bool TryRestore(StorageTable table, TableFiles files, Queue<(long CatalogVersion, TableDefinition? Definition)> definitions)
    {
        if (files.Snapshot is not { } info || _options.IgnoreSnapshots) return false;
        var source = new SnapshotSource(_files, SnapshotDirectory(files), files.TableId);
        try
        {
            source.Check(info.Files);
            TableRoot root = TableRoot.Decode(source.Read(new BlockPlace(info.File, info.Offset, info.LengthBytes)));
            foreach ((long catalogVersion, TableDefinition? definition) in definitions) table.ApplyDefinition(catalogVersion, definition);
            table.Restore(root, source);
            return true;
        }
        catch (SqlException exception) when (source.IsDamaged)
        {
            source.Dispose();
            _recoveryNotes.Add($"the snapshot of table {files.Directory} can't be used, its segments were replayed: {exception.Message}");
            _manifest = _manifest with { Tables = _manifest.Tables.Replace(files, files with { Snapshot = null }) };
            return false;
        }
    }

    private void LoadTable(TableFiles files, Queue<(long CatalogVersion, TableDefinition? Definition)> definitions)
    {
        if (definitions.Count == 0 || definitions.Peek().Definition is not { } first) throw EventReader.Corrupt($"table {files.TableId} has files, but no definition");
        var table = new StorageTable(this, first);
        _tables[files.TableId] = table;
        if (_floors.TryGetValue(files.TableId, out HistoryFloor? floor)) table.RaiseFloor(floor);
        RowIdSet erased = PendingErasures(files);
        if (TryRestore(table, files, definitions))
        {
            if (erased.Count > 0) table.EraseAtRecovery(erased);
            return;
        }

        int commit = 0;
        long commitEnd = 0;
        SegmentReader.Read(_files, SegmentDirectory(files), files.TableId, files.Segments, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            if (frame.Type == EventType.Object)
            {
                (long catalogVersion, TableDefinition? definition) = definitions.Dequeue();
                table.ApplyDefinition(catalogVersion, definition);
                return;
            }

            if (frame.Sequence > commitEnd)
            {
                // Time splits happen between transactions, so those of the one before this event are due.
                if (commitEnd > 0) table.ProcessSplits(commitEnd, RelieveRecovery);
                commit = _commits.CommitOf(frame.Sequence, commit);
                commitEnd = _commits.LastSequenceOf(commit);
            }

            ReplayFrame(frame, payload, 0, table);
        });
        if (commitEnd > 0) table.ProcessSplits(commitEnd, RelieveRecovery);
        _touched.Clear();
        table.ReserveRowIds(files.NextRowId - 1);
        if (erased.Count > 0) table.EraseAtRecovery(erased);
    }
}

using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Erasure: rows go with all their history, from every answer at once and then from every file. The event, which names row ids and no values, is durable first; a crash after it leaves files that still have the rows, which a
/// start takes out of memory and the next maintenance out of the files.
/// </summary>
public sealed partial class DriftStore
{
    private ImmutableArray<Erasure> _erasures = [];

    /// <summary>All erasures, oldest first.</summary>
    public partial IReadOnlyList<Erasure> Erasures => _erasures;

    public partial CommitResult Erase(StoreTransaction transaction, StorageTable table, RowIdSet rows, string user, string application)
    {
        using (HoldCheckpoints())
        {
            int epoch = Epochs.Enter();
            CommitResult result;
            try
            {
                var erasure = new Erasure((_erasures.IsEmpty ? 0 : _erasures[^1].Number) + 1, table.Id, rows, user, 0, 0);
                transaction.Erase(erasure, PrepareErasure(table, rows));
                result = transaction.Commit(user, application);
            }
            finally
            {
                Epochs.Exit(epoch);
            }

            WaitDurable(result.Lsn);
            if (!IsVolatile) FinishErasure(table);
            return result;
        }
    }

    /// <summary>The caller has the table for itself, so no chunk changes until the commit puts these in place.</summary>
    private List<StorageTable.Replacement> PrepareErasure(StorageTable table, RowIdSet rows)
    {
        lock (_commitLock) table.SealChunks();
        var replacements = new List<StorageTable.Replacement>();
        table.Chunks(out int count);
        for (int i = 0; i < count; i++)
        {
            if (table.WithoutRows(i, rows) is { } replacement) replacements.Add(replacement);
        }

        return replacements;
    }

    /// <summary>At commits and in recovery, under the commit lock.</summary>
    private void ApplyErasure(ObjectChange change, long sequence)
    {
        Erasure erasure = Erasure.Decode(change.Id, change.Payload!, sequence, _objects.StampOf(_objects.Version).TimeMicros);
        NoteErasure(erasure);
        if (_tables.GetValueOrDefault(erasure.TableId) is not { } table) return;
        if (change.Live is List<StorageTable.Replacement> prepared)
        {
            table.Replace(prepared);
            table.ForgetRows(erasure.Rows);
        }
        else table.EraseAtRecovery(erasure.Rows);

        // Keys are values too.
        foreach (StorageIndex index in table.IndexArray) index.BuildLater();
    }

    /// <summary>Takes erased rows out of every file: the log's (which a checkpoint deals out and deletes), the segments and the snapshots.</summary>
    private void FinishErasure(StorageTable table)
    {
        Checkpoint();
        Rewrite(table);
        _files.SyncDirectory(WriteAheadLog.Directory);
    }

    private void NoteErasure(Erasure erasure)
    {
        if (_erasures.IsEmpty || erasure.Number > _erasures[^1].Number) _erasures = _erasures.Add(erasure);
    }

    private RowIdSet PendingErasures(TableFiles files) => RowIdSet.Union(_erasures.Where(erasure => erasure.TableId == files.TableId && erasure.Number > files.ErasedThrough).Select(erasure => erasure.Rows));

    private long LastErasureOf(long tableId) => _erasures.LastOrDefault(erasure => erasure.TableId == tableId)?.Number ?? 0;
}

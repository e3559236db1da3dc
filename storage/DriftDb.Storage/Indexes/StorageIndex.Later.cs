using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// An index that came from the catalog at a start is made when it is first asked for, from the table's versions as of a moment. Commits go on meanwhile and pass it over; what they would have done to it is kept and done
/// at the end.
/// </summary>
public sealed unsafe partial class StorageIndex
{
    private readonly Lock _building = new();
    private volatile bool _isStale;

    /// <summary>Changes since the moment, guarded by the commit lock; null while nobody builds: then the versions have everything.</summary>
    private List<PostponedChange>? _postponed;

    private enum ChangeKind : byte
    {
        Insert,
        Delete,
        Truncate,
    }

    /// <summary>A change with the tuple that it was about, in a buffer of its own.</summary>
    private readonly record struct PostponedChange(ChangeKind Kind, TupleBuffer? Tuple, TableDefinition? Definition, long RowId, long Sequence);

    internal void BuildLater() => _isStale = true;

    private StorageIndex Built()
    {
        if (_isStale) BuildNow();
        return this;
    }

    private void BuildNow()
    {
        lock (_building)
        {
            if (!_isStale) return;
            DriftStore store = _table.Store;
            int epoch = store.Epochs.Enter();
            try
            {
                long moment = store.BeginIndexBuild(() => _postponed = []);
                Build(_table.Definition, ignoreDuplicates: true, moment);
                store.EndIndexBuild(ApplyPostponed);
            }
            catch
            {
                store.EndIndexBuild(() => _postponed = null);
                throw;
            }
            finally
            {
                store.Epochs.Exit(epoch);
            }
        }
    }

    private void Postpone(ChangeKind kind, byte* tuple, TableDefinition? definition, long rowId, long sequence)
    {
        if (_postponed is null) return;
        TupleBuffer? kept = null;
        if (tuple != null)
        {
            kept = new TupleBuffer(definition!.Layout);
            TupleComparison.CopyInto(kept, tuple);
        }

        _postponed.Add(new PostponedChange(kind, kept, definition, rowId, sequence));
    }

    private void ApplyPostponed()
    {
        foreach (PostponedChange change in _postponed!)
        {
            switch (change.Kind)
            {
                case ChangeKind.Insert: InsertKeys(change.Tuple!.Row(0), change.Definition!, change.RowId, change.Sequence); break;
                case ChangeKind.Delete: EndKeys(change.Tuple!.Row(0), change.Definition!, change.RowId, change.Sequence); break;
                default: EndAllKeys(change.Sequence); break;
            }

            GC.KeepAlive(change.Tuple);
        }

        _postponed = null;
        _isStale = false;
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// READ COMMITTED's re-evaluation: a statement that meets a row changed after its snapshot is run again over the same snapshot, with the newest version of that row in it. The version lies among the transaction's own rows for
/// as long as the statement runs, so that every way to the row (scans, indexes, lookups) finds it there, and no event comes of it.
/// </summary>
public sealed unsafe partial class StoreTransaction
{
    private (StorageTable Table, long RowId)? _conflict;
    private int _recheckCount;
    private bool _hasOpenRechecks;
    private int _firstRecheck, _outerStatements;

    public partial OuterStatement EnterStatement()
    {
        CheckActive();
        var outer = new OuterStatement(_view, _hasView, _conflict, _hasOpenRechecks, _firstRecheck, _seenEntries);
        SeeAll();
        _outerStatements++;
        _conflict = null;
        _hasOpenRechecks = false;
        // What the outer one has looked at again stays as it has seen it.
        _firstRecheck = EntryCount;
        return outer;
    }

    public partial void LeaveStatement(in OuterStatement outer)
    {
        _outerStatements--;
        if (_state != TransactionState.Active) return;
        WithdrawRechecks();
        (_view, _hasView, _conflict, _hasOpenRechecks, _firstRecheck, _seenEntries) = (outer.View, outer.HasView, outer.Conflict, outer.HasOpenRechecks, outer.FirstRecheck, outer.SeenEntries);
    }

    public partial ReadView RetryStatement()
    {
        CheckActive();
        if (Isolation != StoreIsolation.ReadCommitted || !_hasView || _conflict is not var (table, rowId)) return BeginStatement();
        LastWait = null;
        _conflict = null;
        SeeAll();
        Recheck(table, rowId);
        return _view;
    }

    /// <summary>Notes the row that is in the statement's way.</summary>
    private void NoteConflict(StorageTable table, long rowId) => _conflict = (table, rowId);

    private void Recheck(StorageTable table, long rowId)
    {
        bool isAlive = table.IsAlive(rowId, out long begin, out RowVersion newest);
        // Whoever held the lock has rolled back: the snapshot's version is the newest still.
        if (isAlive && begin <= _view.AsOf) return;
        // It isn't durable yet perhaps, and this statement is going to answer from it.
        NoteRead(_store.VisibleLsn);
        TableWrites writes = WritesFor(table);
        TableDefinition definition = DefinitionOf(table);
        byte* tuple = null;
        if (isAlive)
        {
            byte* passing = Scratch(definition);
            newest.CopyTo(passing, definition);
            tuple = TupleComparison.CopyInto(BufferOf(writes, definition), passing);
        }

        int listed = writes.Latest.GetValueOrDefault(rowId, -1);
        writes.Latest[rowId] = AddEntry(new WriteEntry { Writes = writes, Kind = isAlive ? WriteKind.Update : WriteKind.Delete, RowId = rowId, Tuple = tuple, Definition = definition, Previous = listed, IsRecheck = true });
        _recheckCount++;
        _hasOpenRechecks = true;
    }

    /// <summary>The statement is over: rows that it has seen in their newest state and not written are the snapshot's again.</summary>
    private void WithdrawRechecks()
    {
        _conflict = null;
        if (!_hasOpenRechecks) return;
        _hasOpenRechecks = false;
        for (int i = _firstRecheck; i < EntryCount; i++)
        {
            WriteEntry entry = EntryAt(i);
            if (!entry.IsRecheck || entry.Writes.Latest.GetValueOrDefault(entry.RowId, -1) != i) continue;
            if (entry.Previous >= 0) entry.Writes.Latest[entry.RowId] = entry.Previous;
            else entry.Writes.Latest.Remove(entry.RowId);
            entry.Writes.Generation++;
        }
    }
}

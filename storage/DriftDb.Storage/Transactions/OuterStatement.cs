namespace DriftDb.Storage;

/// <summary>What a running statement sees and has met, kept while statements within it run; see <see cref="StoreTransaction.EnterStatement"/>.</summary>
public readonly record struct OuterStatement(ReadView View, bool HasView, (StorageTable Table, long RowId)? Conflict, bool HasOpenRechecks, int FirstRecheck, int SeenEntries);

namespace DriftDb.Storage;

/// <summary>What a frame says. The numbers are the file format (decision 0001) and never change.</summary>
internal enum EventType : byte
{
    /// <summary>A row is born: table, row id, (column, value)*; columns not named are NULL.</summary>
    Insert = 1,
    /// <summary>A row changes: table, row id, (column, value)* for the columns that changed only.</summary>
    Patch = 2,
    /// <summary>A row dies: table, row id.</summary>
    SoftDelete = 3,
    /// <summary>The transaction whose frames came before is committed.</summary>
    Commit = 16,
    /// <summary>All rows of a table die in one event.</summary>
    Truncate = 17,
    /// <summary>A catalog object changes: kind, id, payload or nil.</summary>
    Object = 18,
    /// <summary>A SQL sequence has been logged ahead to a value; outside transactions.</summary>
    SequenceAdvance = 19,
    /// <summary>Many rows are born, one sequence number each.</summary>
    BulkInsert = 20,
    /// <summary>WAL only: opens each write. Everything before it in the file was synced when it was written.</summary>
    Batch = 21,
}

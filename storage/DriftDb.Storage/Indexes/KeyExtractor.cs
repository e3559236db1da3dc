namespace DriftDb.Storage;

/// <summary>
/// Computes an index's key for a row where the key isn't simply columns (expression index) or not every row is in the index (partial index).
/// </summary>
/// <param name="tuple">The row, in the definition's layout.</param>
/// <param name="table">The table as it was defined when the row was written.</param>
/// <param name="key">Append the key's parts in order.</param>
/// <returns>False when the row isn't in the index.</returns>
/// <remarks>Must be deterministic, thread-safe and must not throw for rows that were once stored.</remarks>
public unsafe delegate bool KeyExtractor(byte* tuple, TableDefinition table, KeyBuilder key);

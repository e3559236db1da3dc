namespace DriftDb.Storage;

/// <summary>One version of a catalog object: a blob whose meaning belongs to the compiler.</summary>
/// <param name="Kind">The compiler's number for what it is; 16 and up (below are the store's own: table 1, index 2, sequence 3).</param>
/// <param name="Id">Unique within the kind.</param>
/// <param name="Payload">The definition.</param>
/// <param name="CatalogVersion">The version of the catalog from which on this is the object.</param>
/// <param name="Sequence">The sequence number at which it was changed: the last of its transaction's events, or the number current then.</param>
public sealed record StoredObject(int Kind, long Id, ReadOnlyMemory<byte> Payload, long CatalogVersion, long Sequence);

/// <summary>A SQL sequence's definition.</summary>
public sealed record SequenceDefinition(long Id, string Name, long Start, long Increment, long Minimum, long Maximum, bool Cycle);

/// <summary>One committed transaction, as <c>drift.transactions</c> shows it.</summary>
/// <param name="FirstSequence">Its first row event; <paramref name="LastSequence"/> + 1 when it had none.</param>
/// <param name="LastSequence">The number current after it.</param>
/// <param name="TimeMicros">Commit time, µs since 2000-01-01 UTC, strictly increasing.</param>
/// <param name="CatalogVersion">Version of the catalog after it.</param>
public readonly record struct CommittedTransaction(
    long FirstSequence, long LastSequence, long TimeMicros, long CatalogVersion, string User, string Application, string? Message);

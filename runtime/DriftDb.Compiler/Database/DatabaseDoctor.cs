using DriftDb.Runtime;
using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>The store's doctor with the compiler's help: indexes by expressions and of a part of the rows are compared with their tables too.</summary>
public static class DatabaseDoctor
{
    /// <summary>Checks the data directory of one database that nobody has open, and changes nothing. Throws 55006 when it is in use.</summary>
    public static IReadOnlyList<Finding> Check(string directory, StoreOptions? options = null) => StoreDoctor.Check(directory, options, AttachKeys);

    /// <summary>Makes snapshots and indexes anew from segments and log. Throws XX001 when those are damaged themselves.</summary>
    public static void Rebuild(string directory, StoreOptions? options = null) => StoreDoctor.Rebuild(directory, options, AttachKeys);

    /// <summary>A database attaches them when it is made; the store stays the caller's to close.</summary>
    private static void AttachKeys(DriftStore store) => _ = new Database("", 0, store, FunctionCatalog.WithBuiltins());
}

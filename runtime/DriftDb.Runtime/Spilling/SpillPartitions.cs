using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Rows dealt out to files by their hash; equal hashes lie in one file. Each level of partitions within partitions deals by other bits.</summary>
internal sealed unsafe class SpillPartitions(QueryContext context, TupleLayout layout, int level) : IDisposable
{
    /// <summary>Files at a time: each has a buffer of its own while it is written.</summary>
    public const int FanOut = 16;

    private readonly RowFile?[] _files = new RowFile?[FanOut];

    public int Level => level;

    /// <summary>The partition's file; null while it is empty.</summary>
    public RowFile? this[int partition] => _files[partition];

    public static int Of(ulong hash, int level) => (int)(ValueComparer.Mix(hash + 0x9E37_79B9_7F4A_7C15 * (ulong)(level + 1)) >> 60);

    public void Append(ulong hash, byte* row) => (_files[Of(hash, level)] ??= new RowFile(context, layout)).Append(row);

    /// <summary>The files are the caller's now; those that are empty are null.</summary>
    public RowFile?[] Take()
    {
        var files = (RowFile?[])_files.Clone();
        foreach (RowFile? file in files) file?.Finish();
        Array.Clear(_files);
        return files;
    }

    public void Dispose()
    {
        foreach (RowFile? file in _files) file?.Dispose();
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Sealed chunks that had to leave memory before a checkpoint has them: one transaction may bring more rows than there is memory for. Their rows and columns never change, so they go to a snapshot file below <c>tmp/</c>; the
/// next checkpoint takes them from there. After a crash the log has everything.
/// </summary>
internal sealed class SpilledChunks : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly SnapshotSource _source;
    private readonly List<ColumnChunk> _chunks;

    private SpilledChunks(IFileSystem files, string path, SnapshotSource source, List<ColumnChunk> chunks) => (_files, _path, _source, _chunks) = (files, path, source, chunks);

    /// <summary>Whether all chunks lie elsewhere by now.</summary>
    public bool IsUnused => _chunks.All(chunk => !ReferenceEquals(chunk.Places?.Source, _source) || !ReferenceEquals(chunk.Table.ChunkAt(chunk.Number), chunk));

    /// <summary>Writes the chunks, which may leave memory from then on. Under the commit lock. Throws what the file system throws, and nothing has changed then.</summary>
    public static SpilledChunks Write(IFileSystem files, IRandom random, int number, StorageTable table, List<ColumnChunk> chunks)
    {
        files.CreateDirectory(TemporaryFiles.Directory);
        using var file = new SnapshotFileWriter(files, random, TemporaryFiles.Directory, table.Id, number);
        var source = new SnapshotSource(files, TemporaryFiles.Directory, table.Id) { IsTemporary = true };
        List<ChunkPlaces> places = [.. chunks.Select(chunk => Write(file, chunk, new ChunkPlaces(source, chunk.Count, chunk.Columns.Length)))];
        file.Flush();
        for (int i = 0; i < chunks.Count; i++) chunks[i].MoveTo(places[i]);
        return new SpilledChunks(files, SnapshotFileWriter.PathOf(TemporaryFiles.Directory, number), source, chunks);
    }

    public void Dispose()
    {
        _source.Dispose();
        try
        {
            _files.Delete(_path);
        }
        catch (IOException)
        {
            // It goes at the next start.
        }
    }

    private static ChunkPlaces Write(SnapshotFileWriter file, ColumnChunk chunk, ChunkPlaces places)
    {
        int count = chunk.Count;
        places.Rows = file.Append(target => ChunkCodec.WriteLongs(target, chunk.Begin.AsSpan(0, count), chunk.RowId.AsSpan(0, count)));
        if (chunk.HasChain) places.Chain = file.Append(target => ChunkCodec.WriteChain(target, chunk, count));
        for (int i = 0; i < chunk.Columns.Length; i++)
        {
            ChunkColumn column = chunk.Columns[i];
            places.Columns[i] = file.Append(target => ChunkCodec.WriteColumn(target, column, count));
        }

        return places;
    }
}

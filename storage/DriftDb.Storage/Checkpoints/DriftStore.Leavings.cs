using System.Globalization;

namespace DriftDb.Storage;

/// <summary>Files that the manifest doesn't name: leavings of checkpoints, compactions and erasures that a crash cut short. They may hold what has been erased since, so a start doesn't leave them for later.</summary>
public sealed partial class DriftStore
{
    private void DeleteLeavings()
    {
        // Without a manifest there was no checkpoint, and so there are no files but the log's.
        if (_manifest.FirstLogFile == 0) return;
        DeleteAll(WriteAheadLog.Directory, [.. WalReader.FindOld(_files, _manifest.FirstLogFile)]);
        DeleteUnnamed(CheckpointRun.CatalogDirectory, ".seg", _manifest.Catalog.Select(segment => segment.Number));
        DeleteUnnamed(CheckpointRun.CommitsDirectory, ".seg", _manifest.Commits.Select(segment => segment.Number));
        var named = _manifest.Tables.ToDictionary(files => files.Directory);
        foreach (string directory in _files.List(CheckpointRun.TablesDirectory))
        {
            TableFiles? files = named.GetValueOrDefault(directory);
            string path = $"{CheckpointRun.TablesDirectory}/{directory}";
            DeleteUnnamed($"{path}/segments", ".seg", files?.Segments.Select(segment => segment.Number) ?? []);
            HashSet<string> indexFiles = [.. files?.IndexList.SelectMany(index => index.Files).Select(file => file.Name) ?? []];
            DeleteAll($"{path}/indexes", [.. _files.List($"{path}/indexes").Where(name => name.EndsWith(".idx", StringComparison.Ordinal) && !indexFiles.Contains(name)).Select(name => $"{path}/indexes/{name}")]);
            // A snapshot that was passed over is still named by the manifest on the disk.
            if (files is null || files.Snapshot is not null) DeleteUnnamed($"{path}/snapshots", ".snap", files?.Snapshot!.Files.Select(file => file.Number) ?? []);
        }
    }

    private void DeleteUnnamed(string directory, string extension, IEnumerable<int> named)
    {
        HashSet<int> numbers = [.. named];
        DeleteAll(directory, [.. _files.List(directory)
            .Where(name => name.EndsWith(extension, StringComparison.Ordinal) && int.TryParse(name.AsSpan(0, name.Length - extension.Length), CultureInfo.InvariantCulture, out int number) && !numbers.Contains(number))
            .Select(name => $"{directory}/{name}")]);
    }

    private void DeleteAll(string directory, List<string> paths)
    {
        if (paths.Count == 0) return;
        foreach (string path in paths) _files.Delete(path);
        _files.SyncDirectory(directory);
    }
}

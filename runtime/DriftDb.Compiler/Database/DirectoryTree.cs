namespace DriftDb.Compiler;

/// <summary>The directories that hold an instance's databases. Files inside belong to the stores, which go through their own seam.</summary>
internal static class DirectoryTree
{
#pragma warning disable RS0030 // Whole directories, while no store is open in them.
    public static IEnumerable<string> SubdirectoryNames(string path) =>
        Directory.Exists(path) ? Directory.EnumerateDirectories(path).Select(directory => Path.GetFileName(directory)!).Order(StringComparer.Ordinal) : [];

    public static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
#pragma warning restore RS0030
}

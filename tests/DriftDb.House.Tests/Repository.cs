namespace DriftDb.House.Tests;

/// <summary>Finds the repository from where the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> ProjectFiles() =>
        new[] { "frontend", "grammar", "planner", "runtime", "server", "storage" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.*proj", SearchOption.AllDirectories));

    public static string ProjectFile(string name) => ProjectFiles().Single(path => Path.GetFileNameWithoutExtension(path) == "DriftDb." + name);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "DriftDb.Compiler.sln"))) return directory.FullName;
        throw new InvalidOperationException("the tests must run inside the repository");
    }
}

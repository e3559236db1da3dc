namespace DriftDb.Conformance;

/// <summary>The feature files beside the program, run against a server.</summary>
internal sealed class ConformanceSuite
{
    static ConformanceSuite() =>
        // Statements go out as they are written: a function's body may have semicolons in it.
        AppContext.SetSwitch("Npgsql.EnableSqlRewriting", false);

    private ConformanceSuite(FeatureList list, IReadOnlyDictionary<string, FeatureFile> files) => (List, Files) = (list, files);

    public FeatureList List { get; }

    public IReadOnlyDictionary<string, FeatureFile> Files { get; }

    /// <param name="folder">tests/Conformance of the repository.</param>
    public static ConformanceSuite Read(string folder) => new(
        FeatureList.Read(Path.Combine(folder, "features.yml")),
        Directory.EnumerateFiles(Path.Combine(folder, "Features"), "*.sql").Order(StringComparer.Ordinal).Select(FeatureFile.Read).ToDictionary(file => file.Id));

    /// <param name="only">A feature's ID or the start of one; null for all.</param>
    public IReadOnlyDictionary<string, FeatureResult> Run(string connectionString, string? only = null)
    {
        var run = new FeatureRun(connectionString);
        return Files.Values.Where(file => file.NotTestable is null && (only is null || file.Id.StartsWith(only, StringComparison.Ordinal))).ToDictionary(file => file.Id, run.Run);
    }
}

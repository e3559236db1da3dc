using System.Net;
using DriftDb.Compiler;
using DriftDb.Server;
using Xunit;

namespace DriftDb.Conformance;

/// <summary>docs/conformance.md says what a fresh server does, no more and no less.</summary>
public sealed class ConformanceTests : IDisposable
{
    private const string RewriteVariable = "DRIFTDB_REWRITE";
    private readonly string _data = Path.Combine(Path.GetTempPath(), "driftdb-conformance-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void The_table_in_the_documentation_is_true()
    {
        string root = Repository();
        string folder = Path.Combine(root, "tests", "Conformance"), page = Path.Combine(root, "docs", "conformance.md");
        var suite = ConformanceSuite.Read(folder);
        string table = ConformanceTable.Write(suite, RunHere(suite), RecordedResults.Read(Path.Combine(folder, "postgresql-15.json")));
        if (Environment.GetEnvironmentVariable(RewriteVariable) == "1") File.WriteAllText(page, table);
        Assert.Equal(File.ReadAllText(page), table);
    }

    [Fact]
    public void Every_file_is_named_after_a_feature_of_the_list()
    {
        var suite = ConformanceSuite.Read(Path.Combine(Repository(), "tests", "Conformance"));
        Assert.Subset(suite.List.Mandatory.Keys.Concat(suite.List.Optional.Keys).ToHashSet(), suite.Files.Keys.ToHashSet());
        Assert.Subset(suite.Files.Keys.ToHashSet(), suite.List.Mandatory.Keys.Where(id => !suite.List.Parts(id).Any()).ToHashSet());
    }

    private IReadOnlyDictionary<string, FeatureResult> RunHere(ConformanceSuite suite)
    {
        using var instance = Instance.Open(_data, new InstanceOptions());
        using var server = new DriftServer(instance, new ServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] }, Credentials.Default(), new ServerLog(TextWriter.Null));
        server.Start();
        return suite.Run($"Host=127.0.0.1;Port={server.EndPoints[0].Port};Username=driftdb;Password=driftdb;Database=driftdb;Pooling=false;Timeout=10;Command Timeout=30");
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "DriftDb.Compiler.sln"))) return directory.FullName;
        throw new InvalidOperationException("the tests must run inside the repository");
    }

    public void Dispose()
    {
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }
}

using System.Diagnostics;
using Xunit;

namespace DriftDb.Server.Tests;

/// <summary>Clients that aren't .NET: programs that may or may not be installed. <c>.ci/install-clients</c> installs them all.</summary>
public static class ExternalClient
{
    public const string JdbcJar = "/usr/share/java/postgresql.jar";

    /// <summary>The folder of the clients' scripts, copied beside the tests' own sources.</summary>
    public static string Scripts { get; } = Path.Combine(RepositoryRoot(), "tests", "DriftDb.Server.Tests", "clients");

    /// <summary>Folder that is handed around beside the repository, with PostgreSQL's recorded answers; may be missing.</summary>
    public static string WireSuite { get; } = Path.Combine(RepositoryRoot(), "..", "shared", "pgwire");

    /// <summary>Why the client can't be used here; null when it can.</summary>
    public static string? WhyNot(string client) => client switch
    {
        "psql" => Probe("psql", "--version"),
        "pgbench" => Probe("pgbench", "--version"),
        "psycopg2" => Probe("/usr/bin/python3", "-c", "import psycopg2"),
        "jdbc" => File.Exists(JdbcJar) ? Probe("java", "-version") : $"{JdbcJar} is missing (apt-get install libpostgresql-jdbc-java)",
        "node" => Directory.Exists(Path.Combine(Scripts, "node_modules", "pg")) ? Probe("node", "--version") : "the npm package pg is missing (.ci/install-clients)",
        "wire.py" => File.Exists(Path.Combine(WireSuite, "wire.py")) ? Probe("python3", "--version") : "shared/pgwire isn't beside the repository",
        _ => throw new ArgumentException(client),
    };

    /// <summary>Runs a program to its end; what it printed, and its exit code.</summary>
    public static (int ExitCode, string Output) Run(int port, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Scripts };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["PGHOST"] = "127.0.0.1";
        start.Environment["PGPORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = start.Environment["PGPASSWORD"] = start.Environment["PGDATABASE"] = "driftdb";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string? Probe(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in arguments) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)} failed";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{program} isn't installed";
        }
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "DriftDb.Compiler.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}

/// <summary>A test that needs a client; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(string client) => Skip = ExternalClient.WhyNot(client);
}

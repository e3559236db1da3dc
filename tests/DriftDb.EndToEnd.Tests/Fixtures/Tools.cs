using System.Diagnostics;
using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>Programs and inputs from outside the repository, which may be missing.</summary>
public static class Tools
{
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    /// <summary>A folder of the shared inputs beside the repository; null when it isn't there.</summary>
    public static string? Shared(string folder)
    {
        if (Environment.GetEnvironmentVariable("DRIFTDB_SHARED") is { Length: > 0 } given && Directory.Exists(Path.Combine(given, folder))) return Path.Combine(given, folder);
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (Directory.Exists(Path.Combine(directory.FullName, "shared", folder))) return Path.Combine(directory.FullName, "shared", folder);
        return null;
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output) Run(string program, string arguments, int port, string? workingDirectory = null, int timeoutMs = 300_000)
    {
        using var process = Start(program, arguments, port, workingDirectory);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(timeoutMs))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {arguments} took longer than {timeoutMs} ms");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }

    public static Process Start(string program, string arguments, int port, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = workingDirectory ?? "" };
        foreach (var (name, value) in new[] { ("PGHOST", "127.0.0.1"), ("PGPORT", port.ToString()), ("PORT", port.ToString()), ("PGUSER", "driftdb"), ("PGPASSWORD", "driftdb"), ("PGDATABASE", "driftdb") })
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

/// <summary>A test that needs a program; skipped, with a word why, where it isn't installed.</summary>
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(string program, string? sharedFolder = null)
    {
        if (Tools.Find(program) is null) Skip = $"{program} is not installed";
        else if (sharedFolder is not null && Tools.Shared(sharedFolder) is null) Skip = $"the shared inputs ({sharedFolder}) are not beside the repository";
    }
}

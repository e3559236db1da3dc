using System.CommandLine;
using DriftDb.Compiler;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Server.Commands;

/// <summary><c>driftdb doctor DIR [--rebuild]</c>: checks a data directory that no server has open.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("directory") { Description = "The data directory." };
        var rebuild = new Option<bool>("--rebuild") { Description = "Make snapshots and indexes anew from segments and log, then check." };
        var command = new Command("doctor", "Check every file and every invariant of a data directory. Nothing is changed without --rebuild.") { directory, rebuild };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), parsed.GetValue(rebuild)));
        return command;
    }

    private static int Run(string dataPath, bool rebuild)
    {
        if (!Path.Exists(Path.Combine(dataPath, "wal")))
        {
            Console.Error.WriteLine($"driftdb: \"{dataPath}\" is no data directory");
            return 2;
        }

        bool isSound = true;
        try
        {
            foreach (string database in Databases(dataPath)) isSound &= Examine(database, rebuild);
        }
        catch (Exception error) when (error is SqlException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"driftdb: {error.Message}");
            return 2;
        }

        return isSound ? 0 : 1;
    }

    private static bool Examine(string path, bool rebuild)
    {
        if (rebuild)
        {
            DatabaseDoctor.Rebuild(path);
            Console.WriteLine($"{path}: snapshots and indexes were made anew from the segments");
        }

        var findings = DatabaseDoctor.Check(path);
        foreach (var finding in findings) Console.WriteLine($"{path}: {finding}");
        if (findings.Count == 0) Console.WriteLine($"{path}: sound");
        else if (findings.All(finding => !finding.IsLoss)) Console.WriteLine($"{path}: nothing acknowledged is lost");
        return findings.Count == 0 || findings.All(finding => finding.Kind == FindingKind.TornTail);
    }

    /// <summary>The directory itself and the other databases below it.</summary>
    private static IEnumerable<string> Databases(string dataPath)
    {
        yield return dataPath;
        string others = Path.Combine(dataPath, "databases");
        if (!Path.Exists(others)) yield break;
        foreach (var database in new DirectoryInfo(others).EnumerateDirectories().OrderBy(found => found.Name, StringComparer.Ordinal)) yield return database.FullName;
    }
}

using System.CommandLine;
using DriftDb.Compiler;
using DriftDb.Types;

namespace DriftDb.Server.Commands;

/// <summary><c>driftdb init</c>: makes a data directory, or checks that one opens.</summary>
internal static class InitCommand
{
    public static Command Create(Option<string> dataPath)
    {
        var command = new Command("init", "Make a data directory.");
        command.SetAction(parsed => Run(parsed.GetRequiredValue(dataPath)));
        return command;
    }

    private static int Run(string dataPath)
    {
        try
        {
            using (Instance.Open(dataPath))
            {
                Console.WriteLine($"{Path.GetFullPath(dataPath)} is ready. Start the server with");
                Console.WriteLine($"  driftdb serve --data-path {dataPath}");
            }

            return 0;
        }
        catch (Exception error) when (error is SqlException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"driftdb: {error.Message}");
            return 1;
        }
    }
}

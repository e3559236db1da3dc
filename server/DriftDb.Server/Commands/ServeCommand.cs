using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DriftDb.Compiler;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Server.Commands;

/// <summary><c>driftdb serve</c>: the server, until SIGTERM or SIGINT.</summary>
internal static class ServeCommand
{
    public static Command Create(Option<string> dataPath)
    {
        var listen = new Option<IPEndPoint[]>("--listen")
        {
            Description = "Address and port to listen on; may be given several times.",
            CustomParser = ParseEndPoints,
            DefaultValueFactory = _ => [new IPEndPoint(IPAddress.Loopback, ServerOptions.DefaultPort)],
            AllowMultipleArgumentsPerToken = true,
        };
        var authentication = new Option<string?>("--auth") { Description = "How clients prove who they are. Default: trust from this machine, scram-sha-256 from others." };
        authentication.AcceptOnlyFromAmong("trust", "password", "md5", "scram-sha-256");
        var passwordFile = new Option<string?>("--password-file") { Description = "Lines user:password; a line without a colon is driftdb's password. Default: driftdb has the password driftdb." };
        var maxConnections = new Option<int>("--max-connections") { Description = "Sessions at most.", DefaultValueFactory = _ => 500 };
        maxConnections.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000) result.AddError("--max-connections takes a number from 1 to 100000.");
        });

        var memory = new Option<long?>("--memory")
        {
            Description = "Memory for the whole process, such as 512MB or 8GB; 192MB at least. Default: half of the machine's.",
            CustomParser = ParseBudget,
        };

        var maintenance = new Option<long?>("--maintenance-rate")
        {
            Description = "What checkpoints, compaction and retention in the background may read and write a second, such as 64MB. Default: 64MB.",
            CustomParser = ParseMemory,
        };

        var command = new Command("serve", "Run the server (the default).") { listen, authentication, passwordFile, maxConnections, memory, maintenance };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(dataPath),
            new ServerOptions
            {
                Listen = parsed.GetRequiredValue(listen),
                Authentication = parsed.GetValue(authentication) switch
                {
                    "trust" => AuthenticationMethod.Trust,
                    "password" => AuthenticationMethod.Password,
                    "md5" => AuthenticationMethod.Md5,
                    "scram-sha-256" => AuthenticationMethod.ScramSha256,
                    _ => null,
                },
                MaxConnections = parsed.GetValue(maxConnections),
            },
            parsed.GetValue(passwordFile),
            parsed.GetValue(memory) is { } memoryBytes ? new MemoryBudget(memoryBytes) : MemoryBudget.Default,
            parsed.GetValue(maintenance)));
        return command;
    }

    private static int Run(string dataPath, ServerOptions options, string? passwordFile, MemoryBudget memory, long? maintenanceBytesPerSecond)
    {
        var log = new ServerLog(Console.Error);
        try
        {
            using var guard = new ResidentGuard(memory);
            NativeMemoryPool.Swap = SwapSpace.IsSupported ? new SwapSpace(Path.Combine(Path.GetFullPath(dataPath), TemporaryFiles.Directory), memory.StatementLimitBytes) : null;
            var store = new StoreOptions
            {
                Memory = memory,
                WalFileBytes = Math.Clamp(memory.LengthBytes / 32, 4L << 20, 64L << 20),
                SegmentBytes = Math.Clamp(memory.LengthBytes / 32, 4L << 20, 64L << 20),
                OnMaintenanceFailure = status => log.Warning($"{status.Task.ToString().ToLowerInvariant()} in the background failed ({status.Failures} times so far) and will be tried again: {status.Error}"),
            };
            if (maintenanceBytesPerSecond is { } rate) store = store with { MaintenanceBytesPerSecond = rate };
            using var instance = Instance.Open(dataPath, new InstanceOptions { MaxConnections = options.MaxConnections, Store = store });
            using var server = new DriftServer(instance, options, ReadCredentials(passwordFile), log);
            server.Start();
            Greet(dataPath, server);

            using var stop = new ManualResetEventSlim();
            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Set();
            }

            using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            stop.Wait();
            log.Info("shutting down");
            server.Stop();
        }
        catch (Exception error) when (error is SqlException or SocketException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"driftdb: {error.Message}");
            return 1;
        }

        log.Info("shut down");
        return 0;
    }

    private static Credentials ReadCredentials(string? passwordFile)
    {
        if (passwordFile is null) return Credentials.Default();
        using var reader = new StreamReader(passwordFile);
        return Credentials.Read(reader);
    }

    private static void Greet(string dataPath, DriftServer server)
    {
        Console.WriteLine($"DriftDB serves {Path.GetFullPath(dataPath)}");
        foreach (var endPoint in server.EndPoints)
        {
            string host = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) ? "localhost" : endPoint.Address.ToString();
            string urlHost = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
            Console.WriteLine($"""
                  listening on {endPoint}
                  psql -h {host} -p {endPoint.Port} -U driftdb driftdb
                  jdbc:postgresql://{urlHost}:{endPoint.Port}/driftdb?user=driftdb
                """);
        }

        Console.Out.Flush();
    }

    /// <summary>A number of bytes with a unit: kB, MB, GB or TB, in powers of 1,024 as PostgreSQL has them.</summary>
    private static long? ParseMemory(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        (string Unit, int Shift)[] units = [("kB", 10), ("MB", 20), ("GB", 30), ("TB", 40)];
        foreach ((string unit, int shift) in units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number > 0 && number <= long.MaxValue >> shift && number << shift >= 16L << 20) return number << shift;
        }

        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} takes a size of 16MB or more, such as 512MB or 8GB; '{text}' isn't one.");
        return null;
    }

    private static long? ParseBudget(ArgumentResult result)
    {
        if (ParseMemory(result) is not { } budget) return null;
        if (budget < MemoryBudget.SmallestBytes) result.AddError($"--memory takes {MemoryBudget.SmallestBytes >> 20}MB or more: the server itself needs {MemoryBudget.BaseBytes >> 20}MB of it.");
        return budget;
    }

    private static IPEndPoint[] ParseEndPoints(ArgumentResult result)
    {
        var endPoints = new List<IPEndPoint>();
        foreach (var token in result.Tokens)
        {
            if (EndPoint(token.Value) is { } endPoint) endPoints.Add(endPoint);
            else result.AddError($"'{token.Value}' isn't an address and port, such as 127.0.0.1:5433, [::1]:5433 or *:5433.");
        }

        return [.. endPoints];
    }

    private static IPEndPoint? EndPoint(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        if (!ushort.TryParse(colon < 0 ? "5433" : text[(colon + 1)..], out ushort port)) return null;
        return host switch
        {
            "*" => new IPEndPoint(IPAddress.Any, port),
            "localhost" => new IPEndPoint(IPAddress.Loopback, port),
            _ => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? new IPEndPoint(address, port) : null,
        };
    }
}

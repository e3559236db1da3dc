using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DriftDb.EndToEnd.Tests;

/// <summary>The real executable as a process of its own, so that it can be killed.</summary>
public sealed class ServerProcess : IDisposable
{
    private readonly string _dataPath;
    private readonly List<string> _errors = [];
    private Process? _process;

    public ServerProcess(string dataPath)
    {
        _dataPath = dataPath;
        Port = FreePort();
    }

    public int Port { get; }

    /// <param name="arguments">More arguments of the command line.</param>
    public void Start(string arguments = "")
    {
        string program = Path.Combine(AppContext.BaseDirectory, "driftdb.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" serve --data-path \"{_dataPath}\" --listen 127.0.0.1:{Port} {arguments}") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        var errors = _errors;
        _process.ErrorDataReceived += (_, e) => { if (e.Data is not null) lock (errors) errors.Add(e.Data); };
        _process.BeginErrorReadLine();
        var watch = Stopwatch.StartNew();
        while (!Answers())
        {
            // Waiting reads the error stream to its end.
            if (_process.HasExited) _process.WaitForExit();
            if (_process.HasExited || watch.Elapsed > TimeSpan.FromSeconds(120)) throw new InvalidOperationException("the server didn't start: " + string.Join("\n", errors));
            Thread.Sleep(20);
        }
    }

    /// <summary>What the server wrote to its error stream, and whether it still runs: for messages of failed tests.</summary>
    public string Condition
    {
        get
        {
            lock (_errors) return $"the server {(_process is { HasExited: false } ? "runs" : $"ended with {_process?.ExitCode}")}; {string.Join("\n", _errors.Take(40))}";
        }
    }

    /// <summary>The most memory that was resident since the start or <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => 1_024 * long.Parse(
        File.ReadLines($"/proc/{_process!.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);

    public void ResetPeak() => File.WriteAllText($"/proc/{_process!.Id}/clear_refs", "5");

    /// <summary>SIGKILL: nothing is flushed, nothing is closed.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) Kill();
        _process?.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

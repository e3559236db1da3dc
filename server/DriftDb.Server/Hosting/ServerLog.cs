namespace DriftDb.Server;

/// <summary>The server's log: lines on standard error, or wherever the host wants them.</summary>
public sealed class ServerLog(TextWriter writer)
{
    private readonly Lock _gate = new();

    public void Info(string message) => Write("LOG", message);

    public void Warning(string message) => Write("WARNING", message);

    public void Error(string message, Exception error) => Write("ERROR", $"{message}: {error}");

    private void Write(string severity, string message)
    {
        lock (_gate)
        {
            writer.WriteLine($"{severity}:  {message}");
            writer.Flush();
        }
    }
}

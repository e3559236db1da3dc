namespace DriftDb.Compiler;

/// <summary>A statement with its parameters, ready to run or running: what Bind makes.</summary>
public sealed class Portal : IDisposable
{
    private readonly short[] _resultFormats;

    internal Portal(string name, PreparedStatement statement, ResultShape? shape, Step step, Session session, short[] resultFormats)
    {
        Name = name;
        Statement = statement;
        Shape = shape;
        _resultFormats = resultFormats;
        Run = new PortalRun(session, step);
    }

    public string Name { get; }

    public PreparedStatement Statement { get; }

    /// <summary>The result's columns; null when it returns none.</summary>
    public ResultShape? Shape { get; }

    /// <summary>What Execute advances.</summary>
    public StatementRun Run { get; }

    /// <summary>Format code of a result column: 0 text, 1 binary.</summary>
    public short ResultFormat(int column) => _resultFormats.Length switch
    {
        0 => 0,
        1 => _resultFormats[0],
        _ => _resultFormats[column],
    };

    internal bool IsHeld { get; init; }

    public void Dispose() => Run.Dispose();
}

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

    /// <summary>It isn't in the middle of its rows.</summary>
    internal bool IsFinished => IsKept || ((PortalRun)Run).IsFinished;

    /// <summary>Its statement is running right now: a procedure that ends a transaction.</summary>
    internal bool IsAdvancing => ((PortalRun)Run).IsAdvancing;

    /// <summary>Format code of a result column: 0 text, 1 binary.</summary>
    public short ResultFormat(int column) => _resultFormats.Length switch
    {
        0 => 0,
        1 => _resultFormats[0],
        _ => _resultFormats[column],
    };

    /// <summary>WITH HOLD.</summary>
    internal bool IsHeld { get; init; }

    /// <summary>SCROLL.</summary>
    internal bool IsScrollable { get; init; }

    /// <summary>The rows it keeps, for SCROLL and WITH HOLD; null when rows go straight to who fetches them.</summary>
    internal Cursor? Cursor { get; init; }

    /// <summary>All of its rows are kept, and it is no longer a matter of any transaction.</summary>
    internal bool IsKept { get; private set; }

    /// <summary>Rows fetched so far, where none are kept.</summary>
    internal long Position { get; set; }

    internal bool IsAtEnd { get; set; }

    /// <summary>The table whose rows the cursor shows one by one, so that UPDATE … WHERE CURRENT OF can name them; 0 for none.</summary>
    internal int RowTable { get; init; }

    /// <summary>The store's number of the row that was fetched last, where no rows are kept.</summary>
    internal string? LastRowId { get; set; }

    /// <summary>The store's number of the row that the cursor stands on; null when it stands on none.</summary>
    internal string? CurrentRowId => RowTable == 0 ? null : Cursor is { } kept ? kept.LastColumnText() : IsAtEnd ? null : LastRowId;

    /// <summary>Something was fetched already.</summary>
    internal bool HasMoved => Position > 0 || IsAtEnd || Cursor is { Position: > 0 };

    /// <summary>Reads the rest of its rows before the transaction ends; the status when it has to wait.</summary>
    internal RunStatus Keep()
    {
        if (FetchStep.Keep(this, Cursor!, long.MaxValue) is not RunStatus.Complete and var status) return status;
        Run.Dispose();
        IsKept = true;
        return RunStatus.Complete;
    }

    public void Dispose() => Run.Dispose();
}

namespace DriftDb.Server;

/// <summary>What may happen to a connection, from any thread. A bit mask: several may be pending at once, each at most once.</summary>
[Flags]
internal enum Signals
{
    None = 0,
    /// <summary>Some thread is serving the connection; it will see the other bits.</summary>
    Busy = 1,
    /// <summary>The pending receive is complete.</summary>
    Received = 2,
    /// <summary>The pending send is complete.</summary>
    Sent = 4,
    /// <summary>What the run waited for has come.</summary>
    Ready = 8,
    /// <summary>A worker is there.</summary>
    Worker = 16,
    /// <summary>A notification of LISTEN has arrived.</summary>
    Notified = 32,
    /// <summary>The server stops.</summary>
    Stop = 64,
    /// <summary>The client didn't log in in time.</summary>
    TimedOut = 128,
}

using System.Net;
using System.Net.Sockets;
using DriftDb.Compiler;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>
/// One client: an explicit state machine that never blocks a thread. Whatever happens to it (bytes came, bytes went, a lock was granted, the log was written,
/// a worker is free, a notification) is a <see cref="Signals"/> bit. Whoever raises a bit while nobody serves the connection serves it, on the thread it is on;
/// else the one who does sees the bit when done. So all other state here belongs to one thread at a time, without locks.
/// </summary>
internal sealed partial class Connection : IResultSink
{
    private const int SmallBufferBytes = 4 * 1024;

    /// <summary>How deep connections serve one another on this thread: a commit that grants a lock wakes the waiter inside the committer's call.</summary>
    [ThreadStatic]
    private static int t_depth;

    /// <summary>Connections whose lock was granted by another one's statement on this thread: they go on when that one's turn is over.</summary>
    [ThreadStatic]
    private static Queue<Connection>? t_granted;

    [ThreadStatic]
    private static bool t_isServingGranted;

    /// <summary>This thread polls sockets: short work of any connection may be done here.</summary>
    [ThreadStatic]
    private static bool t_isPollThread;

    private readonly DriftServer _server;
    private readonly Socket _socket;
    private readonly EndPoint? _remote;
    private readonly Action _onReady;
    private readonly NameCache _names = new();
    private readonly long _startedMs = Environment.TickCount64;

    private int _signals;
    private Phase _phase = Phase.Startup;
    private Session? _session;

    /// <summary>This turn runs on a thread that belongs to someone else (the log writer's): finish what waited, begin nothing new.</summary>
    private bool _isBorrowedThread;

    /// <summary>The server stops: no further statement.</summary>
    private volatile bool _isStopping;

    public Connection(DriftServer server, Socket socket)
    {
        _server = server;
        _socket = socket;
        _remote = socket.RemoteEndPoint;
        _onReady = () => Signal(Signals.Ready);
        _receiveArgs.UserToken = _sendArgs.UserToken = this;
        _receiveArgs.Completed += static (_, args) => ((Connection)args.UserToken!).SocketSignal(Signals.Received);
        _sendArgs.Completed += static (_, args) => ((Connection)args.UserToken!).SocketSignal(Signals.Sent);
    }

    private enum Phase : byte
    {
        /// <summary>A start-up packet is awaited.</summary>
        Startup,
        /// <summary>The answer to an authentication request is awaited.</summary>
        Authentication,
        /// <summary>Between messages.</summary>
        Idle,
        /// <summary><see cref="_run"/> is under way.</summary>
        Running,
        /// <summary><see cref="_run"/> takes the client's COPY data.</summary>
        CopyIn,
        /// <summary>What is in the output goes out, then the connection is closed.</summary>
        Closing,
        Closed,
    }

    /// <summary>Begins to serve the client.</summary>
    public void Start() => Signal(Signals.Sent);

    /// <summary>Cancels a running statement; the client is told 57P01 instead of its end. <see cref="Signals.Stop"/> does the same for an idle one.</summary>
    public void PrepareStop()
    {
        _isStopping = true;
        _session?.CancelRunning("terminating connection due to administrator command");
    }

    /// <summary>Gives up on a client that hasn't logged in within the time.</summary>
    public void CheckLoginTime(long nowMs, long timeoutMs)
    {
        if (_phase is Phase.Startup or Phase.Authentication && nowMs - _startedMs > timeoutMs) Signal(Signals.TimedOut);
    }

    /// <summary>Tells the connection that something has happened, and serves it unless someone does already.</summary>
    public void Signal(Signals signal)
    {
        if ((Interlocked.Or(ref _signals, (int)(signal | Signals.Busy)) & (int)Signals.Busy) != 0) return;
        t_depth++;
        do
        {
            var happened = (Signals)Interlocked.Exchange(ref _signals, (int)Signals.Busy) & ~Signals.Busy;
            if (happened != Signals.None) Serve(happened);
        }
        while (Interlocked.CompareExchange(ref _signals, 0, (int)Signals.Busy) != (int)Signals.Busy);
        t_depth--;
        if (t_depth == 0 && !t_isServingGranted && t_granted is { Count: > 0 } granted) ServeGranted(granted);
    }

    private static void ServeGranted(Queue<Connection> granted)
    {
        // What these grant in turn queues up behind them, however many wait for one row.
        t_isServingGranted = true;
        while (granted.TryDequeue(out var next)) next.Signal(Signals.Ready);
        t_isServingGranted = false;
    }

    private void SocketSignal(Signals signal)
    {
        t_isPollThread = true;
        Signal(signal);
    }

    private void Serve(Signals happened)
    {
        try
        {
            _isBorrowedThread = false;
            if ((happened & Signals.Received) != 0) EndReceive();
            if ((happened & Signals.Sent) != 0) EndSend();
            // A client that doesn't read what it asked for won't read why it is sent away either.
            if ((happened & Signals.Stop) != 0 && _blockedOn == Blocked.OnOutput) Abort();
            if ((happened & Signals.TimedOut) != 0) Abort();
            if ((happened & Signals.Worker) != 0 && !HasWorker()) return;
            if ((happened & Signals.Ready) != 0 && !IsReady()) return;
            if ((happened & Signals.Notified) != 0) SendNotifications();
            if (_blockedOn == Blocked.No) Pump();
            if (_phase == Phase.Closing) FinishClosing();
        }
        catch (Exception error)
        {
            // A bug outside of any statement: this connection is lost, no other.
            _server.Log.Error("connection failed", error);
            Abort();
        }
    }

    /// <summary>Works off what there is: the run, then messages, until something has to be waited for.</summary>
    private void Pump()
    {
        while (_phase < Phase.Closing)
        {
            if (_phase == Phase.Running)
            {
                if (!AdvanceRun()) return;
                continue;
            }

            if (_isStopping)
            {
                Fatal(new SqlException(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true });
                return;
            }

            if (!HasRoom()) return;
            if (TryNextMessage()) continue;
            if (_phase >= Phase.Closing) return;
            // Also when a worker is to go on: what is finished shouldn't wait for it.
            Flush();
            if (_blockedOn != Blocked.No) return;
            if (_phase >= Phase.Closing || !Receive()) return;
        }
    }
}

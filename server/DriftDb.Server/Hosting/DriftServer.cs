using System.Net;
using System.Net.Sockets;
using DriftDb.Compiler;

namespace DriftDb.Server;

/// <summary>Listens, and has a <see cref="Connection"/> serve each client. The instance belongs to the caller.</summary>
public sealed class DriftServer : IDisposable
{
    /// <summary>Connections beyond the sessions' limit that are served until they have been told 53300.</summary>
    private const int SpareConnections = 64;

    private const int StopTimeoutMs = 10_000;

    private readonly List<Socket> _listeners = [];
    private readonly HashSet<Connection> _connections = [];
    private readonly Lock _gate = new();
    private readonly Timer _loginTimer;
    private volatile bool _isStopping;

    public DriftServer(Instance instance, ServerOptions options, Credentials credentials, ServerLog log)
    {
        Instance = instance;
        Options = options;
        Credentials = credentials;
        credentials.RoleVerifier = instance.PasswordVerifierOf;
        Log = log;
        Workers = new WorkerPool(Environment.ProcessorCount, options.MaxConnections);
        _loginTimer = new Timer(_ => CheckLogins(), null, Timeout.Infinite, Timeout.Infinite);
    }

    public Instance Instance { get; }

    public ServerOptions Options { get; }

    public Credentials Credentials { get; }

    public ServerLog Log { get; }

    internal WorkerPool Workers { get; }

    /// <summary>Where it listens, with the ports that were chosen.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(listener => (IPEndPoint)listener.LocalEndPoint!)];

    /// <summary>
    /// Has socket completions run on the threads that poll, rather than hop to the thread pool, which doubles the cost of a point query (see the design, §9).
    /// To be called before the process makes its first socket.
    /// </summary>
    public static void UseInlineCompletions()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") is null)
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
    }

    /// <summary>Begins to listen; a <see cref="SocketException"/> tells when a port isn't to be had.</summary>
    public void Start()
    {
        foreach (var endPoint in Options.Listen)
        {
            var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(endPoint);
            listener.Listen(512);
            _listeners.Add(listener);
        }

        foreach (var listener in _listeners)
        {
            var args = new SocketAsyncEventArgs(true) { UserToken = listener };
            args.Completed += (_, completed) =>
            {
                Accepted(completed);
                Accept(completed);
            };
            Accept(args);
        }

        _loginTimer.Change(5_000, 5_000);
    }

    /// <summary>Stops listening, tells every client (57P01) and waits for them to be gone.</summary>
    public void Stop()
    {
        if (_isStopping) return;
        _isStopping = true;
        _loginTimer.Dispose();
        foreach (var listener in _listeners) listener.Dispose();
        Connection[] connections;
        lock (_gate) connections = [.. _connections];
        // All statements are cancelled before the first session ends: its locks would let others go on.
        foreach (var connection in connections) connection.PrepareStop();
        foreach (var connection in connections) connection.Signal(Signals.Stop);
        long deadline = Environment.TickCount64 + StopTimeoutMs;
        while (Environment.TickCount64 < deadline)
        {
            lock (_gate)
            {
                if (_connections.Count == 0) break;
            }

            Thread.Sleep(10);
        }

        Workers.Dispose();
    }

    public void Dispose() => Stop();

    internal void Left(Connection connection)
    {
        lock (_gate) _connections.Remove(connection);
    }

    private void Accept(SocketAsyncEventArgs args)
    {
        try
        {
            while (!_isStopping)
            {
                args.AcceptSocket = null;
                if (((Socket)args.UserToken!).AcceptAsync(args)) return;
                Accepted(args);
            }
        }
        catch (ObjectDisposedException)
        {
            // The server has stopped.
        }
    }

    private void Accepted(SocketAsyncEventArgs args)
    {
        if (args.SocketError != SocketError.Success || args.AcceptSocket is not { } socket || _isStopping)
        {
            args.AcceptSocket?.Dispose();
            // Out of file descriptors, for example: accepting goes on, without a busy loop.
            if (!_isStopping && args.SocketError is not (SocketError.Success or SocketError.ConnectionReset)) Thread.Sleep(10);
            return;
        }

        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var connection = new Connection(this, socket);
            lock (_gate)
            {
                if (_connections.Count >= Options.MaxConnections + SpareConnections)
                {
                    socket.Dispose();
                    return;
                }

                _connections.Add(connection);
            }

            connection.Start();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }

    private void CheckLogins()
    {
        Connection[] connections;
        lock (_gate) connections = [.. _connections];
        long now = Environment.TickCount64;
        foreach (var connection in connections) connection.CheckLoginTime(now, Options.LoginTimeoutMs);
    }
}

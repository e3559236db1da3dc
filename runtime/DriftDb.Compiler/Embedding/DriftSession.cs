using System.Buffers.Binary;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A session of a program: blocks its caller where the server would suspend. Not thread-safe; open one for each thread.</summary>
public sealed class DriftSession : IDisposable
{
    internal DriftSession(Session session) => Session = session;

    /// <summary>The session behind, for what this facade doesn't show.</summary>
    public Session Session { get; }

    /// <summary>Runs statements without parameters (any number), or one with; returns the rows returned or changed by the last.</summary>
    public long Execute(string sql, params object?[] parameters)
    {
        var sink = new RowCollector(keepRows: false);
        Run(sql, parameters, sink);
        return sink.LastCount;
    }

    /// <summary>Runs a query and reads all of its rows.</summary>
    public IReadOnlyList<DriftRow> Query(string sql, params object?[] parameters)
    {
        var sink = new RowCollector(keepRows: true, Session.Format);
        Run(sql, parameters, sink);
        return sink.Rows;
    }

    public PreparedQuery Prepare(string sql) => new(this, sql);

    public void Dispose() => Session.Dispose();

    private void Run(string sql, object?[] parameters, RowCollector sink)
    {
        if (parameters.Length == 0)
        {
            using var run = Session.StartSimple(Encoding.UTF8.GetBytes(sql));
            Drive(run, sink);
            return;
        }

        using var prepared = Prepare(sql);
        prepared.RunInto(parameters, sink);
    }

    /// <summary>Advances a run to its end, blocking where it waits.</summary>
    internal static void Drive(StatementRun run, IResultSink sink)
    {
        while (true)
        {
            switch (run.Advance(sink, 0, onWorker: true))
            {
                case RunStatus.Complete: return;
                case RunStatus.CopyIn: throw new SqlException(SqlState.FeatureNotSupported, "COPY FROM STDIN needs a connection");
                case RunStatus.Wait:
                    using (var ready = new ManualResetEventSlim())
                    {
                        run.OnReady(ready.Set);
                        ready.Wait();
                    }

                    break;
            }
        }
    }
}

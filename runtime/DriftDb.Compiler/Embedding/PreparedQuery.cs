using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A statement that was parsed, bound, optimised and compiled once.</summary>
public sealed class PreparedQuery : IDisposable
{
    private static int s_lastName;

    private readonly DriftSession _session;
    private readonly string _name = "embedded " + Interlocked.Increment(ref s_lastName);

    internal PreparedQuery(DriftSession session, string sql)
    {
        _session = session;
        session.Session.Parse(_name, Encoding.UTF8.GetBytes(sql), []);
        if (!session.Session.InBlock) DriftSession.Drive(session.Session.Sync(), new RowCollector(false));
    }

    /// <summary>Types of $1, $2, …</summary>
    public ImmutableArray<SqlType> ParameterTypes => _session.Session.GetStatement(_name).ParameterTypes;

    /// <summary>The result's columns; empty when it returns none.</summary>
    public ImmutableArray<OutputColumn> Columns => _session.Session.GetStatement(_name).Shape?.Columns ?? [];

    public long Execute(params object?[] parameters)
    {
        var sink = new RowCollector(keepRows: false);
        RunInto(parameters, sink);
        return sink.LastCount;
    }

    public IReadOnlyList<DriftRow> Query(params object?[] parameters)
    {
        var sink = new RowCollector(keepRows: true, _session.Session.Format);
        RunInto(parameters, sink);
        return sink.Rows;
    }

    internal void RunInto(object?[] parameters, RowCollector sink)
    {
        var session = _session.Session;
        try
        {
            var portal = session.Bind("", _name, Encode(parameters), []);
            DriftSession.Drive(portal.Run, sink);
        }
        finally
        {
            session.ClosePortal("");
        }

        DriftSession.Drive(session.Sync(), sink);
    }

    public void Dispose() => _session.Session.CloseStatement(_name);

    /// <summary>Parameters go the way that a client's go: as text, read by the type's own reader.</summary>
    private BindParameters Encode(object?[] parameters)
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (object? parameter in parameters)
        {
            byte[]? text = parameter is null ? null : Encoding.UTF8.GetBytes(ParameterText.Of(parameter));
            BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(4), text?.Length ?? -1);
            writer.Advance(4);
            if (text is not null) writer.Write(text);
        }

        return new BindParameters { Count = parameters.Length, Values = writer.WrittenSpan.ToArray() };
    }
}

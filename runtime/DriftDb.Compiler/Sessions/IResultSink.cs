using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Where a statement's results go: the wire, or a program's reader. Called by <see cref="StatementRun.Advance"/> only, on its thread. Nothing here blocks:
/// a sink that can't take more says so, and the run stops until it is advanced again.
/// </summary>
public interface IResultSink
{
    /// <summary>The columns of the rows that follow. Only runs of the simple protocol announce them; a portal's are asked for by Describe.</summary>
    void Describe(ResultShape shape);

    /// <summary>A query has been opened: nothing but its rows can change what it answers from here.</summary>
    void Opened(ResultShape shape)
    {
    }

    /// <summary>Rows of a result, valid during the call. False when the sink is full: the run then returns <see cref="RunStatus.OutputFull"/> (these rows have been taken).</summary>
    /// <param name="rows">The buffer.</param>
    /// <param name="first">The first row that counts.</param>
    /// <param name="count">How many.</param>
    /// <param name="shape">The columns.</param>
    bool Rows(TupleBuffer rows, int first, int count, ResultShape shape);

    /// <summary>A statement has ended well.</summary>
    /// <param name="commandTag">As PostgreSQL's CommandComplete has it: <c>SELECT 3</c>, <c>INSERT 0 1</c>.</param>
    void Complete(string commandTag);

    /// <summary>An empty query string.</summary>
    void Empty();

    /// <summary>COPY TO STDOUT begins.</summary>
    void CopyOutBegin(int columns, bool isBinary);

    /// <summary>Bytes of a COPY; one row a call. False when the sink is full.</summary>
    bool CopyOutData(ReadOnlySpan<byte> data);

    void CopyOutEnd();
}

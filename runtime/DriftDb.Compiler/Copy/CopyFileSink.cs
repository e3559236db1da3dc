using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY TO a file of the server: takes the bytes that STDOUT would get.</summary>
internal sealed class CopyFileSink(string path) : IResultSink, IDisposable
{
    private FileStream? _file;

    public void Describe(ResultShape shape)
    {
    }

    public bool Rows(TupleBuffer rows, int first, int count, ResultShape shape) => throw new InvalidOperationException("a COPY's rows come as bytes");

    public void Complete(string commandTag)
    {
    }

    public void Empty()
    {
    }

    public void CopyOutBegin(int columns, bool isBinary) => _file = CopyFiles.OpenWrite(path);

    public bool CopyOutData(ReadOnlySpan<byte> data)
    {
        Guarded(data, (file, bytes) => file.Write(bytes));
        return true;
    }

    /// <summary>The rows are in the file, not only on their way there, when the statement is done.</summary>
    public void CopyOutEnd()
    {
        Guarded([], (file, _) => file.Flush(flushToDisk: true));
        Dispose();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private delegate void FileWork(FileStream file, ReadOnlySpan<byte> data);

    private void Guarded(ReadOnlySpan<byte> data, FileWork work)
    {
        try
        {
            work(_file!, data);
        }
        catch (IOException error)
        {
            throw new SqlException(SqlState.IoError, $"could not write to COPY file: {error.Message}");
        }
    }
}

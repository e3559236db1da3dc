using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Files of the server that COPY reads and writes: the user's own, by absolute path, for superusers. They are none of the store's, which is why they don't go through its file system.
/// </summary>
internal static class CopyFiles
{
    /// <summary>What one read takes from a file.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>The path, once it is clear that the user may use it.</summary>
    public static string Path(Session session, CopyStatement copy)
    {
        if (copy.Endpoint is not CopyEndpoint.File file)
            throw new SqlException(SqlState.FeatureNotSupported, "COPY to and from programs is not supported", copy.Span, hint: "Use psql's \\copy, or COPY with a file, STDIN or STDOUT.");
        if (!session.Access.IsSuperuser)
            throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to COPY to or from a file", copy.Span, hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
        if (!copy.IsFrom && !System.IO.Path.IsPathRooted(file.Path)) throw new SqlException(SqlState.InvalidName, "relative path not allowed for COPY to file");
        return file.Path;
    }

    public static FileStream OpenRead(string path) => Open(path, FileMode.Open, FileAccess.Read, "reading", "COPY FROM instructs the server process to read a file. You may want a client-side facility such as psql's \\copy.");

    public static FileStream OpenWrite(string path) => Open(path, FileMode.Create, FileAccess.Write, "writing", "COPY TO instructs the server process to write a file. You may want a client-side facility such as psql's \\copy.");

    private static FileStream Open(string path, FileMode mode, FileAccess access, string purpose, string hint)
    {
        try
        {
            return new FileStream(path, mode, access, FileShare.Read, ChunkBytes);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SqlException(SqlState.UndefinedFile, $"could not open file \"{path}\" for {purpose}: No such file or directory", hint: hint);
        }
        catch (UnauthorizedAccessException)
        {
            throw new SqlException(SqlState.InsufficientPrivilege, $"could not open file \"{path}\" for {purpose}: Permission denied", hint: hint);
        }
        catch (IOException error)
        {
            throw new SqlException(SqlState.IoError, $"could not open file \"{path}\" for {purpose}: {error.Message}", hint: hint);
        }
    }
}

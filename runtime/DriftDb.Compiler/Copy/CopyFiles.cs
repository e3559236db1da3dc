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
        if (!copy.IsFrom && IsInside(file.Path, session.Instance.DataPath))
            throw new SqlException(SqlState.InsufficientPrivilege, "COPY can't write into the database's own directory", copy.Span, hint: "Choose another directory: a file here could take the place of stored data.");
        return file.Path;
    }

    /// <summary>Whether a file lies below a directory, also by way of a link.</summary>
    private static bool IsInside(string path, string directory)
    {
        string root = Final(new DirectoryInfo(directory)) + System.IO.Path.DirectorySeparatorChar;
        var file = new FileInfo(path);
        string real = file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName
            : file.Directory is { Exists: true } folder ? System.IO.Path.Combine(Final(folder), file.Name) : file.FullName;
        return real.StartsWith(root, StringComparison.Ordinal) || file.FullName.StartsWith(root, StringComparison.Ordinal);
    }

    private static string Final(DirectoryInfo directory) => (directory.ResolveLinkTarget(returnFinalTarget: true) ?? directory).FullName;

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

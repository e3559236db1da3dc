using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>COPY with files of the server.</summary>
public sealed class CopyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("driftdb-copy-").FullName;
    private readonly TestDatabase _test = new();

    public CopyFileTests()
    {
        Session.Execute("CREATE TABLE t (a int, b text)");
        Session.Execute("INSERT INTO t VALUES (1, 'x,\"y'), (2, NULL), (3, E'line\\nline')");
    }

    private DriftSession Session => _test.Session("one");

    public void Dispose()
    {
        _test.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("FORMAT text")]
    [InlineData("FORMAT csv, HEADER")]
    [InlineData("FORMAT binary")]
    public void What_was_written_is_read_back(string options)
    {
        string path = Path.Combine(_folder, "t.copy");
        Session.Execute($"COPY t TO '{path}' WITH ({options})");
        Session.Execute("CREATE TABLE u (LIKE t)");
        Session.Execute($"COPY u FROM '{path}' WITH ({options})");
        Assert.Equal(0L, Session.Query("SELECT count(*) FROM ((TABLE t EXCEPT ALL TABLE u) UNION ALL (TABLE u EXCEPT ALL TABLE t)) AS x")[0].GetInt64(0));
        Assert.Equal(3L, Session.Query("SELECT count(*) FROM u")[0].GetInt64(0));
    }

    [Fact]
    public void Only_superusers_may_and_nobody_into_the_database()
    {
        Session.Execute("CHECKPOINT");
        string own = Path.Combine(_test.DataPath, "MANIFEST"), link = Path.Combine(_folder, "link");
        byte[] before = File.ReadAllBytes(own);
        File.CreateSymbolicLink(link, own);
        foreach (string path in new[] { own, link, Path.Combine(_test.DataPath, "wal", "..", "x") })
            Assert.Equal(SqlState.InsufficientPrivilege, Assert.Throws<SqlException>(() => Session.Execute($"COPY t TO '{path}'")).SqlState);
        Assert.Equal(before, File.ReadAllBytes(own));
        Session.Execute("CREATE ROLE reader");
        Session.Execute("GRANT SELECT ON t TO reader");
        Session.Execute("SET ROLE reader");
        string outside = Path.Combine(_folder, "t.copy");
        Assert.Equal(SqlState.InsufficientPrivilege, Assert.Throws<SqlException>(() => Session.Execute($"COPY t TO '{outside}'")).SqlState);
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public void A_file_that_is_not_there_or_a_relative_path_is_an_error()
    {
        Assert.Equal(SqlState.UndefinedFile, Assert.Throws<SqlException>(() => Session.Execute($"COPY t FROM '{Path.Combine(_folder, "none")}'")).SqlState);
        Assert.Equal(SqlState.InvalidName, Assert.Throws<SqlException>(() => Session.Execute("COPY t TO 'relative'")).SqlState);
        Assert.Equal(3L, Session.Query("SELECT count(*) FROM t")[0].GetInt64(0));
    }
}

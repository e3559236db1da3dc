using System.Text;
using DriftDb.Storage;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>What erasure and retention leave in the files: the whole data directory is searched for what should be gone.</summary>
public sealed class ErasureTests : IDisposable
{
    private const string Secret = "Zaphod-Beeblebrox-42";

    private readonly string _path = Path.Combine(Path.GetTempPath(), "driftdb-erasure-" + Guid.NewGuid().ToString("N"));
    private readonly ManualClock _clock = new();

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("CHECKPOINT")]
    [InlineData("COMPACT person")]
    public void Erased_values_are_in_no_file_of_the_data_directory(string before)
    {
        using (var database = Open())
        {
            using var session = database.OpenSession();
            session.Execute("CREATE TABLE person (id int PRIMARY KEY, name text, note text)");
            session.Execute("CREATE INDEX person_name ON person (name)");
            session.Execute("CREATE UNIQUE INDEX person_note ON person (upper(note))");
            session.Execute("INSERT INTO person SELECT g, 'name ' || g, 'note ' || g FROM generate_series(1, 3000) AS g");
            session.Execute($"UPDATE person SET name = '{Secret}' WHERE id IN (7, 2000)");
            session.Execute("CHECKPOINT");
            session.Execute($"UPDATE person SET note = '{Secret} ' || id WHERE id IN (8, 2001)");
            session.Execute("DELETE FROM person WHERE id IN (7, 8)");
            session.Execute("ANALYZE person");
            session.Query(before);
            session.Execute($"UPDATE person SET note = 'other ' || id WHERE id = 2001");
            session.Query("SELECT count(*) FROM person WHERE name > 'n'");
            // Values that the log writer has not flushed yet would prove nothing.
            Assert.NotEmpty(FilesWith(Plain(Secret)).Concat(FilesWith(Plain("Beeblebrox"))).Concat(before == "SELECT 1" ? [] : ["compressed"]));

            session.Execute($"ERASE FROM person WHERE name = '{Secret}' OR note LIKE '{Secret}%'");
            Assert.Empty(FilesWith(Plain(Secret)));
            Assert.Empty(FilesWith(Plain(Secret.ToUpperInvariant())));
            Assert.Equal("2996", session.Query("SELECT count(*) FROM person FOR SYSTEM_TIME ALL WHERE name <> 'x'").Single()[0]!.ToString());
        }

        Assert.Empty(FilesWith(Plain(Secret)));
        // Snapshots are compressed, so what they hold is asked of the store: nothing that a replay of the segments doesn't have.
        Assert.Empty(StoreDoctor.Check(_path));
        Assert.DoesNotContain(Unpacked(), block => Contains(block, Plain(Secret)) || Contains(block, Plain(Secret.ToUpperInvariant())));
        using (var database = Open())
        {
            using var session = database.OpenSession();
            Assert.Empty(session.Query($"SELECT 1 FROM person FOR SYSTEM_TIME ALL WHERE name = '{Secret}' OR note LIKE '{Secret}%'"));
            Assert.Equal("4", session.Query("SELECT sum(rows) FROM drift.erasures").Single()[0]!.ToString());
        }
    }

    [Fact]
    public void Retention_gives_the_space_back()
    {
        using var database = Open();
        using var session = database.OpenSession();
        session.Execute("CREATE TABLE reading (id int PRIMARY KEY, v text) WITH (history_retention = '1 day')");
        session.Execute("INSERT INTO reading SELECT g, md5(g::text) FROM generate_series(1, 2000) AS g");
        for (int i = 0; i < 20; i++) session.Execute($"UPDATE reading SET v = md5((id * 31 + {i})::text)");
        session.Execute("COMPACT reading");
        long before = SizeOf(_path);
        Assert.Equal(21 * 2000L, Count(session, "reading FOR SYSTEM_TIME ALL"));
        _clock.NowMicros += 2 * Interval.MicrosecondsPerDay;
        session.Execute("UPDATE reading SET v = 'now' WHERE id = 1");
        session.Execute("COMPACT reading");
        Assert.Equal(2001, Count(session, "reading FOR SYSTEM_TIME ALL"));
        Assert.Equal(2000, Count(session, "reading"));
        long after = SizeOf(_path);
        Assert.True(after * 5 < before, $"{before} bytes before, {after} after");
    }

    private static long Count(DriftSession session, string table) => long.Parse(session.Query($"SELECT count(*) FROM {table}").Single()[0]!.ToString()!, System.Globalization.CultureInfo.InvariantCulture);

    private DriftDatabase Open() => DriftDatabase.Open(_path, new InstanceOptions { Store = new StoreOptions { Clock = _clock, WalFileBytes = 1 << 16 } });

    private static long SizeOf(string path) => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/wal/", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length);

    private static byte[] Plain(string text) => Encoding.UTF8.GetBytes(text);

    private List<string> FilesWith(byte[] bytes) => [.. Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories).Where(file => Contains(ReadShared(file), bytes))];

    private static bool Contains(byte[] content, byte[] bytes) => content.AsSpan().IndexOf(bytes) >= 0;

    private static byte[] ReadShared(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException) when (path.EndsWith(".lock", StringComparison.Ordinal))
        {
            return [];
        }
    }

    /// <summary>Every zstd frame in every snapshot file, unpacked.</summary>
    private IEnumerable<byte[]> Unpacked()
    {
        using var decompressor = new ZstdSharp.Decompressor();
        foreach (string path in Directory.EnumerateFiles(_path, "*.snap", SearchOption.AllDirectories))
        {
            byte[] file = ReadShared(path);
            for (int at = 64; at + 12 <= file.Length;)
            {
                int stored = BitConverter.ToInt32(file, at);
                yield return decompressor.Unwrap(file.AsSpan(at + 12, stored)).ToArray();
                at += 12 + stored;
            }
        }
    }

    private sealed class ManualClock : IClock
    {
        public long NowMicros { get; set; } = 800_000_000_000_000;
    }
}

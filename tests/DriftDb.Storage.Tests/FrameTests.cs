using System.Text.RegularExpressions;
using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Decision 0001's test vectors, read from the document itself: <c>vector name identity=hex frame=hex</c>.</summary>
public sealed class FrameTests
{
    private const ulong Identity = 0x0123_4567_89AB_CDEF;
    private const long UnixMs = 1_735_689_600_000;

    [Theory]
    [InlineData("insert")]
    [InlineData("patch")]
    [InlineData("soft_delete")]
    [InlineData("commit")]
    [InlineData("truncate")]
    [InlineData("object")]
    [InlineData("sequence")]
    [InlineData("bulk_insert")]
    [InlineData("batch")]
    public void Frames_are_as_the_decision_says(string name)
    {
        byte[] expected = Vectors()[name];
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(Encode(name)));
        Assert.True(Frame.TryRead(expected, Identity, out Frame frame));
        Assert.Equal(expected.Length, frame.LengthBytes);
        Assert.Equal(UnixMs, frame.UnixMs);
        Assert.False(Frame.TryRead(expected, Identity + 1, out _));
        for (int i = 0; i < expected.Length; i++)
        {
            byte[] damaged = (byte[])expected.Clone();
            damaged[i] ^= 0x10;
            Assert.False(Frame.TryRead(damaged, Identity, out _), $"damage at byte {i} isn't noticed");
            Assert.False(Frame.TryRead(expected.AsSpan(0, i), Identity, out _));
        }
    }

    [Fact]
    public void Headers_are_as_the_decision_says()
    {
        byte[] bytes = new byte[FileHeader.LengthBytes];
        new FileHeader(FileHeader.WalMagic, Identity, 2, 0xFEDC_BA98_7654_3210, 1000).Write(bytes);
        Assert.Equal(Convert.ToHexStringLower(Vectors()["header"]), Convert.ToHexStringLower(bytes));
        Assert.True(FileHeader.TryRead(bytes, FileHeader.WalMagic, out FileHeader header));
        Assert.Equal(new FileHeader(FileHeader.WalMagic, Identity, 2, 0xFEDC_BA98_7654_3210, 1000), header);
        bytes[20] ^= 1;
        Assert.False(FileHeader.TryRead(bytes, FileHeader.WalMagic, out _));
    }

    private static unsafe byte[] Encode(string name)
    {
        var log = new LogBuffer();
        TableDefinition table = Rows.Definition();
        var buffer = new TupleBuffer(table.Layout);
        byte* old = Rows.Tuple(buffer, new TestRow(1, 200, "one")), changed = Rows.Tuple(buffer, new TestRow(1, null, "two"));
        switch (name)
        {
            case "insert": EventWriter.Insert(log, 300, UnixMs, 1, 5, table, old); break;
            case "patch": EventWriter.Patch(log, 301, UnixMs, 1, 5, table, old, changed); break;
            case "soft_delete": EventWriter.Delete(log, 302, UnixMs, 1, 5); break;
            case "truncate": EventWriter.Truncate(log, 303, UnixMs, 1); break;
            case "commit": EventWriter.Commit(log, UnixMs, 7, new CommittedTransaction(300, 303, 789_004_800_000_000, 2, "ann", "psql", null)); break;
            case "object": EventWriter.Object(log, 303, UnixMs, 16, 9, [1, 2, 3]); break;
            case "sequence": EventWriter.SequenceAdvance(log, 303, UnixMs, 4, 33, true); break;
            case "bulk_insert": EventWriter.BulkInsert(log, 304, UnixMs, 1, 6, table, old, 2); break;
            default:
                byte[] batch = new byte[LogBuffer.HeadroomBytes];
                int length = WriteAheadLog.EncodeBatch(batch, 64, UnixMs);
                Frame.Seal(batch.AsSpan(0, length), Identity);
                return batch[..length];
        }

        Frame.Seal(log.Frames, Identity);
        return log.Frames.ToArray();
    }

    private static Dictionary<string, byte[]> Vectors()
    {
        var vectors = new Dictionary<string, byte[]>();
        var files = new RealFileSystem(FindRoot());
        using IFile file = files.Open("docs/decisions/0001-frame-format.md", create: false);
        byte[] text = new byte[file.LengthBytes];
        file.Read(0, text);
        foreach (Match match in Regex.Matches(System.Text.Encoding.UTF8.GetString(text), @"^vector (\w+) ([0-9a-f]+)$", RegexOptions.Multiline))
            vectors[match.Groups[1].Value] = Convert.FromHexString(match.Groups[2].Value);
        return vectors;
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (Path.Exists(Path.Combine(directory.FullName, "DriftDb.Compiler.sln"))) return directory.FullName;
        }

        throw new InvalidOperationException("The tests run outside the source tree.");
    }
}

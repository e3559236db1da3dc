using System.Collections.Immutable;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>
/// One checkpoint: deals the frames of finished log files out to the tables' segments, the catalog and the list of commits. It reads the log and nothing else, so writers and readers don't notice it.
/// </summary>
internal sealed class CheckpointRun : IDisposable
{
    public const string CatalogDirectory = "catalog", CommitsDirectory = "commits", TablesDirectory = "tables";

    /// <summary>The list of commits is read a segment at a time, so its segments stay small.</summary>
    private const long LargestCommitsBytes = 4 << 20;

    private readonly IFileSystem _files;
    private readonly IRandom _random;
    private readonly Manifest _before;
    private readonly SegmentWriter _catalog, _commits;
    private readonly Dictionary<long, (string Directory, SegmentWriter Writer)> _tables = [];
    private readonly Dictionary<long, SequenceValue> _sequences;
    private readonly HashSet<string> _directories;
    private readonly long _segmentBytes;
    private long _commitCount, _sequence, _time;

    public CheckpointRun(IFileSystem files, StoreOptions options, Manifest before)
    {
        _segmentBytes = options.SegmentBytes;
        IRandom random = options.Random;
        _files = files;
        _random = random;
        _before = before;
        _commitCount = before.CommitCount;
        _sequence = before.CheckpointSequence;
        _time = before.CheckpointTime;
        _sequences = before.Sequences.ToDictionary(sequence => sequence.Id);
        _catalog = new SegmentWriter(files, random, CatalogDirectory, 0, before.Catalog, _segmentBytes);
        _commits = new SegmentWriter(files, random, CommitsDirectory, 0, before.Commits, Math.Min(_segmentBytes, LargestCommitsBytes));
        _directories = [.. before.Tables.Select(table => table.Directory)];
    }

    /// <summary>Tables whose files changed, with the directory of each.</summary>
    public IEnumerable<(long TableId, string Directory)> Touched => _tables.Select(pair => (pair.Key, pair.Value.Directory));

    /// <summary>Takes a committed transaction's frames from a log file.</summary>
    public void Take(LoggedTransaction transaction)
    {
        transaction.ReadLast(out Frame last, out ReadOnlyMemory<byte> payload);
        if (last.Type == EventType.SequenceAdvance)
        {
            var sequence = new MessagePackReader(payload);
            var value = new SequenceValue(sequence.ReadInt64(), sequence.ReadInt64(), sequence.ReadBoolean());
            _sequences[value.Id] = value;
            return;
        }

        var commit = new MessagePackReader(payload);
        long number = commit.ReadInt64();
        if (number <= _commitCount) return;
        _commitCount = number;
        _sequence = last.Sequence;
        commit.ReadInt64();
        _time = commit.ReadInt64();
        byte[] commitFrame = last.Whole.ToArray();
        bool hasObjects = false;
        transaction.ReadEvents((in Frame frame, ReadOnlyMemory<byte> content) =>
        {
            hasObjects |= frame.Type == EventType.Object;
            Take(frame, content);
        });
        if (hasObjects) _catalog.Append(commitFrame);
        _commits.Append(commitFrame);
    }

    private void Take(in Frame frame, ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        if (frame.Type != EventType.Object)
        {
            WriterOf(reader.ReadInt64(), null).Append(frame.Whole);
            return;
        }

        _catalog.Append(frame.Whole);
        if (reader.ReadInt32() != ObjectKind.Table) return;
        // The table's segments tell for themselves which definition its events were made under.
        long tableId = reader.ReadInt64();
        TableDefinition? definition = reader.TryReadNil() ? null : ObjectCodec.DecodeTable(tableId, EventReader.Binary(ref reader).ToArray());
        WriterOf(tableId, definition).Append(frame.Whole);
    }

    /// <summary>Syncs all files and says what the new manifest is.</summary>
    public Manifest Finish(long firstLogFile)
    {
        _catalog.Finish();
        _commits.Finish();
        foreach ((_, SegmentWriter writer) in _tables.Values) writer.Finish();
        foreach ((string directory, _) in _tables.Values) _files.SyncDirectory($"{TablesDirectory}/{directory}");
        if (_tables.Count > 0) _files.SyncDirectory(TablesDirectory);
        _files.SyncDirectory("");
        var tables = _before.Tables.Where(table => !_tables.ContainsKey(table.TableId))
            .Concat(_tables.Select(pair => BeforeOf(pair.Key) is { } known ? known with { Segments = pair.Value.Writer.Segments } : new TableFiles(pair.Key, pair.Value.Directory, pair.Value.Writer.Segments))).OrderBy(table => table.TableId);
        return new Manifest(firstLogFile, _commitCount, _sequence, [.. _sequences.Values.OrderBy(sequence => sequence.Id)], _catalog.Segments, _commits.Segments, [.. tables]) { CheckpointTime = _time };
    }

    private TableFiles? BeforeOf(long tableId) => _before.Tables.FirstOrDefault(table => table.TableId == tableId);

    public void Dispose()
    {
        _catalog.Dispose();
        _commits.Dispose();
        foreach ((_, SegmentWriter writer) in _tables.Values) writer.Dispose();
    }

    private SegmentWriter WriterOf(long tableId, TableDefinition? definition)
    {
        if (_tables.TryGetValue(tableId, out (string Directory, SegmentWriter Writer) known)) return known.Writer;
        TableFiles? before = BeforeOf(tableId);
        string directory = before?.Directory ?? NewDirectory(tableId, definition);
        string path = $"{TablesDirectory}/{directory}/segments";
        if (before is null) _files.CreateDirectory(path);
        var writer = new SegmentWriter(_files, _random, path, tableId, before?.Segments ?? ImmutableArray<SegmentInfo>.Empty, _segmentBytes);
        _tables.Add(tableId, (directory, writer));
        return writer;
    }

    /// <summary>A table of schema public has a directory of its own name; others, and names used before, get one that can't clash.</summary>
    private string NewDirectory(long tableId, TableDefinition? definition)
    {
        string name = definition is null ? "table" : definition.SchemaName == "public" ? definition.Name : $"{definition.SchemaName}.{definition.Name}";
        bool isPlain = name.Length is > 0 and < 100 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-') && name[0] != '.';
        string directory = isPlain && !_directories.Contains(name) ? name : $"{(isPlain ? name : "table")}-{tableId}";
        _directories.Add(directory);
        return directory;
    }
}

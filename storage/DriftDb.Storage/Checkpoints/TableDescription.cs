using System.Text.Json;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace DriftDb.Storage;

/// <summary>
/// <c>schema.yaml</c> and <c>meta.json</c> beside a table's segments: for people and tools to read. The store itself never reads them, so they are replaced without ceremony.
/// </summary>
internal static class TableDescription
{
    private static readonly ISerializer Yaml = new SerializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build();

    public static void Write(IFileSystem files, string directory, StorageTable table, Func<long, (long Sequence, long TimeMicros)> stampOf)
    {
        TableDefinition current = table.Definition;
        var schema = new
        {
            table.Id,
            Schema = current.SchemaName,
            current.Name,
            Dropped = table.IsDropped,
            Versions = table.DefinitionHistory.Select(version => new
            {
                version.CatalogVersion,
                SinceSequence = stampOf(version.CatalogVersion).Sequence,
                Since = TimeText(stampOf(version.CatalogVersion).TimeMicros),
                Name = version.Definition is { } named ? $"{named.SchemaName}.{named.Name}" : null,
                HistoryRetention = version.Definition?.HistoryRetention is { } kept ? new { kept.Months, kept.Days, kept.Microseconds } : null,
                Columns = version.Definition?.Columns.Select(column => new { column.Id, column.Name, Type = column.Type.ToString(), HasMissingValue = column.MissingValue is not null }).ToArray(),
            }).ToArray(),
            Indexes = table.Indexes.Select(index => new { index.Definition.Id, index.Definition.Name, index.Definition.IsUnique, index.Definition.IsOrdered }).ToArray(),
        };
        Replace(files, $"{directory}/schema.yaml", System.Text.Encoding.UTF8.GetBytes(Yaml.Serialize(schema)));
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", 1);
            writer.WriteNumber("id", table.Id);
            writer.WriteNumber("live_rows", table.LiveRowCount);
            writer.WriteNumber("stored_versions", table.StoredVersionCount);
            // For backups and people: what is older than the floor, and the rows of these erasures, are in no file of the table any more.
            writer.WriteNumber("history_floor", table.Floor);
            writer.WriteStartArray("erasures");
            foreach (Erasure erasure in table.Store.Erasures.Where(erasure => erasure.TableId == table.Id))
            {
                writer.WriteStartObject();
                writer.WriteNumber("number", erasure.Number);
                writer.WriteNumber("sequence", erasure.Sequence);
                writer.WriteString("time", TimeText(erasure.TimeMicros));
                writer.WriteNumber("rows", erasure.Rows.Count);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        Replace(files, $"{directory}/meta.json", json.ToArray());
    }

    /// <summary>µs since 2000 as ISO 8601 in UTC.</summary>
    private static string TimeText(long micros) => new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(micros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void Replace(IFileSystem files, string path, byte[] bytes)
    {
        string temporary = path + ".tmp";
        if (files.Exists(temporary)) files.Delete(temporary);
        using (IFile file = files.Open(temporary, create: true)) file.Write(0, bytes);
        files.Rename(temporary, path);
    }
}

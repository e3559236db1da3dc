using System.IO.Compression;

namespace DriftDb.EndToEnd.Tests;

/// <summary>One record of a sqllogictest file.</summary>
/// <param name="Line">The line of its <c>statement</c> or <c>query</c>.</param>
/// <param name="Sql">The statement or query.</param>
/// <param name="Types">A query's column types (I, R, T); null for a statement.</param>
/// <param name="Sort">nosort, rowsort or valuesort.</param>
/// <param name="Expected">A query's result, value by value, or its hash; "ok" or "error" for a statement.</param>
public sealed record SqlLogicRecord(int Line, string Sql, string? Types, string Sort, IReadOnlyList<string> Expected)
{
    /// <summary>The file's records for PostgreSQL.</summary>
    public static IEnumerable<SqlLogicRecord> Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        int line = 0;
        var block = new List<string>();
        int start = 1;
        while (true)
        {
            string? text = reader.ReadLine();
            line++;
            if (!string.IsNullOrWhiteSpace(text))
            {
                if (block.Count == 0) start = line;
                block.Add(text);
                continue;
            }

            if (block.Count > 0)
            {
                if (Parse(block, start, out bool halt) is { } record) yield return record;
                if (halt) yield break;
                block.Clear();
            }

            if (text is null) yield break;
        }
    }

    private static SqlLogicRecord? Parse(List<string> lines, int start, out bool halt)
    {
        halt = false;
        int at = 0;
        bool skip = false;
        while (at < lines.Count)
        {
            string line = lines[at].Trim();
            if (line.StartsWith('#')) { at++; continue; }
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "skipif") skip |= words[1] == "postgresql";
            else if (words[0] == "onlyif") skip |= words[1] != "postgresql";
            else break;
            at++;
        }

        // Comment lines were counted with the rest: `at` is the head's place in the block.
        if (at == lines.Count) return null;
        string[] head = lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (head[0] == "halt")
        {
            halt = !skip;
            return null;
        }

        if (skip || head[0] == "hash-threshold") return null;
        int results = lines.FindIndex(at, line => line == "----");
        string sql = string.Join("\n", lines.Skip(at + 1).Take((results < 0 ? lines.Count : results) - at - 1));
        return head[0] switch
        {
            "statement" => new SqlLogicRecord(start + at, sql, null, "", [head[1]]),
            "query" => new SqlLogicRecord(start + at, sql, head[1], head.Length > 2 ? head[2] : "nosort", results < 0 ? [] : lines.Skip(results + 1).ToList()),
            _ => throw new FormatException($"line {start}: {lines[at]}"),
        };
    }
}

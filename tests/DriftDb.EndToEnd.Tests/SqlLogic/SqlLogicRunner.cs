using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DriftDb.Compiler;
using DriftDb.Types;

namespace DriftDb.EndToEnd.Tests;

/// <summary>Runs sqllogictest records against an embedded database, and says what differs.</summary>
public static class SqlLogicRunner
{
    /// <summary>Runs up to so many records of a file; gives the failures and the number of records run.</summary>
    public static (int Run, List<string> Failures) Run(string path, string name, int most, IReadOnlySet<string> leftOut)
    {
        using var directory = new TemporaryDirectory();
        using var database = DriftDatabase.Open(directory.Path, new InstanceOptions { Store = new Storage.StoreOptions { SyncCommits = false } });
        var failures = new List<string>();
        int run = 0;
        foreach (var record in SqlLogicRecord.Read(path).Take(most))
        {
            if (leftOut.Contains($"{name}:{record.Line}")) continue;
            run++;
            if (Check(database, record) is { } problem) failures.Add($"{name}:{record.Line}: {problem}\n    {record.Sql.Replace("\n", " ")}");
        }

        return (run, failures);
    }

    private static string? Check(DriftDatabase database, SqlLogicRecord record)
    {
        try
        {
            if (record.Types is null)
            {
                database.Execute(record.Sql);
                return record.Expected[0] == "error" ? "must fail and didn't" : null;
            }

            var rows = database.Query(record.Sql).Select(row => Enumerable.Range(0, row.Count).Select(i => Render(row, i, record.Types[Math.Min(i, record.Types.Length - 1)])).ToArray()).ToList();
            if (rows.Count > 0 && rows[0].Length != record.Types.Length) return $"{rows[0].Length} columns, not {record.Types.Length}";
            if (record.Sort == "rowsort") rows.Sort((a, b) => CompareRows(a, b));
            var values = rows.SelectMany(row => row).ToList();
            if (record.Sort == "valuesort") values.Sort(string.CompareOrdinal);
            return Compare(values, record.Expected);
        }
        catch (SqlException error)
        {
            return record.Types is null && record.Expected[0] == "error" ? null : $"{error.SqlState} {error.Message}";
        }
    }

    private static string? Compare(List<string> values, IReadOnlyList<string> expected)
    {
        if (expected is [var only] && only.Contains(" values hashing to ", StringComparison.Ordinal))
        {
            string hash = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(string.Concat(values.Select(value => value + "\n")))));
            string got = $"{values.Count} values hashing to {hash}";
            return got == only ? null : $"{got}, not {only}";
        }

        return values.SequenceEqual(expected) ? null : $"[{string.Join(", ", values.Take(12))}], not [{string.Join(", ", expected.Take(12))}]";
    }

    private static int CompareRows(string[] a, string[] b)
    {
        for (int i = 0; i < a.Length; i++)
            if (string.CompareOrdinal(a[i], b[i]) is not 0 and var order) return order;
        return 0;
    }

    private static string Render(DriftRow row, int column, char type)
    {
        if (row.IsNull(column)) return "NULL";
        string text = row.GetString(column);
        switch (type)
        {
            case 'I':
                if (row.Columns[column].Type.Id == TypeId.Bool) return text == "t" ? "1" : "0";
                return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? decimal.Truncate(number).ToString("0", CultureInfo.InvariantCulture) : text;
            case 'R':
                return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal real) ? real.ToString("0.000", CultureInfo.InvariantCulture) : text;
            default:
                return text.Length == 0 ? "(empty)" : string.Concat(text.Select(c => c is < ' ' or > '~' ? '@' : c));
        }
    }
}

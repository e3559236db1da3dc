namespace DriftDb.Conformance;

/// <summary>What a statement of a feature must do: run, and answer <see cref="Rows"/> where it gives rows; or fail with <see cref="SqlState"/>.</summary>
/// <param name="Line">Of the file, counted from 1.</param>
/// <param name="Sql">Without its semicolon.</param>
/// <param name="Rows">Values joined by '|', NULL as NULL; empty for a statement without rows.</param>
/// <param name="SqlState">Null where it must run.</param>
internal sealed record Expectation(int Line, string Sql, IReadOnlyList<string> Rows, string? SqlState);

/// <summary>
/// A feature of the standard and the statements that show it: an SQL file that psql can run as well. A line that begins with <c>--&gt;</c> is a row that the
/// statement above must answer, <c>--!</c> the SQLSTATE that it must fail with, <c>-- not testable:</c> says why there is nothing to run.
/// A statement ends with the line that ends in a semicolon.
/// </summary>
internal sealed record FeatureFile(string Id, string? NotTestable, IReadOnlyList<Expectation> Statements)
{
    private const string RowMark = "--> ", ErrorMark = "--! ", NotTestableMark = "-- not testable: ";

    public static FeatureFile Read(string path)
    {
        var statements = new List<Expectation>();
        var sql = new List<string>();
        string? notTestable = null;
        int number = 0, first = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.StartsWith(NotTestableMark, StringComparison.Ordinal)) notTestable = line[NotTestableMark.Length..];
            else if (line.StartsWith(RowMark, StringComparison.Ordinal)) Amend(last => last with { Rows = [.. last.Rows, line[RowMark.Length..]] });
            else if (line.StartsWith(ErrorMark, StringComparison.Ordinal)) Amend(last => last with { SqlState = line[ErrorMark.Length..].Trim() });
            else if (sql.Count == 0 && (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal))) continue;
            else
            {
                if (sql.Count == 0) first = number;
                sql.Add(line);
                if (!EndsStatement(line)) continue;
                statements.Add(new Expectation(first, string.Join('\n', sql).TrimEnd().TrimEnd(';'), [], null));
                sql.Clear();
            }
        }
        if (sql.Count > 0) throw new FormatException($"{path}: the statement of line {first} has no end");
        return new FeatureFile(Path.GetFileNameWithoutExtension(path), notTestable, statements);

        void Amend(Func<Expectation, Expectation> change)
        {
            if (statements.Count == 0) throw new FormatException($"{path}:{number}: an expectation without a statement");
            statements[^1] = change(statements[^1]);
        }
    }

    private static bool EndsStatement(string line)
    {
        int comment = line.LastIndexOf("; --", StringComparison.Ordinal);
        return comment >= 0 || line.TrimEnd().EndsWith(';');
    }
}

using Npgsql;

namespace DriftDb.Conformance;

/// <summary>What a server made of a feature.</summary>
/// <param name="Right">How many statements did what they must.</param>
/// <param name="Total">Of how many; 0 where nothing can be tested.</param>
/// <param name="Parses">No statement that must run was refused by the grammar (42601).</param>
/// <param name="Missing">The first statements that didn't do what they must, and what happened; empty for none.</param>
internal sealed record FeatureResult(int Right, int Total, bool Parses, IReadOnlyList<string> Missing)
{
    public bool IsFull => Right == Total;
}

/// <summary>Runs a feature's statements, one after the other, in a schema that is made for it and dropped again.</summary>
internal sealed class FeatureRun(string connectionString)
{
    private const string Schema = "conformance";

    public FeatureResult Run(FeatureFile feature)
    {
        // A session for each: what a feature leaves behind (a failed transaction, a role, a cursor) mustn't reach the next.
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        Execute(connection, $"DROP SCHEMA IF EXISTS {Schema} CASCADE");
        Execute(connection, $"CREATE SCHEMA {Schema}");
        Execute(connection, $"SET search_path TO {Schema}");
        Execute(connection, "SET extra_float_digits TO 1");
        int right = 0;
        bool parses = true;
        var missing = new List<string>();
        foreach (var statement in feature.Statements)
        {
            if (connection.State != System.Data.ConnectionState.Open)
            {
                missing.Add($"line {statement.Line}: the server has closed the connection");
                break;
            }

            var (rows, error) = Answer(connection, statement.Sql);
            string? fault = Fault(statement, rows, error);
            if (fault is null) right++;
            else missing.Add($"line {statement.Line}: {fault}");
            parses &= !(statement.SqlState is null && error?.SqlState == PostgresErrorCodes.SyntaxError);
        }
        return new FeatureResult(right, feature.Statements.Count, parses, missing);
    }

    /// <summary>Null where the statement did what it must.</summary>
    private static string? Fault(Expectation expected, IReadOnlyList<string> rows, PostgresException? error) => (expected.SqlState, error) switch
    {
        (null, not null) => $"{error.SqlState} {error.MessageText}",
        (not null, null) => $"no error {expected.SqlState}",
        (not null, not null) => expected.SqlState == error.SqlState ? null : $"{error.SqlState} {error.MessageText}, not {expected.SqlState}",
        _ when rows.SequenceEqual(expected.Rows) => null,
        _ => $"answers {Shown(rows)}, not {Shown(expected.Rows)}",
    };

    private static string Shown(IReadOnlyList<string> rows) => rows.Count == 0 ? "nothing" : string.Join(" / ", rows);

    private static (IReadOnlyList<string> Rows, PostgresException? Error) Answer(NpgsqlConnection connection, string sql)
    {
        var rows = new List<string>();
        try
        {
            using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
            using var reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "NULL" : reader.GetString(column))));
            return (rows, null);
        }
        catch (PostgresException error)
        {
            return (rows, error);
        }
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}

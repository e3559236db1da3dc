using System.Diagnostics;
using DriftDb.Compiler;
using DuckDB.NET.Data;

// DriftDB's embedded API and DuckDB over the same files, in one process, in turns, one thread each: medians in ms.
// Usage: DriftDb.Benchmarks TPCH_FOLDER DRIFTDB_DATA_DIRECTORY [runs] [query numbers]
// The folder has schema.sql, data/*.csv.gz and queries/qNN.sql; the data directory has the same tables loaded already.
// Prints lines "duckdb|query|DriftDB's median|DuckDB's median".
string folder = args[0];
int runs = args.Length > 2 ? int.Parse(args[2]) : 5;
int[] numbers = args.Length > 3 ? [.. args[3].Split(',').Select(int.Parse)] : [1, 6, 3, 9];
string[] tables = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"];

using var duck = new DuckDBConnection("DataSource=:memory:");
duck.Open();
Duck("SET threads=1");
foreach (string statement in File.ReadAllText(Path.Combine(folder, "schema.sql")).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) Duck(statement);
foreach (string table in tables) Duck($"COPY {table} FROM '{Path.Combine(folder, "data", table + ".csv.gz")}' (FORMAT csv, HEADER)");

using DriftDatabase drift = DriftDatabase.Open(args[1]);
// Statistics come in the background after opening; the first statement shouldn't wait for being planned again with them.
drift.Execute("ANALYZE");
foreach (int number in numbers)
{
    string sql = File.ReadAllText(Path.Combine(folder, "queries", $"q{number:00}.sql")).Trim().TrimEnd(';');
    using PreparedQuery prepared = drift.Prepare(sql);
    var driftMs = new List<double>();
    var duckMs = new List<double>();
    // The first rounds warm both up: caches, and the compiler in the background.
    for (int run = -3; run < runs; run++)
    {
        var clock = Stopwatch.StartNew();
        int driftRows = prepared.Query().Count;
        double driftTime = clock.Elapsed.TotalMilliseconds;
        clock.Restart();
        int duckRows = Duck(sql);
        double duckTime = clock.Elapsed.TotalMilliseconds;
        if (driftRows != duckRows) throw new InvalidOperationException($"Q{number}: {driftRows} rows, DuckDB has {duckRows}");
        if (run < 0) continue;
        driftMs.Add(driftTime);
        duckMs.Add(duckTime);
    }

    Console.WriteLine(FormattableString.Invariant($"duckdb|Q{number}|{Median(driftMs):0.0}|{Median(duckMs):0.0}"));
}

int Duck(string sql)
{
    using DuckDBCommand command = duck.CreateCommand();
    command.CommandText = sql;
    using DuckDBDataReader reader = command.ExecuteReader();
    int rows = 0;
    while (reader.Read())
    {
        for (int i = 0; i < reader.FieldCount; i++) _ = reader.GetValue(i);
        rows++;
    }

    return rows;
}

static double Median(List<double> values)
{
    values.Sort();
    return values.Count % 2 == 1 ? values[values.Count / 2] : (values[values.Count / 2 - 1] + values[values.Count / 2]) / 2;
}

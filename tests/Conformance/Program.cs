using System.CommandLine;
using DriftDb.Conformance;

var host = new Option<string>("--host") { Description = "The server's address", DefaultValueFactory = _ => "127.0.0.1" };
var port = new Option<int>("--port") { Description = "Its port", DefaultValueFactory = _ => 5432 };
var user = new Option<string>("--user") { Description = "Who logs in: a superuser", DefaultValueFactory = _ => "driftdb" };
var password = new Option<string>("--password") { Description = "With which password", DefaultValueFactory = _ => "driftdb" };
var database = new Option<string>("--database") { Description = "Into which database; the suite makes and drops the schema 'conformance' in it", DefaultValueFactory = _ => "driftdb" };
var only = new Option<string?>("--feature") { Description = "Only the features whose ID begins so" };
var record = new Option<string?>("--record") { Description = "A file for the results, to be put beside DriftDB's in the table" };
var folder = new Option<string>("--suite") { Description = "The folder tests/Conformance", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var root = new RootCommand("Runs the conformance suite against a PostgreSQL-compatible server") { host, port, user, password, database, only, record, folder };
root.SetAction(arguments =>
{
    var suite = ConformanceSuite.Read(arguments.GetValue(folder)!);
    var results = suite.Run($"Host={arguments.GetValue(host)};Port={arguments.GetValue(port)};Username={arguments.GetValue(user)};Password={arguments.GetValue(password)};"
        + $"Database={arguments.GetValue(database)};Pooling=false;Timeout=10;Command Timeout=30", arguments.GetValue(only));
    foreach (var (id, result) in results)
        Console.WriteLine($"{id,-10} {(result.IsFull ? "full" : $"{result.Right}/{result.Total}")}{(result.Parses ? "" : " (grammar)")}{string.Concat(result.Missing.Select(text => "\n           " + text))}");
    int mandatory = results.Count(pair => suite.List.Mandatory.ContainsKey(pair.Key) && pair.Value.IsFull);
    Console.WriteLine($"{results.Values.Count(result => result.IsFull)} of {results.Count} features in full, {mandatory} of {results.Keys.Count(suite.List.Mandatory.ContainsKey)} mandatory ones");
    if (arguments.GetValue(record) is { } file) RecordedResults.Write(file, results);
    return results.Values.All(result => result.IsFull) ? 0 : 1;
});
return root.Parse(args).Invoke();

using System.CommandLine;
using DriftDb.Server;
using DriftDb.Server.Commands;

// Before the first socket of the process.
DriftServer.UseInlineCompletions();

var dataPath = new Option<string>("--data-path", "-D") { Description = "The data directory; it is made where it is missing.", DefaultValueFactory = _ => "./data", Recursive = true };
var serve = ServeCommand.Create(dataPath);
var root = new RootCommand("DriftDB: a time-travel SQL database that speaks PostgreSQL's protocol.")
{
    dataPath,
    serve,
    InitCommand.Create(dataPath),
    SqlCommand.Create(dataPath),
    DoctorCommand.Create(),
};
// Without a verb, the server is meant; so its options stand at the root as well.
foreach (var option in serve.Options) root.Options.Add(option);
root.Action = serve.Action;
return root.Parse(args).Invoke();

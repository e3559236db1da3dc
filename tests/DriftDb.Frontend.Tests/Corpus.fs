/// SQL that others wrote: TPC-H, sqllogictest's files, and what real clients send. It lies in a folder `shared` beside the repository (or where
/// DRIFTDB_SHARED says); tests that need it are skipped with a message where it is missing.
module DriftDb.Frontend.Tests.Corpus

open System
open System.IO
open Expecto

let private findShared () =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | folder ->
            let candidate = Path.Combine(folder.FullName, "shared")

            if Directory.Exists(Path.Combine(candidate, "tpch")) then Some candidate else up folder.Parent

    match Environment.GetEnvironmentVariable "DRIFTDB_SHARED" with
    | null
    | "" -> up (DirectoryInfo AppContext.BaseDirectory)
    | folder -> Some folder

let shared: string option = findShared ()

let requireShared () =
    match shared with
    | Some folder -> folder
    | None -> skiptest "the corpus is missing: no folder `shared` above the repository, and DRIFTDB_SHARED is not set"

/// (name, text) of each file.
let files (folder: string) (pattern: string) =
    Directory.GetFiles(Path.Combine(requireShared (), folder), pattern, SearchOption.AllDirectories)
    |> Array.sort
    |> Array.map (fun path -> Path.GetFileName path, File.ReadAllText path)

let tpch () = files "tpch/queries" "*.sql"

/// psql_bymeta.sql has psql's output among the statements.
let captures () =
    files "pgwire/captures" "*.sql" |> Array.filter (fun (name, _) -> name <> "psql_bymeta.sql")

/// The statements and queries of sqllogictest's files that are expected to work (in PostgreSQL or elsewhere).
let logicTests () =
    [| for name, text in files "sqllogictest" "*.test" do
           for record in text.Replace("\r", "").Split "\n\n" do
               let lines =
                   record.Split '\n'
                   |> Array.filter (fun line -> not (line.StartsWith '#' || line.StartsWith "onlyif" || line.StartsWith "skipif"))

               if lines.Length > 1 && (lines[0].StartsWith "statement ok" || lines[0].StartsWith "query") then
                   name, String.Join('\n', lines[1..] |> Array.takeWhile (fun line -> line <> "----")) |]

/// The statements of the conformance suite's files, one or several each.
let conformance () : (string * string) seq =
    let rec root (folder: DirectoryInfo) =
        match folder.Parent with
        | _ when File.Exists(Path.Combine(folder.FullName, "DriftDb.Compiler.sln")) -> folder.FullName
        | null -> failwith "these tests run inside of the repository"
        | parent -> root parent

    seq {
        for path in Directory.GetFiles(Path.Combine(root (DirectoryInfo AppContext.BaseDirectory), "tests/Conformance/Features"), "*.sql") do
            let lines = File.ReadAllLines path |> Array.filter (fun line -> not (line.StartsWith "--"))

            for statement in String.Join('\n', lines).Split ";\n" do
                Path.GetFileName path, statement
    }

/// SQLite's own forms, which PostgreSQL does not know either: `x IN table`, `IN ()`, `DROP INDEX i ON t`, key prefixes `UNIQUE (a(1))`,
/// `NOT INDEXED`, `x NOT NULL` as a predicate.
let isForeign (sql: string) =
    let sql = sql.Trim()

    Text.RegularExpressions.Regex.IsMatch(
        sql,
        @"\bIN\s+t\d+n?\s*$|\bIN\s*\(\s*\)|^DROP INDEX \w+ on |\(a\s*\(1\)\)|NOT INDEXED|^SELECT.* NOT NULL",
        Text.RegularExpressions.RegexOptions.IgnoreCase
    )

/// Texts that are nearly SQL: whatever a client sends is parsed or is an SqlException, and soon.
module DriftDb.Frontend.Tests.MutationTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open System.Threading.Tasks
open Expecto
open DriftDb.Frontend
open DriftDb.Types

/// How many to try: a few in the ordinary run, DRIFTDB_MUTATIONS for more.
let private count =
    match Int32.TryParse(Environment.GetEnvironmentVariable "DRIFTDB_MUTATIONS") with
    | true, count -> count
    | _ -> 3_000

let private conformance () =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> [||]
        | folder ->
            let features = Path.Combine(folder.FullName, "tests", "Conformance", "Features")
            if Directory.Exists features then Directory.GetFiles(features, "*.sql") |> Array.sort |> Array.map File.ReadAllText else up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

/// Statements of a moderate length: what is wrong with a long one is wrong with its parts.
let private texts =
    lazy
        (Array.concat
            [ conformance () |> Array.collect (fun text -> text.Split ';')
              Corpus.tpch () |> Array.map snd
              Corpus.captures () |> Array.collect (fun (_, text) -> text.Split ';')
              Corpus.logicTests () |> Array.truncate 4_000 |> Array.map snd
              [| "INSERT INTO t {\"a\": [1, 2]}"; "PATCH t KEY \"a\" SET {\"b\": 1}"; "SOFT DELETE FROM t KEY 'a'"; "SELECT * FROM t AS OF @seq:5" |] ]
         |> Array.filter (fun text -> text.Trim() <> "" && text.Length < 2_000))

let private pieces =
    [| "("; ")"; ","; ";"; "'"; "\""; "$$"; "/*"; "*/"; "--"; "{"; "}"; "["; "]"; "::"; "."; "@seq:"; "$1"; "E'\\"; "U&'"; "SELECT"; "FROM"; "WHERE"; "CASE"
       "END"; "NOT"; "AS OF"; "WITH"; "BEGIN ATOMIC"; "\000"; "\uD800"; "é"; "1e"; "0x1"; "- -"; "~" |]

let mutate (random: Random) (text: string) : string =
    let mutable text = text

    for _ in 0 .. random.Next 3 do
        let at = random.Next(text.Length + 1)
        let length = min (random.Next 12) (text.Length - at)

        text <-
            match random.Next 6 with
            | 0 -> text.Remove(at, length)
            | 1 -> text.Insert(at, text.Substring(at, length))
            | 2 -> text.Insert(at, pieces[random.Next pieces.Length])
            | 3 -> text.Insert(at, " " + pieces[random.Next pieces.Length] + " ")
            | 4 when at < text.Length -> text.Remove(at, 1).Insert(at, string (char (random.Next(32, 127))))
            | 4 -> text
            | _ -> if random.Next 8 = 0 then text.Substring(0, at) else text

    text

let tests =
    testList
        "mutations"
        [ testSequenced (
              test "a mutated text is parsed or is an SqlException, within a second" {
                  let texts = texts.Value
                  let mutable slowest = 0L
                  let mutable done' = 0
                  let failures = Collections.Concurrent.ConcurrentQueue<string>()

                  let attempt (seed: int) =
                      let random = Random seed
                      let text = mutate random texts[random.Next texts.Length]
                      let watch = Stopwatch.StartNew()

                      try
                          SqlParser.Parse text |> ignore
                      with
                      | :? SqlException -> ()
                      | error -> failures.Enqueue $"seed {seed}: {error.GetType().Name} {error.Message}: {text}"

                      Interlocked.Increment &done' |> ignore
                      let elapsed = watch.ElapsedMilliseconds

                      // A machine under load may stop us for a while: what is slow must be slow again.
                      if elapsed >= 1_000 then
                          watch.Restart()
                          (try SqlParser.Parse text |> ignore with :? SqlException -> ())
                          if watch.ElapsedMilliseconds >= 1_000 then failures.Enqueue $"seed {seed}: {watch.ElapsedMilliseconds} ms: {text}"

                      slowest <- max slowest elapsed

                  Parallel.For(1, count + 1, attempt) |> ignore
                  let shown = String.Join("\n", failures |> Seq.truncate 10)
                  Expect.isEmpty failures $"{failures.Count} failures (slowest {slowest} ms):\n{shown}"
                  Expect.equal done' count "tried"
              }
          )
          test "nesting of 100,000 is error 54001 in every form" {
              let nested opening inner closing = String.replicate 100_000 opening + inner + String.replicate 100_000 closing

              for text in
                  [ "SELECT " + nested "(" "1" ")"
                    "SELECT " + nested "NOT " "TRUE" ""
                    "SELECT " + nested "- " "1" ""
                    "SELECT " + nested "~ " "1" ""
                    "SELECT " + nested "CASE WHEN a THEN " "1" " END"
                    "SELECT " + nested "(SELECT " "1" ")"
                    "SELECT " + nested "ARRAY[" "1" "]"
                    "SELECT " + nested "f(" "1" ")"
                    "SELECT a" + nested "[" "1" "]"
                    "SELECT * FROM " + nested "(SELECT * FROM " "t" ") x"
                    "SELECT * FROM " + nested "(" "t" ")"
                    nested "(" "SELECT 1" ")"
                    nested "WITH c AS (" "SELECT 1" ") SELECT 1"
                    "INSERT INTO t {\"a\": " + nested "[" "1" "]" + "}"
                    "INSERT INTO t " + nested "{\"a\": " "1" "}"
                    "PATCH t KEY 'a' SET {\"a\": " + nested "[" "1" "]" + "}"
                    "SOFT DELETE FROM t KEY " + nested "(" "1" ")"
                    "SELECT * FROM t AS OF " + nested "(" "1" ")"
                    "CREATE TABLE t (a int CHECK " + nested "(" "1" ")" + ")"
                    "COPY t FROM STDIN WITH (a " + nested "(" "b" ")" + ")"
                    "EXPLAIN SELECT " + nested "(" "1" ")" ] do
                  let state = (try SqlParser.Parse text |> ignore; "none" with :? SqlException as error -> error.SqlState)
                  Expect.equal state SqlState.StatementTooComplex (text.Substring(0, 60))
          } ]

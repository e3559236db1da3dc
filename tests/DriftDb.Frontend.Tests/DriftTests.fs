module DriftDb.Frontend.Tests.DriftTests

open Expecto
open DriftDb.Frontend
open DriftDb.Types

let private forms =
    [ "CREATE TABLE orders (pk=id, INDEX(status, customer_id))"
      "CREATE TABLE orders (pk=id)"
      "INSERT INTO orders {\"id\": \"o;1\", \"a\": \"}'\\\"\", \"n\": [1, {\"x\": null}]}"
      "PATCH orders KEY 'order1' SET {\"status\": \"paid\"}"
      "SOFT DELETE FROM orders KEY 'order1'"
      "SHOW DRIFT orders KEY 'order1'"
      "SHOW DRIFT orders KEY ('a', 5)"
      "PATCH orders KEY $1 SET {\"a\": 1}"
      "SNAPSHOT orders"
      "COMPACT s.orders"
      "BACKUP TO 'dir'"
      "BACKUP TABLE t TO 'dir' WITH (incremental = 'base')"
      "RESTORE DATABASE FROM 'dir' TO @seq:5"
      "VERIFY BACKUP 'dir'"
      "SHOW BACKUPS"
      "ERASE FROM t WHERE id = 'x'" ]

let tests =
    testList
        "DriftQL"
        [ for form in forms do
              test form {
                  let statement = SqlParser.ParseOne form
                  Expect.equal (SqlPrinter.Print statement) form "normal form"
                  Expect.isNone (CorpusTests.identityFailure statement) "print ∘ parse"
              }
          test "both dialects in one script, keywords in any case, semicolons in documents" {
              let script =
                  "create table o (PK=id); insert into o {\"id\": \"a;b\"}; SELECT 1; patch o key \"a\" set {\"x\": \"\"}; soft delete from o key \"a\";"

              let kinds = [ for statement in SqlParser.Parse script -> statement.Node.GetType().Name ]
              Expect.equal kinds [ "DriftCreateTable"; "DriftInsert"; "Query"; "Patch"; "SoftDelete" ] "kinds"
          }
          test "names like DriftQL's words stay names" {
              for sql in
                  [ "SELECT patch, snapshot, key, compact FROM drift"
                    "SHOW drift"
                    "SHOW drift.as_of"
                    "CREATE TABLE pk (pk int)"
                    "INSERT INTO patch VALUES (1)"
                    "SELECT \"x\" FROM t WHERE \"a\" = \"b\"" ] do
                  Expect.isNone (CorpusTests.identityFailure (SqlParser.ParseOne sql)) sql
          }
          test "an alias that is called OF does not make SQL's names DriftQL's strings" {
              match (SqlParser.ParseOne "SELECT x AS of FROM t WHERE a = \"b\"").Node with
              | StatementNode.Query { Body = QueryBody.Select { Where = Some(Expr.Binary(_, _, right, _)) } } -> Expect.isTrue right.IsColumn "a name"
              | _ -> failtest "a query"
          }
          test "errors have their place" {
              for sql, state, at in
                  [ "PATCH t KEY SET {}", SqlState.SyntaxError, 12
                    "SELECT 1; SOFT DELETE t KEY 'x'", SqlState.SyntaxError, 22
                    "INSERT INTO t {\"a\": }", SqlState.InvalidTextRepresentation, 14
                    "INSERT INTO t {\"a\": 1", SqlState.SyntaxError, 14
                    "SNAPSHOT", SqlState.SyntaxError, 8 ] do
                  try
                      SqlParser.Parse sql |> ignore
                      failtest sql
                  with :? SqlException as error ->
                      Expect.equal (error.SqlState, error.Span.Start) (state, at) $"{sql}: {error.Message}"
          } ]

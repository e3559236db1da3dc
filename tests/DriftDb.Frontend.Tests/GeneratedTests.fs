module DriftDb.Frontend.Tests.GeneratedTests

open Expecto
open FsCheck
open FsCheck.FSharp
open DriftDb.Frontend
open DriftDb.Types

let private none = SourceSpan.None
let private identifier text : Identifier = { Name = text; Quoted = false; Span = none }

let private name: Gen<Identifier> =
    Gen.elements [ "a"; "b"; "t"; "Mixed Case"; "select"; "order"; "position"; "of"; "set"; "time"; "naïve"; "x\"y"; "values"; "left"; "at" ]
    |> Gen.map (fun text -> { identifier text with Quoted = not (DriftDb.Grammar.SqlWords.IsPlainName text) })

let private qualified parts : QualifiedName = { Parts = parts; Span = none }

let private column: Gen<Expr> =
    Gen.map2 (fun first rest -> Expr.Column(qualified (first :: rest))) name (Gen.resize 2 (Gen.listOf name))

let private literal: Gen<Expr> =
    Gen.oneof
        [ Gen.constant LiteralValue.Null
          Gen.map LiteralValue.Boolean (Gen.elements [ true; false ])
          Gen.map (fun (value: int64) -> LiteralValue.Integer value) (Gen.elements [ 0L; 1L; -1L; 42L; System.Int64.MaxValue; System.Int64.MinValue ])
          Gen.map LiteralValue.Decimal (Gen.elements [ "1.50"; "1e5"; ".5"; "-2.5"; "99999999999999999999" ])
          Gen.map LiteralValue.String (Gen.elements [ ""; "it's"; "a\\b"; "line\nend"; "--"; "/*"; "$1" ])
          Gen.constant (LiteralValue.BitString "1010")
          Gen.constant (LiteralValue.HexString "1F") ]
    |> Gen.map (fun value -> Expr.Literal(value, none))

let private typeName: Gen<TypeName> =
    let simple text modifiers fields : TypeName =
        { Name = qualified [ identifier text ]
          Modifiers = modifiers |> List.map (fun (value: int64) -> Expr.Literal(LiteralValue.Integer value, none))
          IntervalFields = fields
          ArrayBounds = []
          LengthUnit = None
          SetOf = false
          Span = none }

    Gen.map2
        (fun typeName bounds -> { typeName with TypeName.ArrayBounds = bounds })
        (Gen.elements
            [ simple "int4" [] None
              simple "numeric" [ 10L; 2L ] None
              simple "bpchar" [ 1L ] None
              simple "timestamptz" [ 3L ] None
              simple "time" [] None
              simple "interval" [] (Some IntervalFields.DayToHour)
              simple "interval" [ 3L ] (Some IntervalFields.Second)
              simple "text" [] None ])
        (Gen.elements [ []; [ None ]; [ Some 3; None ] ])

let private operator symbols : Gen<OperatorName> =
    Gen.elements symbols
    |> Gen.map (fun symbol -> { Schema = []; Symbol = symbol; Span = none })

let private qualifiedOperator: Gen<OperatorName> =
    Gen.elements [ "~"; "+"; "="; "||" ]
    |> Gen.map (fun symbol -> { Schema = [ identifier "pg_catalog" ]; Symbol = symbol; Span = none })

let private binary =
    Gen.oneof
        [ operator [ "+"; "-"; "*"; "/"; "%"; "^"; "="; "<>"; "<"; ">="; "||"; "->>"; "@>"; "~*"; "!~"; "#-"; "@-" ]
          qualifiedOperator ]

let private query (value: Expr) : Query =
    { With = None
      Body =
        QueryBody.Select
            (MadeNodes.select [ { Expression = value; Alias = Some(identifier "x"); Columns = []; Span = none } ] [] none)
      OrderBy = []
      Limit = None
      IsPercent = false
      WithTies = false
      Offset = None
      Locking = []
      AsOf = None
      Span = none }

let rec private expr (size: int) : Gen<Expr> =
    if size <= 1 then
        Gen.oneof [ literal; column; Gen.map (fun i -> Expr.Parameter(i, none)) (Gen.choose (1, 9)) ]
    else
        let half = expr (size / 2)
        let third = expr (size / 3)
        let several = Gen.choose (2, 3) |> Gen.bind (fun count -> Gen.listOfLength count third)
        let flag = Gen.elements [ true; false ]

        Gen.oneof
            [ Gen.map3 (fun op a b -> Expr.Binary(op, a, b, none)) binary half half
              Gen.map3 (fun op a b -> Expr.Binary(op, a, b, none)) binary half half
              Gen.map (fun items -> Expr.And(items, none)) several
              Gen.map (fun items -> Expr.Or(items, none)) several
              Gen.map (fun a -> Expr.Not(a, none)) half
              Gen.map2
                  (fun op a ->
                      match op.Symbol, a with
                      // A signed number is a constant.
                      | "-", Expr.Literal((LiteralValue.Integer _ | LiteralValue.Decimal _), _) -> a
                      | _ -> Expr.Unary(op, a, none))
                  (operator [ "-"; "+"; "@"; "~"; "!!" ])
                  half
              Gen.map2 (fun a negated -> Expr.IsNull(a, negated, none)) half flag
              Gen.map3 (fun a truth negated -> Expr.IsTruth(a, truth, negated, none)) half (Gen.elements [ TruthValue.True; TruthValue.Unknown ]) flag
              Gen.map3 (fun a b negated -> Expr.IsDistinctFrom(a, b, negated, none)) half half flag
              Gen.map4 (fun a b c (negated, symmetric) -> Expr.Between(a, b, c, symmetric, negated, none)) third third third (Gen.zip flag flag)
              Gen.map3 (fun a items negated -> Expr.InList(a, items, negated, none)) third several flag
              Gen.map3 (fun a b negated -> Expr.InQuery(a, query b, negated, none)) half half flag
              Gen.map4
                  (fun a b kind negated -> Expr.Like(kind, a, b, None, negated, none))
                  half
                  half
                  (Gen.elements [ LikeKind.Like; LikeKind.ILike; LikeKind.SimilarTo ])
                  flag
              Gen.map3 (fun a b c -> Expr.Like(LikeKind.Like, a, b, Some c, false, none)) third third third
              Gen.map3
                  (fun a op b ->
                      match b with
                      // `ANY ((SELECT …))` is a subquery's rows, as in PostgreSQL.
                      | Expr.Subquery(inner, _) -> Expr.QuantifiedQuery(a, op, Quantifier.Any, inner, none)
                      | _ -> Expr.QuantifiedArray(a, op, Quantifier.Any, b, none))
                  half
                  (operator [ "="; "<>"; "~~"; "!~~*"; "@>" ])
                  half
              Gen.map3 (fun a op b -> Expr.QuantifiedQuery(a, op, Quantifier.All, query b, none)) half (operator [ "="; "<"; "&&" ]) half
              Gen.map (fun a -> Expr.Exists(query a, none)) half
              Gen.map (fun a -> Expr.Unique(query a, none)) half
              Gen.map (fun a -> Expr.Subquery(query a, none)) half
              Gen.map (fun items -> Expr.Array(items, none)) several
              Gen.map (fun items -> Expr.Row(items, false, none)) several
              Gen.map (fun items -> Expr.Row(items, true, none)) several
              Gen.map2 (fun a b -> Expr.Subscript(Expr.Row([ a; b ], true, none), [ Subscript.Index b; Subscript.Slice(Some a, None) ], none)) third third
              Gen.map2 (fun a field -> Expr.Field(Expr.Row([ a ], true, none), field, none)) half name
              Gen.map3
                  (fun a b c -> Expr.Case(Some a, [ { When = [ b ]; Then = c; Span = none } ], Some a, none))
                  third
                  third
                  third
              Gen.map3
                  (fun a op b -> Expr.Case(Some a, [ { When = [ Expr.Binary(op, Expr.CaseOperand none, b, none); b ]; Then = a; Span = none } ], None, none))
                  third
                  (operator [ "="; "<"; ">=" ])
                  third
              Gen.map3
                  (fun a target syntax -> Expr.Cast(a, target, syntax, none))
                  half
                  typeName
                  (Gen.elements [ CastSyntax.Cast; CastSyntax.Colons ])
              Gen.map (fun a -> Expr.Collate(a, qualified [ { identifier "C" with Quoted = true } ], none)) half
              Gen.map2 (fun a b -> Expr.AtTimeZone(a, b, none)) half half
              Gen.map (fun items -> Expr.Coalesce(items, none)) several
              Gen.map2
                  (fun items distinct ->
                      Expr.Call
                          { Name = qualified [ identifier "f" ]
                            Arguments = items |> List.map (fun value -> { Name = None; Value = value; Variadic = false; Span = none })
                            Star = false
                            Distinct = distinct
                            OrderBy = []
                            WithinGroup = []
                            Filter = List.tryHead items
                            IgnoreNulls = None
                            Over = None
                            Span = none })
                  several
                  flag ]

let private generated = Arb.fromGen (Gen.sized (fun size -> expr (min size 40)))

let tests =
    testList
        "generated"
        [ test "printing and parsing an expression gives it back" {
              let property (value: Expr) =
                  let printed = SqlPrinter.PrintExpr value

                  try
                      let again = SqlParser.ParseExpression printed
                      let before = Structure.dump value
                      let after = Structure.dump again
                      if before <> after then failtest $"{printed}\n  before {before}\n  after  {after}"
                  with :? SqlException as error ->
                      failtest $"{printed}\n  {error.SqlState} {error.Message} at {error.Span}"

                  true

              Check.One(Config.QuickThrowOnFailure.WithMaxTest 3_000, Prop.forAll generated property)
          } ]

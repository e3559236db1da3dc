/// Random ASTs of every kind of node. The types themselves are the generator: a union's cases and a record's fields are found by reflection, so that a
/// new node is made as soon as it exists; what the types can't say (which names an option may have, where a star may stand) is in the tables below.
module DriftDb.Frontend.Tests.AstMaker

open System
open System.Collections.Generic
open Microsoft.FSharp.Reflection
open DriftDb.Frontend
open DriftDb.Types

let private none = SourceSpan.None

let private pick (random: Random) (items: 'a array) = items[random.Next items.Length]

let private names =
    [| "a"; "b"; "t"; "u"; "x1"; "Mixed Case"; "select"; "order"; "position"; "of"; "set"; "time"; "naïve"; "x\"y"; "values"; "left"; "at"; "escape"; "over"; "period"; "key" |]

let identifier (text: string) : Identifier =
    { Name = text
      Quoted = not (DriftDb.Grammar.SqlWords.IsPlainName text)
      Span = none }

let private qualified parts : QualifiedName = { Parts = parts; Span = none }

let private operator symbol : OperatorName = { Schema = []; Symbol = symbol; Span = none }

let private integer (value: int64) = Expr.Literal(LiteralValue.Integer value, none)

let private text (value: string) = Expr.Literal(LiteralValue.String value, none)

let private column (name: string) = Expr.Column(qualified [ identifier name ])

/// How a value of one type is made; `size` falls with the depth.
type private Make = Random -> int -> obj

/// Lists that may be empty; all others have an element at least.
let private mayBeEmpty =
    HashSet
        [ "TypeName.ArrayBounds"; "FunctionCall.Arguments"; "FunctionCall.OrderBy"; "WindowSpecification.PartitionBy"; "WindowSpecification.OrderBy"
          "Query.OrderBy"; "Query.Locking"; "SelectCore.Items"; "SelectCore.From"; "SelectCore.Windows"; "LockingClause.Of"; "CommonTable.Columns"
          "InsertStatement.Columns"; "InsertStatement.Returning"; "UpdateStatement.From"; "UpdateStatement.Returning"; "DeleteStatement.Using"
          "DeleteStatement.Returning"; "MergeStatement.Returning"; "AssignmentTarget.Path"; "Insert.Columns"; "Insert.Values"
          "SetNull.Columns"; "SetDefault.Columns"; "Identity.Options"; "AddIdentity.Options"; "IndexParameters.Include"; "IndexParameters.Options"
          "ColumnDefinition.Constraints"; "Like.Options"; "CreateTableStatement.Inherits"; "CreateTableStatement.Options"; "CreateTableStatement.Elements"
          "CreateTableAsStatement.Columns"; "CreateTableAsStatement.Options"; "Execute.Arguments"; "CreateIndexStatement.Include"
          "CreateIndexStatement.Options"; "CreateViewStatement.Columns"; "CreateViewStatement.Options"; "CreateMaterializedViewStatement.Columns"
          "CreateMaterializedViewStatement.Options"; "Enum.Labels"; "Composite.Attributes"; "CreateFunctionStatement.Parameters"
          "Atomic.Statements"; "Privilege.Columns"; "DefaultPrivilegesStatement.ForRoles"; "DefaultPrivilegesStatement.InSchemas"; "CreateSchema.Path"
          "CreateSequence.Options"; "CreateDomain.Constraints"; "Begin.Modes"; "SetConstraints.Names"; "Prepare.Types"; "CopyStatement.Options"
          "Vacuum.Options"; "Vacuum.Targets"; "Analyze.Options"; "Analyze.Targets"; "MaintenanceTarget.Columns"; "Reindex.Options"; "Explain.Options"
          "CreateExtension.Options"; "DriftCreateTable.Indexes"; "Backup.Options"; "RestoreDatabase.Options"; "CreateDatabase.Options"; "Table.Columns" ]

let private literalTexts = [| ""; "it's"; "a\\b"; "line\nend"; "--"; "/*"; "$1"; "é"; "x" |]

let private typeNames: (string * int64 list) array =
    [| "int4", []; "int8", []; "numeric", [ 10L; 2L ]; "bpchar", [ 1L ]; "varchar", [ 5L ]; "timestamptz", [ 3L ]; "time", []; "text", []; "bit", [ 1L ]; "bool", []; "float8", [] |]

/// Names, strings and numbers by the place where they stand: "Record.Field" or "Case.Field".
let private scalars: IDictionary<string, Make> =
    let strings (values: string list) : Make =
        let values = Array.ofList values
        fun random _ -> box (pick random values)

    let empty: Make = fun _ _ -> box ([]: NamedOption list)

    dict
        [ "Decimal.Text", strings [ "1.50"; "1e5"; ".5"; "-2.5"; "99999999999999999999" ]
          "BitString.Digits", strings [ ""; "1010" ]
          "HexString.Digits", strings [ ""; "1F" ]
          "String.Value", strings (List.ofArray literalTexts)
          "OperatorName.Symbol", strings [ "+"; "-"; "*"; "/"; "%"; "^"; "||"; "->>"; "@>"; "~*"; "!~"; "#-"; "@-"; "&&"; "?|" ]
          "Parameter.Index", (fun random _ -> box (1 + random.Next 9))
          "NamedOption.Name", strings [ "fillfactor"; "analyze"; "verbose"; "format"; "freeze"; "toast.x"; "select" ]
          "Word.Text", strings [ "on"; "csv"; "off"; "x_y"; "select" ]
          "Number.Text", strings [ "1"; "-2.5"; "70" ]
          "JsonText.Text", strings [ "{}"; "{\"a\": \"x;'y\"}"; "{\"n\": [1, {\"x\": null}]}" ]
          "LockTable.Mode", strings [ "access exclusive"; "row share"; "share update exclusive"; "share row exclusive"; "share" ]
          "Privilege.Name", strings [ "select"; "insert"; "references"; "usage" ]
          "EnableDisable.Text", strings [ "enable row level security"; "disable trigger all"; "no force row level security" ]
          "SetStorage.Storage", strings [ "plain"; "extended" ]
          "SetCompression.Method", strings [ "pglz" ]
          "Set.Name", strings [ "x"; "drift.as_of"; "search_path" ]
          "Reset.Name", strings [ "x"; "drift.as_of"; "timezone" ]
          "Show.Name", strings [ "x"; "drift.as_of"; "timezone" ]
          "AlterRoleSetting.Setting", strings [ "x"; "drift.as_of" ]
          "SetStatistics.Target", (fun random _ -> box (random.Next 1000)) ]

/// Every kind of statement, and those with many parts more often.
let private statements =
    let cases = FSharpType.GetUnionCases typeof<StatementNode> |> Array.filter (fun case -> case.Name <> "Unsupported")
    let weight (case: UnionCaseInfo) = match case.Name with "Query" | "CreateTable" | "AlterTable" -> 20 | "Comment" | "Grant" | "CreateFunction" | "Set" -> 8 | _ -> 1
    cases |> Array.collect (fun case -> Array.create (weight case) case)

type AstMaker(seed: int) =
    let random = Random seed

    let flip () = random.Next 2 = 0

    member private this.Names(count: int) = [ for _ in 1..count -> identifier (pick random names) ]

    member private this.Exprs (size: int) (least: int) =
        [ for _ in 1 .. least + random.Next 2 -> this.Expr(size / 2) ]

    member this.Identifier() = identifier (pick random names)

    member this.Name() = qualified (this.Names(if random.Next 3 = 0 then 2 else 1))

    /// An expression where any value may stand.
    member this.Expr(size: int) : Expr =
        let value = if size <= 0 then this.Leaf() else this.Make(typeof<Expr>, "", size) :?> Expr
        this.Settle(value, size)

    member private this.Leaf() : Expr =
        match random.Next 4 with
        | 0 -> column (pick random names)
        | 1 -> Expr.Parameter(1 + random.Next 9, none)
        | 2 -> integer (pick random [| 0L; 1L; -1L; Int64.MaxValue; Int64.MinValue |])
        | _ -> text (pick random literalTexts)

    /// What the parser would make of the same text.
    member private this.Settle(value: Expr, size: int) : Expr =
        match value with
        // Stars stand in select lists and calls only, DEFAULT in assignments and rows of VALUES, moments in calls.
        | Expr.Star _
        | Expr.Default _
        | Expr.TimePoint _
        | Expr.FieldStar _
        | Expr.CaseOperand _ -> this.Leaf()
        // A signed number is a constant.
        | Expr.Unary({ Symbol = "-" }, (Expr.Literal((LiteralValue.Integer _ | LiteralValue.Decimal _), _) as number), _) -> number
        | Expr.And(items, span) -> Expr.And(this.Two size items (fun item -> item.IsAnd), span)
        | Expr.Or(items, span) -> Expr.Or(this.Two size items (fun item -> item.IsOr), span)
        // `ANY ((SELECT …))` is a subquery's rows.
        | Expr.QuantifiedArray(left, operator, quantifier, Expr.Subquery(query, _), span) -> Expr.QuantifiedQuery(left, operator, quantifier, query, span)
        | Expr.InList(operand, [ Expr.Subquery(query, _) ], negated, span) -> Expr.InQuery(operand, query, negated, span)
        | Expr.Row(items, false, span) -> Expr.Row(this.Two size items (fun _ -> false), false, span)
        | Expr.Subscript(Expr.Subscript(operand, _, _), subscripts, span) -> Expr.Subscript(operand, subscripts, span)
        | Expr.Case(None, branches, otherwise, span) ->
            Expr.Case(None, branches |> List.map (fun branch -> { branch with When = [ List.head branch.When ] }), otherwise, span)
        | Expr.Case(Some _ as subject, branches, otherwise, span) when random.Next 3 = 0 ->
            // What is compared isn't written in a predicate: CASE x WHEN < 5, 7 THEN.
            let first = { List.head branches with When = [ Expr.Binary(operator "<", Expr.CaseOperand none, this.Leaf(), none); this.Leaf() ] }
            Expr.Case(subject, first :: List.tail branches, otherwise, span)
        | Expr.Cast(_, _, CastSyntax.TypedLiteral, span) ->
            match random.Next 3 with
            | 0 -> Expr.Cast(text "1", this.Type("interval", [], Some IntervalFields.Day), CastSyntax.TypedLiteral, span)
            | 1 -> Expr.Cast(text "x", this.Type("timestamptz", [ 3L ], None), CastSyntax.TypedLiteral, span)
            | _ -> Expr.Cast(text "x", this.Type("date", [], None), CastSyntax.TypedLiteral, span)
        | Expr.PeriodPredicate(operator, left, right, span) ->
            let left = (match left with PeriodOperand.Point _ -> PeriodOperand.Named(this.Name()) | left -> left)

            let right =
                match operator, right with
                // A column right of CONTAINS may be a period: the binder's to decide.
                | PeriodOperator.Contains, PeriodOperand.Point(Expr.Column name) -> PeriodOperand.Named name
                | PeriodOperator.Contains, right -> right
                | _, PeriodOperand.Point _ -> PeriodOperand.Named(this.Name())
                | _, right -> right

            Expr.PeriodPredicate(operator, left, right, span)
        | Expr.SessionValue(kind, precision, span) ->
            match kind with
            | SessionValue.CurrentTime
            | SessionValue.CurrentTimestamp
            | SessionValue.LocalTime
            | SessionValue.LocalTimestamp -> Expr.SessionValue(kind, Option.map (fun _ -> 3) precision, span)
            | _ -> Expr.SessionValue(kind, None, span)
        | value -> value

    member private this.Two (size: int) (items: Expr list) (isSame: Expr -> bool) =
        match List.filter (isSame >> not) items with
        | first :: second :: rest -> first :: second :: rest
        | few -> few @ [ for _ in few.Length .. 1 -> this.Leaf() ]

    member private _.Type(name: string, modifiers: int64 list, fields: IntervalFields option) : TypeName =
        { Name = qualified [ { identifier name with Quoted = false } ]
          Modifiers = List.map integer modifiers
          LengthUnit = None
          IntervalFields = fields
          ArrayBounds = []
          SetOf = false
          Span = none }

    member private this.TypeName() : TypeName =
        let name, modifiers = pick random typeNames

        let bare =
            match random.Next 6 with
            | 0 -> this.Type("interval", [], Some(this.Make(typeof<IntervalFields>, "", 0) :?> IntervalFields))
            | 1 -> { this.Type("x", [], None) with Name = qualified [ identifier "s"; identifier "x" ] }
            | 2 -> { this.Type("varchar", [ 7L ], None) with LengthUnit = Some(this.Make(typeof<LengthUnit>, "", 0) :?> LengthUnit) }
            | _ -> this.Type(name, modifiers, None)

        { bare with ArrayBounds = pick random [| []; []; [ None ]; [ Some 3; None ] |] }

    member private this.Plain(name: string) : Identifier = { identifier name with Quoted = false }

    /// A value of a type, found by reflection; `place` is "Owner.Field" for the tables above.
    member this.Make(kind: Type, place: string, size: int) : obj =
        if kind = typeof<SourceSpan> then box none
        elif scalars.ContainsKey place then scalars[place] random size
        elif kind = typeof<string> then box (pick random [| "a"; "it's"; "dir"; "x y" |])
        elif kind = typeof<bool> then box (flip ())
        elif kind = typeof<int> then box (random.Next 9)
        elif kind = typeof<int64> then box (int64 (random.Next 100))
        elif kind = typeof<Identifier> then box (this.Identifier())
        elif kind = typeof<QualifiedName> then box (this.Name())
        elif kind = typeof<TypeName> then box (this.TypeName())
        elif kind = typeof<Expr> && place <> "" then box (this.Expr(size - 1))
        elif kind = typeof<Query> && size <= 0 then box (this.SmallQuery())
        elif kind = typeof<DataStatement> && size <= 0 then box (DataStatement.Query(this.SmallQuery()))
        elif FSharpType.IsTuple kind then
            FSharpValue.MakeTuple([| for item in FSharpType.GetTupleElements kind -> this.Make(item, place, size) |], kind)
        elif kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<list<_>> then
            this.List(kind, place, size)
        elif kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<option<_>> then
            let cases = FSharpType.GetUnionCases kind

            if size <= 0 || flip () then FSharpValue.MakeUnion(cases[0], [||])
            else FSharpValue.MakeUnion(cases[1], [| this.Make(kind.GetGenericArguments()[0], place, size) |])
        elif FSharpType.IsUnion kind then
            let cases = FSharpType.GetUnionCases kind
            this.Case(pick random cases, size)
        elif FSharpType.IsRecord kind then
            let fields = FSharpType.GetRecordFields kind
            this.Fix(FSharpValue.MakeRecord(kind, [| for field in fields -> this.Make(field.PropertyType, $"{kind.Name}.{field.Name}", size - 1) |]), size)
        else
            failwith $"no generator for {kind} at {place}"

    member private this.List(kind: Type, place: string, size: int) =
        let item = kind.GetGenericArguments()[0]
        let cases = FSharpType.GetUnionCases kind
        let least = if mayBeEmpty.Contains place then 0 else 1
        let count = least + (if size <= 0 then 0 else random.Next 2)
        let mutable list = FSharpValue.MakeUnion(cases[0], [||])

        for _ in 1..count do
            list <- FSharpValue.MakeUnion(cases[1], [| this.Make(item, place, size); list |])

        list

    /// One case of a union.
    member this.Case(case: UnionCaseInfo, size: int) : obj =
        let fields = [| for field in case.GetFields() -> this.Make(field.PropertyType, $"{case.Name}.{field.Name}", size - 1) |]
        this.Fix(FSharpValue.MakeUnion(case, fields), size)

    member private this.SmallQuery() : Query =
        { With = None
          Body =
            QueryBody.Select
                (MadeNodes.select [ { Expression = this.Leaf(); Alias = Some(this.Identifier()); Columns = []; Span = none } ] [] none)
          OrderBy = []
          Limit = None
          IsPercent = false
          WithTies = false
          Offset = None
          Locking = []
          AsOf = None
          Span = none }

    // ---- what the types allow but no text says, made into what one does

    member private this.TableAlias() : TableAlias =
        { Name = Some(this.Identifier())
          Columns = if flip () then [] else this.Names 2
          ColumnDefinitions = []
          Span = none }

    member private this.Call(arguments: Expr list) =
        Expr.Call
            { Name = this.Name()
              Arguments = arguments |> List.map (fun value -> { Name = None; Value = value; Variadic = false; Span = none })
              Star = false
              Distinct = false
              OrderBy = []
              WithinGroup = []
              Filter = None
              IgnoreNulls = None
              Over = None
              Span = none }

    member private this.FixCall(call: FunctionCall) : FunctionCall =
        let arguments =
            call.Arguments
            |> List.mapi (fun i argument ->
                { argument with
                    Name = if i = call.Arguments.Length - 1 then argument.Name else None
                    Variadic = argument.Variadic && argument.Name.IsNone && i = call.Arguments.Length - 1 })

        let plain = { call with Arguments = arguments; OrderBy = (if call.WithinGroup.IsEmpty then call.OrderBy else []) }

        if call.Star then { plain with Arguments = []; Distinct = false; OrderBy = []; WithinGroup = [] }
        elif arguments.IsEmpty then { plain with Distinct = false; OrderBy = []; WithinGroup = [] }
        elif not call.WithinGroup.IsEmpty then { plain with Distinct = false; Arguments = arguments |> List.map (fun argument -> { argument with Variadic = false }) }
        elif List.exists (fun (argument: FunctionArgument) -> argument.Variadic) arguments then { plain with Distinct = false; OrderBy = [] }
        else plain

    member private this.FixQuery(query: Query) : Query =
        let body =
            match query.Body with
            | QueryBody.Nested inner -> inner.Body
            | body -> body

        let body =
            match body with
            | QueryBody.Nested _ -> this.SmallQuery().Body
            | body -> body

        { query with
            Body = body
            IsPercent = query.IsPercent && query.Limit.IsSome
            WithTies = query.WithTies && query.Limit.IsSome && not query.OrderBy.IsEmpty
            Locking = (if query.WithTies then [] else query.Locking)
            AsOf = None }

    member private this.FixOperand(body: QueryBody) : QueryBody =
        match body with
        // Parentheses stay only where they matter.
        | QueryBody.Nested query when query.With.IsNone && query.OrderBy.IsEmpty && query.Limit.IsNone && query.Offset.IsNone && query.Locking.IsEmpty -> query.Body
        | body -> body

    member private this.FixElement(element: GroupingElement, size: int) : GroupingElement =
        match element with
        | GroupingElement.Expression(Expr.Row(_, false, _)) -> GroupingElement.Expression(this.Leaf())
        | GroupingElement.Keys(items, span) -> GroupingElement.Keys(this.Two size items (fun _ -> false), span)
        | element -> element

    member private this.FixTable(reference: TableReference) : TableReference =
        match reference with
        | TableReference.Table table -> TableReference.Table { table with Alias = Option.map (fun _ -> this.TableAlias()) table.Alias }
        | TableReference.Subquery(query, lateral, alias, span) ->
            TableReference.Subquery(query, lateral, Option.map (fun _ -> this.TableAlias()) alias, span)
        | TableReference.Function source ->
            let functions =
                source.Functions |> List.map (fun item -> { item with Call = this.Call [ this.Leaf() ]; ColumnDefinitions = (if source.RowsFrom then item.ColumnDefinitions else []) })

            let alias =
                source.Alias
                |> Option.map (fun alias ->
                    if alias.ColumnDefinitions.IsEmpty || source.RowsFrom || source.WithOrdinality then this.TableAlias()
                    else { alias with Columns = [] })

            TableReference.Function { source with Functions = (if source.RowsFrom then functions else [ functions.Head ]); Alias = alias }
        | TableReference.Join join ->
            let condition =
                match join.Kind, join.Condition with
                | JoinKind.Cross, _ -> JoinCondition.None
                | _, JoinCondition.None -> JoinCondition.On(this.Leaf())
                | _, condition -> condition

            TableReference.Join { join with Condition = condition; Alias = Option.map (fun _ -> this.TableAlias()) join.Alias }

    member private this.Attributes(deferrable: bool) : ConstraintAttributes =
        { Deferrable = deferrable
          InitiallyDeferred = deferrable && flip ()
          NotValid = false
          NoInherit = false }

    member private this.Option(name: string, value: OptionValue option) : NamedOption = { Name = name; Value = value; Span = none }

    member private this.Object(kind: ObjectKind) : ObjectReference =
        let reference: ObjectReference = { Kind = kind; Name = this.Name(); Signature = None; On = None; Span = none }
        let single = qualified [ this.Identifier() ]

        match kind with
        | ObjectKind.Function
        | ObjectKind.Procedure
        | ObjectKind.Routine -> { reference with Signature = pick random [| None; Some []; Some [ this.TypeName() ]; Some [ this.TypeName(); this.TypeName() ] |] }
        | ObjectKind.Aggregate -> { reference with Signature = Some [ this.TypeName() ] }
        | ObjectKind.Operator -> { reference with Name = qualified [ { identifier "+" with Quoted = false } ]; Signature = Some [ this.TypeName(); this.TypeName() ] }
        | ObjectKind.Cast -> { reference with Name = qualified []; Signature = Some [ this.TypeName(); this.TypeName() ] }
        | ObjectKind.LargeObject -> { reference with Name = qualified [ identifier "5" ] }
        | ObjectKind.Column -> { reference with Name = qualified (this.Names 2) }
        | ObjectKind.Constraint
        | ObjectKind.DomainConstraint
        | ObjectKind.Trigger
        | ObjectKind.Rule
        | ObjectKind.Policy -> { reference with Name = single; On = Some(this.Name()) }
        | ObjectKind.Database
        | ObjectKind.Role
        | ObjectKind.Schema -> { reference with Name = qualified [ this.Plain(pick random [| "a"; "b"; "x1" |]) ] }
        | _ -> reference

    member private this.Literals() : Statement =
        let query = this.SmallQuery()

        let items =
            match query.Body with
            | QueryBody.Select core -> QueryBody.Select { core with Items = [ { core.Items.Head with Expression = text "x" } ] }
            | body -> body

        { Node = StatementNode.Query { query with Body = items }; Span = none; ParameterCount = 0 }

    member private this.Key() : Expr =
        match random.Next 3 with
        | 0 -> text "k"
        | 1 -> integer 5L
        | _ -> Expr.Row([ text "a"; Expr.Parameter(1, none) ], false, none)

    member private this.FixColumn(item: ColumnConstraint) : ColumnConstraint =
        let deferrable =
            match item.Kind with
            | ColumnConstraintKind.Unique _
            | ColumnConstraintKind.PrimaryKey _
            | ColumnConstraintKind.References _ -> flip ()
            | _ -> false

        { item with Attributes = this.Attributes deferrable }

    member private this.FixStatement(node: StatementNode, size: int) : StatementNode =
        let kinds = [| ObjectKind.Table; ObjectKind.Index; ObjectKind.View; ObjectKind.MaterializedView; ObjectKind.ForeignTable |]

        match node with
        | StatementNode.Call call -> StatementNode.Call { (match this.Call [ this.Leaf() ] with Expr.Call plain -> plain | _ -> call) with Name = this.Name() }
        | StatementNode.AlterTable(_, name, ifExists, only, actions) ->
            // What is unsupported prints its name only; one change of the owner alone is an AlterObject.
            let actions =
                match actions |> List.filter (fun action -> not action.IsUnsupported) with
                | []
                | [ AlterTableAction.OwnerTo _ ] as few -> AlterTableAction.SetWithoutCluster :: few
                | actions -> actions

            StatementNode.AlterTable(ObjectKind.Table, name, ifExists, only, actions)
        | StatementNode.AlterObject(reference, ifExists, action) ->
            let kind, ifExists =
                match action with
                | AlterObjectAction.RenameColumn _ -> pick random [| ObjectKind.Table, ifExists; ObjectKind.Type, false |]
                | AlterObjectAction.RenameConstraint _ -> pick random [| ObjectKind.Table, ifExists; ObjectKind.Domain, false |]
                | _ ->
                    pick random [| ObjectKind.Table, ifExists; ObjectKind.View, ifExists; ObjectKind.Sequence, ifExists; ObjectKind.Domain, false; ObjectKind.Type, false; ObjectKind.Function, false; ObjectKind.Schema, false |]

            StatementNode.AlterObject(this.Object kind, ifExists, action)
        | StatementNode.Drop drop ->
            let kind =
                pick random
                    [| ObjectKind.Table; ObjectKind.View; ObjectKind.MaterializedView; ObjectKind.Index; ObjectKind.Sequence; ObjectKind.Schema; ObjectKind.Domain
                       ObjectKind.Type; ObjectKind.Function; ObjectKind.Procedure; ObjectKind.Extension; ObjectKind.Trigger; ObjectKind.Database; ObjectKind.Role |]

            let single = kind = ObjectKind.Trigger || kind = ObjectKind.Database

            StatementNode.Drop
                { drop with
                    Kind = kind
                    Objects = (if single then [ this.Object kind ] else [ for _ in drop.Objects -> this.Object kind ])
                    Concurrently = drop.Concurrently && kind = ObjectKind.Index
                    Behavior = (if kind = ObjectKind.Database || kind = ObjectKind.Role then DropBehavior.Restrict else drop.Behavior)
                    Force = drop.Force && kind = ObjectKind.Database }
        | StatementNode.Grant grant ->
            let target =
                match grant.Target with
                | GrantTarget.AllInSchemas(_, schemas) -> GrantTarget.AllInSchemas(pick random [| ObjectKind.Table; ObjectKind.Sequence; ObjectKind.Function |], schemas)
                | GrantTarget.Objects _ -> GrantTarget.Objects [ this.Object(pick random [| ObjectKind.Table; ObjectKind.Sequence; ObjectKind.Schema; ObjectKind.Function; ObjectKind.Database; ObjectKind.Type; ObjectKind.CharacterSet; ObjectKind.Translation |]) ]

            StatementNode.Grant { grant with Target = target; Behavior = (if grant.IsGrant then DropBehavior.Restrict else grant.Behavior) }
        | StatementNode.GrantRole grant ->
            StatementNode.GrantRole { grant with Granted = [ this.Plain "a" ]; Behavior = (if grant.IsGrant then DropBehavior.Restrict else grant.Behavior) }
        | StatementNode.AlterDefaultPrivileges grant ->
            StatementNode.AlterDefaultPrivileges
                { grant with
                    Kind = pick random [| ObjectKind.Table; ObjectKind.Sequence; ObjectKind.Function; ObjectKind.Type; ObjectKind.Schema |]
                    Behavior = (if grant.IsGrant then DropBehavior.Restrict else grant.Behavior) }
        | StatementNode.Comment(_, text) ->
            let kind =
                pick random
                    [| ObjectKind.Table; ObjectKind.View; ObjectKind.Column; ObjectKind.Index; ObjectKind.Constraint; ObjectKind.DomainConstraint; ObjectKind.Function
                       ObjectKind.Cast; ObjectKind.Operator; ObjectKind.LargeObject; ObjectKind.TextSearchConfiguration; ObjectKind.TextSearchDictionary
                       ObjectKind.TextSearchParser; ObjectKind.TextSearchTemplate; ObjectKind.Collation; ObjectKind.Conversion; ObjectKind.Language; ObjectKind.Tablespace
                       ObjectKind.ForeignTable; ObjectKind.ForeignServer; ObjectKind.ForeignDataWrapper; ObjectKind.Publication; ObjectKind.Subscription
                       ObjectKind.EventTrigger; ObjectKind.Statistics; ObjectKind.Rule; ObjectKind.Routine; ObjectKind.Procedure; ObjectKind.Trigger
                       ObjectKind.Database; ObjectKind.Policy; ObjectKind.Aggregate |]

            StatementNode.Comment(this.Object kind, text)
        | StatementNode.CreateRole role ->
            StatementNode.CreateRole { role with Name = RoleSpecification.Named(this.Identifier()); Options = this.RoleOptions() }
        | StatementNode.AlterRole role -> StatementNode.AlterRole { role with IsUser = false; Options = this.RoleOptions() }
        | StatementNode.AlterRoleSetting(role, database, name, value) ->
            let role = if role.IsNone && database.IsNone then Some(RoleSpecification.Named(this.Identifier())) else role
            StatementNode.AlterRoleSetting(role, database, name, this.FixSetting value)
        | StatementNode.Set(scope, name, value) -> StatementNode.Set(scope, name, this.FixSetting value)
        | StatementNode.CreateDatabase(name, _) -> StatementNode.CreateDatabase(name, [ this.Option("owner", Some(OptionValue.Word "x")) ])
        | StatementNode.AlterDatabase(name, _) -> StatementNode.AlterDatabase(name, [ this.Option("connection limit", Some(OptionValue.Number "5")) ])
        | StatementNode.CreateExtension(name, ifNotExists, _) ->
            StatementNode.CreateExtension(name, ifNotExists, pick random [| []; [ this.Option("cascade", None) ]; [ this.Option("schema", Some(OptionValue.String "x")) ] |])
        | StatementNode.AlterFunctionOptions(_, _, settings) ->
            let options =
                pick random
                    [| [ this.Option("immutable", None) ]
                       [ this.Option("strict", None); this.Option("stable", None) ]
                       [ this.Option("called on null input", None); this.Option("cost", Some(OptionValue.Number "10")) ]
                       [ this.Option("parallel", Some(OptionValue.Word "safe")) ] |]

            StatementNode.AlterFunctionOptions(this.Object(pick random [| ObjectKind.Function; ObjectKind.Procedure; ObjectKind.Routine |]), options, List.map this.FixSettingChange settings)
        | StatementNode.CreateFunction create -> StatementNode.CreateFunction(this.FixFunction create)
        | StatementNode.CreateSchema(name, authorization, ifNotExists, set, path, _) ->
            let name = if authorization.IsNone && name.IsNone then Some(this.Identifier()) else name
            StatementNode.CreateSchema(name, authorization, ifNotExists, set, path, [])
        | StatementNode.CreateDomain(name, kind, collation, value, constraints) ->
            StatementNode.CreateDomain(name, kind, collation, value, constraints |> List.map (fun item -> { item with NotValid = false }))
        | StatementNode.CreateSequence(name, Persistence.Unlogged, ifNotExists, options) -> StatementNode.CreateSequence(name, Persistence.Temporary, ifNotExists, options)
        | StatementNode.AlterType(name, actions) -> StatementNode.AlterType(name, [ actions.Head ])
        | StatementNode.Prepare(name, types, _) -> StatementNode.Prepare(name, types, this.Literals())
        | StatementNode.Explain(options, _) -> StatementNode.Explain(options, this.Literals())
        | StatementNode.Reindex(_, name, options) ->
            StatementNode.Reindex(pick random [| ObjectKind.Table; ObjectKind.Index; ObjectKind.Schema |], Some(defaultArg name (this.Name())), options)
        | StatementNode.Cluster(None, _) -> StatementNode.Cluster(None, None)
        | StatementNode.Copy copy ->
            let isFrom = copy.IsFrom && copy.Source.IsTable
            StatementNode.Copy { copy with IsFrom = isFrom; Where = (if isFrom then copy.Where else None) }
        | StatementNode.Patch(table, _, document) -> StatementNode.Patch(table, this.Key(), document)
        | StatementNode.SoftDelete(table, _) -> StatementNode.SoftDelete(table, this.Key())
        | StatementNode.ShowDrift(table, _) -> StatementNode.ShowDrift(table, this.Key())
        | StatementNode.Backup(table, directory, _) -> StatementNode.Backup(table, directory, pick random [| []; [ this.Option("incremental", Some(OptionValue.String "x")) ] |])
        | StatementNode.RestoreDatabase(directory, _, _) ->
            StatementNode.RestoreDatabase(directory, pick random [| None; Some(TemporalPoint.Sequence(integer 5L, none)); Some(TemporalPoint.Now none) |], [])
        | StatementNode.CreateTable create ->
            StatementNode.CreateTable
                { create with
                    PartitionBy = create.PartitionBy |> Option.map (fun (_, elements) -> "range", elements) }
        | StatementNode.CreateView create ->
            // A recursive view is one with its columns named.
            StatementNode.CreateView
                { create with
                    Recursive = create.Recursive && not create.Columns.IsEmpty
                    Persistence = (if create.Persistence = Persistence.Unlogged then Persistence.Permanent else create.Persistence) }
        | StatementNode.RestoreTable(table, _) ->
            // A name in double quotes would be DriftQL's string.
            StatementNode.RestoreTable(table, pick random [| TemporalPoint.Sequence(integer 5L, none); TemporalPoint.Now none; TemporalPoint.Expression(text "x") |])
        | StatementNode.CreateIndex create -> StatementNode.CreateIndex { create with IfNotExists = create.IfNotExists && create.Name.IsSome }
        | StatementNode.Erase(table, _) -> StatementNode.Erase(table, Expr.Binary(operator "=", column "a", integer 5L, none))
        | node -> node

    member private this.RoleOptions() =
        [ pick random
              [| this.Option("superuser", None)
                 this.Option("nologin", None)
                 this.Option("password", Some(OptionValue.String "x"))
                 this.Option("connection limit", Some(OptionValue.Number "5"))
                 this.Option("valid until", Some(OptionValue.String "x")) |] ]

    member private this.FixSetting(value: SettingValue) =
        match value with
        | SettingValue.Values _ ->
            SettingValue.Values [ pick random [| text "x"; integer 5L; integer -5L; column "on"; column "a" |] ]
        | value -> value

    member private this.FixSettingChange(change: SettingChange) : SettingChange =
        { Setting = pick random [| "search_path"; "x.y" |]; Value = this.FixSetting change.Value }

    member private this.FixFunction(create: CreateFunctionStatement) : CreateFunctionStatement =
        let parameters =
            let count = create.Parameters.Length + random.Next 3

            [ for i in 1..count ->
                  { Mode = (if i = count then pick random [| ParameterMode.In; ParameterMode.Variadic |]
                            else pick random [| ParameterMode.In; ParameterMode.Out; ParameterMode.InOut |])
                    Name = Some(identifier $"p{i}")
                    Type = this.TypeName()
                    Default = None
                    Span = none } ]

        { create with
            Parameters = parameters
            Result =
                (match create.Result with
                 | _ when create.IsProcedure -> FunctionResult.None
                 | FunctionResult.Table [] -> FunctionResult.Type(this.TypeName())
                 | FunctionResult.Type kind -> FunctionResult.Type { kind with SetOf = flip () }
                 | result -> result)
            Language = Some "sql"
            Options = pick random [| []; [ this.Option("immutable", None) ]; [ this.Option("security definer", None) ] |]
            Settings = List.map this.FixSettingChange create.Settings
            Body =
                Some(
                    match create.Body with
                    | Some(FunctionBody.Text _ as body) -> body
                    | Some(FunctionBody.Library _ as body) -> body
                    | Some(FunctionBody.Atomic _) ->
                        let call = match this.Call [ this.Leaf() ] with Expr.Call call -> [ RoutineStatement.Call call ] | _ -> []
                        FunctionBody.Atomic(call @ [ RoutineStatement.Return(this.Leaf()); RoutineStatement.Data(DataStatement.Query(this.SmallQuery())) ])
                    | Some(FunctionBody.Single _) -> FunctionBody.Single(DataStatement.Query(this.SmallQuery()))
                    | _ -> FunctionBody.Return(this.Leaf())
                ) }

    /// A record or a case after its fields were made.
    member private this.Fix(value: obj, size: int) : obj =
        match value with
        | :? Expr as value -> box (this.Settle(value, size))
        | :? FunctionCall as call -> box (this.FixCall call)
        | :? FunctionArgument as argument when random.Next 16 = 0 ->
            box { argument with Value = Expr.TimePoint(pick random [| TemporalPoint.Sequence(integer 5L, none); TemporalPoint.Now none |]) }
        | :? Query as query -> box (this.FixQuery query)
        | :? QueryBody as body ->
            match body with
            | QueryBody.SetOperation(operator, all, corresponding, left, right, span) -> box (QueryBody.SetOperation(operator, all, corresponding, this.FixOperand left, this.FixOperand right, span))
            | body -> box body
        | :? SelectItem as item ->
            match random.Next 16 with
            | 0 -> box { item with Expression = Expr.Star(None, none); Alias = None }
            | 1 -> box { item with Expression = Expr.Star(Some(this.Name()), none); Alias = None; Columns = [] }
            | 2 -> box { item with Expression = Expr.FieldStar(column "a", none); Alias = None; Columns = [] }
            | _ -> box { item with Columns = [] }
        | :? GroupingElement as element -> box (this.FixElement(element, size))
        | :? TableReference as reference -> box (this.FixTable reference)
        | :? SortItem as item -> box (if item.Using.IsSome then { item with Direction = SortDirection.Default } else item)
        | :? WindowFrame as frame ->
            box
                { frame with
                    Start = pick random [| FrameBound.UnboundedPreceding; FrameBound.Preceding(this.Leaf()); FrameBound.CurrentRow |]
                    End = pick random [| FrameBound.CurrentRow; FrameBound.Following(this.Leaf()); FrameBound.UnboundedFollowing |] }
        | :? WindowSpecification as window -> box { window with Base = window.Base |> Option.map (fun _ -> identifier "w") }
        // A name in double quotes would be DriftQL's string.
        | :? TemporalPoint as point -> box (match point with TemporalPoint.Expression _ -> TemporalPoint.Expression(text "x") | point -> point)
        | :? OnConflict as conflict ->
            match conflict.Target with
            | ConflictTarget.Any -> box { conflict with Action = ConflictAction.DoNothing }
            | _ -> box conflict
        | :? IndexElement as element -> box (if element.OperatorClass.IsNone then { element with OperatorClassOptions = [] } else element)
        | :? Assignment as assignment ->
            match assignment with
            | Assignment.Single(target, _, span) when random.Next 8 = 0 -> box (Assignment.Single(target, Expr.Default none, span))
            | Assignment.Multiple(targets, _, span) -> box (Assignment.Multiple(targets, Expr.Row([ this.Leaf(); this.Leaf() ], false, none), span))
            | assignment -> box assignment
        | :? MergeBranch as branch ->
            let action =
                match branch.Match, branch.Action with
                | MergeMatch.NotMatchedByTarget, (MergeAction.Update _ | MergeAction.Delete) -> MergeAction.DoNothing
                | (MergeMatch.Matched | MergeMatch.NotMatchedBySource), MergeAction.Insert _ -> MergeAction.Delete
                | _, MergeAction.Insert(_, _, []) -> MergeAction.Insert([], None, [])
                | _, action -> action

            box { branch with Action = action }
        | :? ColumnConstraint as item -> box (this.FixColumn item)
        | :? TableConstraint as item ->
            let deferrable = (match item.Kind with TableConstraintKind.Check _ -> false | _ -> flip ())
            box { item with Attributes = this.Attributes deferrable }
        | :? ColumnDefinition as item -> box { item with Type = Some(this.TypeName()); Constraints = List.truncate 1 item.Constraints }
        | :? ConstraintAttributes -> box (this.Attributes(flip ()))
        | :? TableElement as element ->
            match element with
            | TableElement.Like(table, options, span) -> box (TableElement.Like(table, options |> List.map (fun (including, _) -> including, pick random [| "defaults"; "all" |]), span))
            | element -> box element
        | :? StatementNode as node -> box (this.FixStatement(node, size))
        | _ -> value

    /// A statement of one kind of node.
    member this.Statement(size: int) : StatementNode =
        this.Case(statements[seed % statements.Length], size) :?> StatementNode

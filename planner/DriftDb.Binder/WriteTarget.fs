namespace DriftDb.Binder

open System.Collections.Generic
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// A name by which a statement knows a column of the table that it writes to.
[<NoComparison>]
type internal TargetColumn =
    { Name: string
      /// Its place in the relation that the statement names.
      NamedOrdinal: int
      /// Its place in the table.
      Ordinal: int }

/// The WHERE of a view between the statement and the table.
[<NoComparison; ReferenceEquality>]
type internal ViewCondition =
    { View: IRelation
      /// What the view's FROM calls its relation, and which of the table's columns that relation's are.
      Alias: string
      Known: TargetColumn list
      Condition: Expr
      /// New rows must meet it: WITH CHECK OPTION.
      IsChecked: bool }

/// Where INSERT, UPDATE, DELETE and MERGE write: a table, by its own name or through views that are simple enough (ISO/IEC 9075-2, 4.15.8: a view
/// of one table, each row of which is a row of the table).
[<NoComparison; ReferenceEquality>]
type internal WriteTarget =
    { Table: IRelation
      /// What the statement names: the table or a view.
      Named: IRelation
      Names: TargetColumn list
      /// From the table outwards.
      Conditions: ViewCondition list }

    member this.IsView = not (obj.ReferenceEquals(this.Table, this.Named))

module internal WriteTarget =
    let private identity (relation: IRelation) =
        relation.Columns |> Seq.map (fun c -> { Name = c.Name; NamedOrdinal = c.Ordinal; Ordinal = c.Ordinal }) |> List.ofSeq

    let private notUpdatable (view: IRelation) verb detail : 'a =
        let action = match verb with | "insert into" -> "inserting into" | "delete from" -> "deleting from" | _ -> "updating"

        raise (
            SqlException(
                SqlState.ObjectNotInPrerequisiteState,
                $"cannot {verb} view \"{view.Name}\"",
                SourceSpan.None,
                detail,
                $"A view of one table, without grouping, DISTINCT, LIMIT or set operations, can be used for {action}; others can't."
            )
        )

    /// The one relation of a simple view, its columns by name, and its condition.
    let private parts (view: IRelation) verb =
        let no detail = notUpdatable view verb detail

        match SqlParser.ParseOne(view.ViewText).Node with
        | StatementNode.Query query ->
            if query.With.IsSome then no "Views containing WITH are not automatically updatable."
            if query.Limit.IsSome || query.Offset.IsSome then no "Views containing LIMIT or OFFSET are not automatically updatable."
            if query.AsOf.IsSome then no "Views of the past are not updatable."

            match query.Body with
            | QueryBody.Select core ->
                if core.Distinct <> DistinctClause.All then no "Views containing DISTINCT are not automatically updatable."
                if core.GroupBy.IsSome then no "Views containing GROUP BY are not automatically updatable."
                if core.Having.IsSome then no "Views containing HAVING are not automatically updatable."

                match core.From with
                | [ TableReference.Table source ] when source.SystemTime.IsSome -> no "Views of the past are not updatable."
                | [ TableReference.Table source ] when source.Sample.IsNone && (source.Alias.IsNone || source.Alias.Value.Columns.IsEmpty) -> source, core
                | _ -> no "Views that do not select from a single table or view are not automatically updatable."
            | QueryBody.SetOperation _ -> no "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."
            | _ -> no "Views that do not select from a single table or view are not automatically updatable."
        | _ -> no "Views that do not select from a single table or view are not automatically updatable."

    /// The table behind a relation; 55000 for a view that isn't simple, 42809 for what can't be written at all.
    let rec resolve (context: BindContext) (relation: IRelation) (span: SourceSpan) verb : WriteTarget =
        context.Uses relation

        match relation.Kind with
        | RelationKind.Table when relation.IsMaterializedView ->
            Errors.fail SqlState.WrongObjectType SourceSpan.None $"cannot change materialized view \"{relation.Name}\""
        | RelationKind.Table -> { Table = relation; Named = relation; Names = identity relation; Conditions = [] }
        | RelationKind.View -> throughView context relation span verb
        | RelationKind.SystemView -> Errors.fail SqlState.InsufficientPrivilege span $"permission denied: \"{relation.Name}\" is a system catalog"
        | _ -> Errors.fail SqlState.WrongObjectType span $"cannot {verb} relation \"{relation.Name}\""

    and private throughView (context: BindContext) (view: IRelation) span verb : WriteTarget =
        let source, core = parts view verb
        let schema = match source.Name.Texts with | [ _ ] -> null | names -> names[names.Length - 2]

        let inner =
            match context.Catalog.FindRelation(schema, source.Name.Last) with
            | null -> Errors.undefinedTable SourceSpan.None source.Name.Last
            | found -> context.InView(view, (fun () -> resolve context found SourceSpan.None verb))

        let alias =
            match source.Alias with
            | Some { Name = Some name } -> name.Name
            | _ -> source.Name.Last

        let find name = inner.Names |> List.tryFind (fun c -> c.Name = name) |> Option.map (fun c -> c.Ordinal)

        let ordinals =
            core.Items
            |> List.collect (fun item ->
                match item.Expression with
                | Expr.Star _ -> inner.Named.Columns |> Seq.map (fun c -> find c.Name) |> List.ofSeq
                | Expr.Column { Parts = [ name ] } -> [ find name.Name ]
                | Expr.Column { Parts = [ table; name ] } when table.Name = alias -> [ find name.Name ]
                | _ -> [ None ])

        let names =
            Seq.zip view.Columns ordinals
            |> Seq.choose (fun (c, ordinal) -> ordinal |> Option.map (fun o -> { Name = c.Name; NamedOrdinal = c.Ordinal; Ordinal = o }))
            |> List.ofSeq

        if names.IsEmpty then notUpdatable view verb "Views that have no updatable columns are not automatically updatable."

        let below =
            if view.CheckOption = 'c' then inner.Conditions |> List.map (fun c -> { c with IsChecked = true }) else inner.Conditions

        let own =
            core.Where
            |> Option.map (fun condition ->
                { View = view
                  Alias = alias
                  Known = inner.Names
                  Condition = condition
                  IsChecked = view.CheckOption <> '\000' })
            |> Option.toList

        { Table = inner.Table
          Named = view
          Names = names
          Conditions = below @ own }

    /// A view's condition over a row of the table. The view's owner answers for what it reads.
    let bindCondition (services: Services) (condition: ViewCondition) (row: OutputColumn list) : ScalarExpr =
        let context = services.Context

        let table = Scope.tableOf condition.Alias (condition.Known |> List.map (fun c -> { Name = c.Name; Column = row[c.Ordinal] }))

        let env = { Scope = Scope.ofTable table Scope.empty; Clause = "WHERE"; Collector = None; InAggregate = false; CaseOperand = None }
        let around = context.View
        let wasDefinition = context.IsDefinition
        context.View <- condition.View
        context.IsDefinition <- true
        let bound = Coercion.toBoolean context "WHERE" (context.Aside(fun () -> ExprBinder.bind services env condition.Condition))
        context.IsDefinition <- wasDefinition
        context.View <- around
        bound.Rewrite(fun node -> if node.Span.IsNone then node else node.With SourceSpan.None)

    /// Notes what the statement does with its target, and through a view what the view's owner does with the table.
    let note (context: BindContext) (target: WriteTarget) (mark: AccessNote -> unit) (columns: AccessNote -> HashSet<int> option) (ordinals: int list) =
        let add (relation: IRelation) (place: int -> int option) =
            let found = context.Access relation
            mark found
            columns found |> Option.iter (fun set -> ordinals |> List.choose place |> List.iter (fun o -> set.Add o |> ignore))

        add target.Named (fun ordinal -> target.Names |> List.tryFind (fun n -> n.Ordinal = ordinal) |> Option.map (fun n -> n.NamedOrdinal))

        if target.IsView then
            let around = context.View
            context.View <- target.Named
            add target.Table Some
            context.View <- around

    /// Says that these are the table's columns, so that their use counts as a use of what the statement names.
    let comesFrom (context: BindContext) (target: WriteTarget) (columns: OutputColumn list) =
        let found = context.Access target.Named

        for name in target.Names do
            context.ComesFrom(columns[name.Ordinal], found, name.NamedOrdinal)

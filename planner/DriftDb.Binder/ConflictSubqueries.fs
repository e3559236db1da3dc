namespace DriftDb.Binder

open System.Collections.Generic
open DriftDb.Types
open DriftDb.Plan

/// Subqueries of ON CONFLICT DO UPDATE. They are computed beside the rows to insert, from which the update takes their values: an INSERT's own expressions run row by row, without a plan below them.
module internal ConflictSubqueries =
    /// The rows with a column for each subquery behind the table's, and the clause with those columns in place of its subqueries.
    let besideInput (context: BindContext) (fresh: OutputColumn list) (input: LogicalPlan) (conflict: ConflictClause) : LogicalPlan * ConflictClause =
        let existing = HashSet(conflict.ExistingColumns |> Seq.map (fun c -> c.Id))
        let computed = List<DriftDb.Plan.Assignment>()

        let replaced (expr: ScalarExpr) : ScalarExpr =
            match expr with
            | :? ScalarSubquery as subquery ->
                if (FreeColumns.Of(subquery :> ScalarExpr)).Overlaps existing then
                    Errors.unsupported subquery.Span "a subquery over the existing row in ON CONFLICT DO UPDATE"

                let column = context.NewColumn("conflict", subquery.Type, true)
                computed.Add(DriftDb.Plan.Assignment(column, subquery))
                column.Reference()
            | other -> other

        let rewrite (expr: ScalarExpr) : ScalarExpr = if isNull expr then expr else expr.Rewrite replaced
        let update = if conflict.Update.IsDefault then conflict.Update else conflict.Update |> Seq.map (fun struct (ordinal, value) -> struct (ordinal, rewrite value)) |> Sequences.array
        let where = rewrite conflict.Where

        if computed.Count = 0 then input, conflict
        else
            // `excluded` is the proposed row: below the INSERT its columns already have the names under which the subqueries see them.
            let named = Seq.map2 (fun column (source: OutputColumn) -> DriftDb.Plan.Assignment(column, source.Reference())) fresh input.Output
            let passed = fresh |> List.map DriftDb.Plan.Assignment.PassThrough
            LogicalProject(LogicalProject(input, Sequences.array named), Sequences.array (passed @ List.ofSeq computed)), ConflictClause(conflict.Arbiter, conflict.ExistingColumns, update, where)

namespace DriftDb.Binder

open System.Linq
open DriftDb.Types
open DriftDb.Plan

/// Data-changing statements in WITH: all parts of a statement see the rows as they were before it. Two parts that change rows of the same table may meet the same row, of which PostgreSQL leaves
/// open what becomes; here it is an error rather than one of the answers.
module internal WithWrites =
    /// The table whose rows a node changes. New rows are in nobody's way.
    let private changed (plan: LogicalPlan) : IRelation option =
        match plan with
        | :? LogicalInsert as insert when not (isNull insert.OnConflict) && not insert.OnConflict.Update.IsDefault -> Some insert.Target
        | :? LogicalUpdate as update -> Some update.Target
        | :? LogicalDelete as delete -> Some delete.Target
        | _ -> None

    let rec private nodes (plan: LogicalPlan) : LogicalPlan seq =
        seq {
            yield plan

            for expression in plan.Expressions do
                for subquery in expression.DescendantsAndSelf().OfType<ScalarSubquery>() do
                    yield! nodes subquery.Plan

            for input in plan.Inputs do
                yield! nodes input
        }

    /// Rejects a statement of which several parts change rows of one table.
    let check (plan: LogicalPlan) =
        match nodes plan |> Seq.choose changed |> Seq.countBy (fun table -> table.Oid, table.Name) |> Seq.tryFind (fun (_, count) -> count > 1) with
        | Some((_, name), _) -> Errors.fail SqlState.FeatureNotSupported SourceSpan.None $"several parts of the statement change rows of table \"{name}\", which is not supported"
        | None -> ()

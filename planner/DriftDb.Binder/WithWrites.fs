namespace DriftDb.Binder

open System.Linq
open DriftDb.Types
open DriftDb.Plan

/// Data-changing statements in WITH: all parts of a statement see the rows as they were before it, so none of its parts may read or change a table that another
/// part changes. PostgreSQL lets them, each blind to the others; here it is an error rather than another answer.
module internal WithWrites =
    let private target (plan: LogicalPlan) : IRelation option =
        match plan with
        | :? LogicalInsert as insert -> Some insert.Target
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

    /// How often the plan reads or changes the table.
    let private uses (table: IRelation) (plan: LogicalPlan) =
        nodes plan
        |> Seq.filter (fun node ->
            match node with
            | :? LogicalScan as scan -> scan.Relation.Oid = table.Oid
            | _ -> target node |> Option.exists (fun other -> other.Oid = table.Oid))
        |> Seq.length

    /// Rejects a statement in which a table that WITH changes has another use.
    let check (plan: LogicalPlan) =
        for node in nodes plan do
            match node with
            | :? LogicalWith as withNode ->
                for write in nodes withNode.Definition do
                    match target write with
                    | Some table when uses table plan > uses table write ->
                        Errors.fail
                            SqlState.FeatureNotSupported
                            SourceSpan.None
                            $"table \"{table.Name}\" is changed in WITH and used by another part of the statement, which is not supported"
                    | _ -> ()
            | _ -> ()

    /// The branches of MERGE write one after another; what they compute may not look at the table meanwhile.
    let checkMerge (table: IRelation) (writes: LogicalPlan list) =
        if writes |> List.exists (fun write -> uses table write > 1) then
            Errors.fail SqlState.FeatureNotSupported SourceSpan.None $"a branch of MERGE that reads table \"{table.Name}\" is not supported"

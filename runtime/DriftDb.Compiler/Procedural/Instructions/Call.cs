using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CALL within a block: the values of the procedure's OUT and INOUT parameters go to the variables that stand at their places.</summary>
/// <param name="call">The call.</param>
/// <param name="targets">For each argument that is a variable, the variable; null for other expressions.</param>
internal sealed class Call(FunctionCall call, ImmutableArray<AssignmentTarget?> targets, BlockScope scope, VariableConflict conflict) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(1), 0);
        var resolver = new VariableResolver(scope, run.Types, conflict);
        return new CallStep(run.Session, call, null, run.Program.Around(resolver))
        {
            VariableValues = () => resolver.Used.Count == 0
                ? null
                : ParameterRow.Of([.. resolver.Used.Select(number => run.Values[number])], [.. resolver.Used.Select(number => run.Types[number].WithoutTypmod())]),
        };
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        var rows = (RowCapture)sink;
        if (rows.Count == 0 || step.Shape is not { } shape) return next;
        var stored = ((CallStep)step).Stored(run.Session);
        var parameters = stored.CallParameters.ToList();
        int output = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (!parameters[i].IsOutput) continue;
            int argument = Argument(parameters[i].Name, i);
            // A default stands for an argument that isn't there: nobody asked for the value.
            if (argument >= 0)
            {
                var target = targets[argument]
                    ?? throw new SqlException(SqlState.SyntaxError, $"procedure parameter \"{parameters[i].Name}\" is an output parameter but corresponding argument is not writable");
                target.Assign(run, rows[0][output], shape.Columns[output].Type);
            }

            output++;
        }

        return next;
    }

    /// <summary>The place of the argument for a parameter; -1 when there is none.</summary>
    private int Argument(string name, int position)
    {
        var arguments = call.Arguments.ToList();
        int named = arguments.FindIndex(argument => argument.Name is { } given && given.Value.Name == name);
        return named >= 0 ? named : position < arguments.Count && arguments[position].Name is null ? position : -1;
    }
}

/// <summary>COMMIT and ROLLBACK of a procedure or of DO: the transaction ends, and another one begins.</summary>
internal sealed class EndTransaction(bool isCommit, bool chain) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(0), 0);
        var session = run.Session;
        if (session.InBlock || session.RoutineDepth > 1 || session.RoutineScopes > 0 || run.Program.Routine is { IsProcedure: false }) throw new SqlException(SqlState.InvalidTransactionTermination, "invalid transaction termination");
        if (run.IsInSubtransaction) throw new SqlException(SqlState.InvalidTransactionTermination, $"cannot {(isCommit ? "commit" : "roll back")} while a subtransaction is active");
        run.Characteristics = session.Characteristics;
        foreach (var loop in run.Loops) (loop as RowLoop)?.Hold(run);
        return isCommit ? new CommitStep(session, isImplicit: true, "COMMIT") : new ActionStep(() => { session.RollbackTransaction(); return "ROLLBACK"; });
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        if (chain) run.Session.BeginChained(run.Characteristics);
        else run.Session.EnsureTransaction();
        return next;
    }
}

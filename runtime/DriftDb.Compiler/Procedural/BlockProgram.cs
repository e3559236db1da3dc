using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// A block as a list of instructions: loops and branches are jumps, labels are places in the list. A run can stop at any instruction (for a lock, for a time slice) and go on later, which a walk over the tree could not.
/// Belongs to one session, as the plans of its statements do.
/// </summary>
internal sealed class BlockProgram
{
    public required ImmutableArray<BlockInstruction> Instructions { get; init; }

    public required ImmutableArray<BlockVariable> Variables { get; init; }

    /// <summary>The parameters, in the order of the routine's.</summary>
    public required ImmutableArray<BlockVariable> Parameters { get; init; }

    /// <summary>Variables whose values are the result when the routine ends: those of OUT and INOUT, or the columns of RETURNS TABLE.</summary>
    public required ImmutableArray<BlockVariable> Outputs { get; init; }

    /// <summary>The body, into which the spans of its statements point.</summary>
    public required string Text { get; init; }

    /// <summary>Where the body lies in the statement that the client has sent; -1 where it isn't in it.</summary>
    public required int Offset { get; init; }

    /// <summary>The routine; null for DO.</summary>
    public Routine? Routine { get; init; }

    /// <summary>Loops over rows within each other at most.</summary>
    public required int LoopCount { get; init; }

    public BlockVariable Found => Variables[0];

    /// <summary>What the binder takes for the routine around a statement that it binds: the variables.</summary>
    public Routine Around(IVariableScope variables) => new()
    {
        Oid = 0, Schema = "", Name = Routine?.Name ?? "inline_code_block", IsProcedure = true, Parameters = [], ReturnType = SqlType.Void, Body = [], Variables = variables,
    };

    /// <summary>An error of the body as the client sees it: at its place in what was sent, or at none.</summary>
    public SqlException Shifted(SqlException error) =>
        error.Span.IsNone ? error : error.At(Offset < 0 ? SourceSpan.None : error.Span with { Start = error.Span.Start + Offset });
}

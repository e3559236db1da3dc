using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A block with an EXCEPTION part begins.</summary>
/// <param name="handlers">The states that each handler names (null: OTHERS), and where it begins.</param>
/// <param name="sqlState">The handlers' variable SQLSTATE.</param>
/// <param name="sqlErrm">The handlers' variable SQLERRM.</param>
/// <param name="firstLoop">The first number of a loop within the block.</param>
internal sealed class EnterHandler(ImmutableArray<(ImmutableArray<string?> States, Place Start)> handlers, BlockVariable sqlState, BlockVariable sqlErrm, int firstLoop) : BlockInstruction
{
    public BlockVariable SqlState => sqlState;

    public BlockVariable SqlErrm => sqlErrm;

    public int FirstLoop => firstLoop;

    public override int Execute(BlockRun run, int next)
    {
        run.Enter(this);
        return next;
    }

    /// <summary>Where the first handler for the state begins; null when there is none. OTHERS doesn't catch a cancelled statement nor a failed ASSERT.</summary>
    public Place? Find(string state)
    {
        bool isOther = state is not (Types.SqlState.QueryCanceled or Types.SqlState.AssertFailure);
        foreach (var (states, start) in handlers)
            foreach (string? named in states)
                if (named is null ? isOther : ConditionNames.Covers(named, state)) return start;
        return null;
    }
}

/// <summary>The block's statements are done, or left.</summary>
internal sealed class LeaveHandled : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.LeaveHandled();
        return next;
    }
}

/// <summary>A handler is done, or left.</summary>
internal sealed class EndHandling : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.EndHandling();
        return next;
    }
}

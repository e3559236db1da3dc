using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>One step of a block. It is run again from its beginning when a lock had to be waited for: until then it changes nothing that isn't the transaction's.</summary>
internal abstract class BlockInstruction
{
    /// <summary>Where in the body it comes from; none for what the compiler adds.</summary>
    public SourceSpan Span { get; init; } = SourceSpan.None;

    /// <summary>Does its work; gives the place of the instruction that comes after it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="next">The place behind this one.</param>
    public abstract int Execute(BlockRun run, int next);
}

/// <summary>An instruction that runs a statement, which may have to wait: the run advances it, and comes back when it is done.</summary>
internal abstract class StepInstruction : BlockInstruction
{
    /// <summary>The statement, ready to run, and where its rows go.</summary>
    public abstract Step Begin(BlockRun run, out IResultSink sink, out long maxRows);

    /// <summary>The statement is done, or has given the rows that were asked for.</summary>
    public abstract int Finish(BlockRun run, Step step, IResultSink sink, int next);

    /// <summary>False for a statement that goes on with another instruction: that of a loop.</summary>
    public virtual bool EndsStep => true;

    public override int Execute(BlockRun run, int next) => throw new InvalidOperationException("a statement is advanced, not executed");
}

/// <summary>An instruction whose place in the list is known only when more of the list is there.</summary>
internal sealed class Place
{
    public int Index { get; set; } = -1;
}

internal sealed class Jump(Place target) : BlockInstruction
{
    public override int Execute(BlockRun run, int next) => target.Index;
}

/// <summary>Goes on where the condition is true, else at the target; NULL counts as false.</summary>
internal sealed class JumpUnless(EmbeddedQuery condition, Place target) : BlockInstruction
{
    public override int Execute(BlockRun run, int next) => run.IsTrue(condition) ? next : target.Index;
}

using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What an operator keeps between morsels of one run.</summary>
internal abstract class OperatorState
{
    /// <summary>Called once, when the running plan is made.</summary>
    public virtual void Attach(Frame frame)
    {
    }

    /// <summary>Bytes that it keeps for another operator, about.</summary>
    public virtual long KeptBytes => 0;

    /// <summary>Called between morsels: whoever keeps rows under a grant moves them to a file when they have become too many.</summary>
    public virtual void Relieve()
    {
    }

    /// <summary>Back to the state before the first row, for another run.</summary>
    public virtual void Reset()
    {
    }

    /// <summary>The run is over: files and memory go back at once.</summary>
    public virtual void Free()
    {
    }
}

/// <summary>
/// The running instance of a plan, or of a nested plan (the right side of an apply): the states of its operators and what its generated code reads by address.
/// </summary>
internal sealed unsafe class Frame
{
    public required QueryContext Context;

    public required OperatorState[] States;

    /// <summary>Address of the parameters' row.</summary>
    public long Parameters;

    /// <summary>Address of the constants' row.</summary>
    public long Constants;

    /// <summary>Address of the row of outer values (one for the whole query).</summary>
    public long Outer;

    /// <summary>Where the run is measured (one for the whole query); null when it isn't.</summary>
    public PlanProfile? Profile;

    /// <summary>The running pipeline needs no more rows (LIMIT).</summary>
    public bool Stop;

    /// <summary>A write could not be done; see <see cref="ExecutionStatus.MustWait"/> and Changed.</summary>
    public ExecutionStatus Interruption = ExecutionStatus.MoreRows;

    /// <summary>Where the last pipeline puts its rows.</summary>
    public TupleBuffer? Output;

    public Arena? OutputArena;

    public long RowsAffected;

    /// <summary>The frame of the plan around this one, for its CTEs; null at the top.</summary>
    public Frame? Parent;

    /// <summary>Rows of the next morsel: few at first, so that a small LIMIT costs little and a join's fan-out is known before much is asked of it.</summary>
    public int MaxSliceRows = FirstSliceRows;

    /// <summary>What <see cref="MaxSliceRows"/> may grow to; operators that multiply rows lower it.</summary>
    public int SliceLimit = Limits.VectorRows;

    public const int FirstSliceRows = 64;

    public readonly Dictionary<int, CteState> Ctes = [];

    private readonly List<ArrayMembers> _members = [];

    /// <summary>The elements of an array that is the same for the whole run, by the number that the generated code gave it.</summary>
    public ArrayMembers MembersOf(int number)
    {
        while (_members.Count <= number) _members.Add(new ArrayMembers());
        return _members[number];
    }

    /// <summary>The plan that runs in this frame.</summary>
    public SubPlanInstance? Instance;

    public CteState FindCte(int id)
    {
        for (Frame? frame = this; frame is not null; frame = frame.Parent)
            if (frame.Ctes.TryGetValue(id, out var cte)) return cte;
        throw new InvalidOperationException($"no CTE {id}");
    }
}

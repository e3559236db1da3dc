using System.Collections.Immutable;

namespace DriftDb.Plan;

public enum RowLockStrength
{
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

public enum LockWaitPolicy
{
    Block,
    SkipLocked,
    NoWait,
}

/// <summary>FOR UPDATE and its kin: locks the rows named by row id columns and passes the input on.</summary>
public sealed record LogicalLockRows(LogicalPlan Input, ImmutableArray<(IRelation Relation, int RowId)> Targets, RowLockStrength Strength, LockWaitPolicy Policy)
    : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => Input.Output;
}

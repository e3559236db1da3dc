using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>UNION ALL: one input's rows after the other's, columns matched by position.</summary>
public sealed record PhysicalUnionAll(ImmutableArray<PhysicalPlan> Branches, ImmutableArray<OutputColumn> Columns) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => Branches;
}

/// <summary>INTERSECT and EXCEPT, with or without ALL, by counting rows in a hash table (NULL equals NULL).</summary>
public sealed record PhysicalHashSetOperation(SetOperationKind Kind, bool All, PhysicalPlan Left, PhysicalPlan Right, ImmutableArray<OutputColumn> Columns) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Right];
}

/// <summary>Computes the definition into a buffer when a scan of it first asks (or at once when it modifies data), then the body.</summary>
public sealed record PhysicalWith(int CteId, string Name, PhysicalPlan Definition, PhysicalPlan Body) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Body.Output;

    public override ImmutableArray<PhysicalPlan> Inputs => [Definition, Body];
}

/// <summary>See <see cref="LogicalRecursiveUnion"/>.</summary>
public sealed record PhysicalRecursiveUnion(int CteId, PhysicalPlan Seed, PhysicalPlan Step, bool Distinct, ImmutableArray<OutputColumn> Columns) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [Seed, Step];
}

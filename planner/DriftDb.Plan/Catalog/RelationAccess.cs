using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>What a statement does with a relation, for whoever knows who may do it. Columns are ordinals of the relation.</summary>
/// <param name="Relation">The relation.</param>
/// <param name="Through">The view in whose query it stands: then the view's owner needs the rights. Null where the statement names it.</param>
public sealed record RelationAccess(IRelation Relation, IRelation? Through)
{
    /// <summary>It stands in FROM, whether or not a column of it is used.</summary>
    public bool Reads { get; init; }

    /// <summary>Columns that the statement uses by their names.</summary>
    public ImmutableArray<int> Selected { get; init; } = [];

    public bool Inserts { get; init; }

    /// <summary>Columns that INSERT gives values to.</summary>
    public ImmutableArray<int> Inserted { get; init; } = [];

    /// <summary>Columns that UPDATE sets.</summary>
    public ImmutableArray<int> Updated { get; init; } = [];

    public bool Deletes { get; init; }

    /// <summary>Its rows are locked (FOR UPDATE and the like).</summary>
    public bool Locks { get; init; }
}

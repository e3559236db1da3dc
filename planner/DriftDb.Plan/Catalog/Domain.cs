using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>A domain: a type's values under conditions. In the conditions VALUE is the value.</summary>
/// <param name="Oid">pg_type.oid.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="BaseType">The type of its values.</param>
/// <param name="IsNotNull">NULL is none of its values.</param>
/// <param name="Checks">Conditions that must not be false.</param>
public sealed record Domain(int Oid, string Schema, string Name, SqlType BaseType, bool IsNotNull, ImmutableArray<CheckText> Checks)
{
    /// <summary>The function that raises the error of a value that isn't the domain's.</summary>
    public const string CheckFunction = "drift_domain_check";
}

using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// In the inner plan of a <see cref="PhysicalApply"/>: the value that the outer row has in the apply's parameter <paramref name="Slot"/>.
/// Slots are numbered over the whole physical plan, so that nested applies don't disturb each other.
/// </summary>
public sealed record ScalarOuter(int Slot, SqlType OuterType) : ScalarLeaf(OuterType, true);

using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>The statement's parameter <c>$Number</c> (from 1): its value is known when execution starts.</summary>
public sealed record ScalarParameter(int Number, SqlType ParameterType) : ScalarLeaf(ParameterType, true);

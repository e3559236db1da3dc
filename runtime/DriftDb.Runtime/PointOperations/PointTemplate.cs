using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Reads and writes of one row by a unique key, run without any code generation: the skeleton is built once when the plan is compiled, a run evaluates the key, looks the row up and copies columns
/// by kind. Only plans whose every expression is a column, a constant, a parameter, or a sum or difference of such qualify.
/// </summary>
internal abstract class PointTemplate : QueryTemplate
{
    public override bool IsPointOperation => true;

    public static PointTemplate? TryCreate(PhysicalPlan plan, TupleLayout parameters) => null;

    public override string Describe() => $"point operation {GetType().Name}\n";
}

using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What a plan was made into: a point operation, or pipelines.</summary>
internal abstract class QueryTemplate
{
    public virtual bool IsPointOperation => false;

    public abstract QueryExecution Start(QueryContext context);

    public abstract string Describe();

    public static QueryTemplate Create(PhysicalPlan plan, CompileOptions options, TupleLayout parameters) =>
        throw new NotImplementedException();
}

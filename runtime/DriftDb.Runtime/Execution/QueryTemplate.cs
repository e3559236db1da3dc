using System.Text;
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
        (options.Profiling != Profiling.None ? null : PointTemplate.TryCreate(plan, parameters)) ?? (QueryTemplate)new PipelineQuery(plan, options, parameters);
}

/// <summary>A query as pipelines.</summary>
internal sealed class PipelineQuery : QueryTemplate
{
    private readonly SubPlanTemplate _plan;
    private readonly ConstantPool _constants;
    private readonly int _outerSlots;
    private readonly ProfileLayout? _profile;

    public PipelineQuery(PhysicalPlan plan, CompileOptions options, TupleLayout parameters)
    {
        var query = new QueryBuilder(options, parameters);
        query.CountUses(plan);
        _plan = SubPlanBuilder.Compile(query, null, plan);
        _constants = query.Constants;
        _constants.Freeze();
        _outerSlots = query.Outer.Count;
        _profile = query.Profile;
    }

    /// <summary>Readies all pipelines' code.</summary>
    public void Compile()
    {
        foreach (PipelineTemplate pipeline in _plan.Pipelines)
            if (pipeline.IsBuilt) pipeline.Body(_plan.Options);
    }

    public override QueryExecution Start(QueryContext context) => new PipelineExecution(_plan, context, _constants.Address, _outerSlots, this);

    public override string Describe()
    {
        var text = new StringBuilder();
        foreach (PipelineTemplate pipeline in _plan.Pipelines)
        {
            text.Append("pipeline ").Append(pipeline.Name).Append(pipeline.IsCompiled ? " (compiled)" : " (interpreted)").Append(":\n");
            if (!pipeline.IsBuilt) text.Append("  (no code yet)\n");
            else text.Append(ExpressionText.Print(pipeline.Lambda)).Append('\n');
        }

        return text.ToString();
    }

    private sealed class PipelineExecution : QueryExecution
    {
        private readonly SubPlanInstance _instance;
        private readonly byte[] _outer;
        private readonly PipelineQuery _owner; // keeps the constants alive

        public PipelineExecution(SubPlanTemplate plan, QueryContext context, long constants, int outerSlots, PipelineQuery owner)
        {
            _owner = owner;
            _outer = GC.AllocateArray<byte>(Math.Max(8, outerSlots * 24), pinned: true);
            PlanProfile? profile = owner._profile is { } layout ? new PlanProfile(layout) : null;
            unsafe
            {
                fixed (byte* outer = _outer) _instance = new SubPlanInstance(plan, context, constants, (long)outer, null, profile);
            }
        }

        public override IReadOnlyDictionary<PhysicalPlan, NodeCounter>? Counters => _instance.Frame.Profile?.Read();

        public override ExecutionStatus Next(TupleBuffer output, int maxRows)
        {
            QueryContext context = _instance.Frame.Context;
            context.BeginReading();
            ExecutionStatus status;
            try
            {
                status = _instance.Next(output, Math.Max(1, maxRows), isTop: true);
            }
            finally
            {
                context.EndReading();
            }

            RowsAffected = _instance.Frame.RowsAffected;
            GC.KeepAlive(_owner);
            return status;
        }

        public override void Dispose() => _instance.Free();
    }
}

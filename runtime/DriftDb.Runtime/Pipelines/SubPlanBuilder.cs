using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What all nested plans of one query share while it is compiled.</summary>
internal sealed class QueryBuilder(CompileOptions options, TupleLayout parameters)
{
    public CompileOptions Options { get; } = options;

    public TupleLayout Parameters { get; } = parameters;

    public ConstantPool Constants { get; } = new();

    public OuterSlots Outer { get; } = new();

    /// <summary>How many arrays are searched by hash; see <see cref="Frame.MembersOf"/>.</summary>
    public int ArrayMembersCount { get; set; }

    /// <summary>How often each column is read, over the whole plan.</summary>
    public Dictionary<int, int> UseCounts { get; } = [];

    /// <summary>The nodes and pipelines that are measured; null when nothing is.</summary>
    public ProfileLayout? Profile { get; } = options.Profiling == Profiling.None ? null : new ProfileLayout(options.Profiling == Profiling.RowsAndTimes);

    public void CountUses(PhysicalPlan plan)
    {
        foreach (PhysicalPlan node in PlanInspector.Nodes(plan))
        {
            foreach (ScalarExpr expression in PlanInspector.Expressions(node))
                foreach (ScalarExpr part in expression.DescendantsAndSelf())
                    if (part is ScalarColumn column) Count(column.Id);
            // Operators that read columns by id rather than by expression.
            if (node is not PhysicalFilter and not PhysicalProject)
                foreach (PhysicalPlan input in node.Inputs)
                    foreach (OutputColumn column in input.Output) Count(column.Id);
        }

        foreach (OutputColumn column in plan.Output) Count(column.Id);

        void Count(int id) => UseCounts[id] = UseCounts.GetValueOrDefault(id) + 1;
    }
}

/// <summary>
/// Turns a physical plan into pipelines, in the order in which they run. <c>Produce</c> asks a node for its rows; the code that takes them is given as a function that is called while
/// the pipeline's body is built (Neumann, <i>Efficiently Compiling Efficient Query Plans for Modern Hardware</i>, VLDB 2011). A node's operator is in the file named for it.
/// </summary>
internal sealed partial class SubPlanBuilder(QueryBuilder query, SubPlanBuilder? parent)
{
    private readonly List<PipelineTemplate> _pipelines = [], _auxiliary = [];
    private readonly List<Func<OperatorState>> _states = [];
    private readonly List<(int Node, int State)> _watched = [];

    public QueryBuilder Query { get; } = query;

    public SubPlanBuilder? Parent { get; } = parent;

    public ConstantPool Constants => Query.Constants;

    public OuterSlots Outer => Query.Outer;

    public TupleLayout Parameters => Query.Parameters;

    /// <summary>Compiles a plan whose rows go into the frame's output buffer.</summary>
    public static SubPlanTemplate Compile(QueryBuilder query, SubPlanBuilder? parent, PhysicalPlan plan)
    {
        var builder = new SubPlanBuilder(query, parent);
        var layout = new TupleLayout([.. plan.Output.Select(column => column.Type)]);
        builder.Produce(plan, body => builder.EmitOutput(body, plan, layout));
        return builder.Template(layout);
    }

    /// <summary>Compiles a nested plan whose pipelines are made by <paramref name="build"/>; it leaves rows of the layout in the frame's output buffer.</summary>
    private SubPlanTemplate CompileNested(TupleLayout layout, Action<SubPlanBuilder> build)
    {
        var nested = new SubPlanBuilder(Query, this);
        build(nested);
        return nested.Template(layout);
    }

    private SubPlanTemplate Template(TupleLayout layout) => new(_pipelines, _auxiliary, _states, _watched, layout, Query.Options);

    /// <summary>Registers a state of the running frame; its index is what generated code knows.</summary>
    public int AddState(Func<OperatorState> create)
    {
        _states.Add(create);
        return _states.Count - 1;
    }

    public StartValues Start(params IEnumerable<ScalarExpr?> expressions) => new(this, [.. expressions]);

    private void AddPipeline(int source, BodyBuilder body, PhysicalPlan node)
    {
        int number = Query.Profile?.AddPipeline() ?? -1;
        if (Query.Profile is { } profile) profile.Nodes[profile.NumberOf(node)].InputPipeline = number;
        _pipelines.Add(new PipelineTemplate(source, body.ToLambda(), Query, node.EstimatedRows, NameOf(node), number));
    }

    private static string NameOf(PhysicalPlan node) => node.GetType().Name["Physical".Length..];

    /// <summary>A pipeline over rows that had left memory, in the sequence. Its code is made when there are such rows.</summary>
    private void AddLatePipeline(int source, PhysicalPlan node, Action<BodyBuilder, ParameterExpression> consume) =>
        _pipelines.Add(new PipelineTemplate(source, () => RowLoop(consume).ToLambda(), Query, node.EstimatedRows, NameOf(node) + " (spilled)", Query.Profile?.AddPipeline() ?? -1));

    /// <summary>The same, run by an operator rather than in the sequence; its number.</summary>
    private int AddAuxiliaryPipeline(int source, PhysicalPlan node, Action<BodyBuilder, ParameterExpression> consume)
    {
        _auxiliary.Add(new PipelineTemplate(source, () => RowLoop(consume).ToLambda(), Query, node.EstimatedRows, NameOf(node) + " (spilled)", -1));
        return _auxiliary.Count - 1;
    }

    private void EmitOutput(BodyBuilder body, PhysicalPlan plan, TupleLayout layout)
    {
        if (plan is PhysicalWrite { Returning.IsDefault: true }) return;
        Expression output = body.Hoist("output", typeof(TupleBuffer), () => Expression.Field(body.Frame, nameof(Frame.Output)));
        Expression arena = body.Hoist("outputArena", typeof(Arena), () => Expression.Field(body.Frame, nameof(Frame.OutputArena)));
        StoreRow(body, output, arena, layout, plan.Output);
    }

    /// <summary>Appends a row of the columns in scope to a buffer; returns the row.</summary>
    private static ParameterExpression StoreRow(BodyBuilder body, Expression buffer, Expression? arena, TupleLayout layout, IReadOnlyList<OutputColumn> columns, int firstColumn = 0)
    {
        // All values first: their statements must not come between the row's append and its stores.
        var codes = columns.Select(column => body.Column(column.Id)).ToArray();
        ParameterExpression row = body.Assign(MemoryCode.Call("AppendRow", buffer), "row");
        for (int i = 0; i < columns.Count; i++) body.Store(row, layout, firstColumn + i, codes[i], arena);
        return row;
    }

    private void Produce(PhysicalPlan node, Action<BodyBuilder> consume)
    {
        if (Query.Profile is { } profile) ProduceMeasured(profile, node, consume);
        else ProduceNode(node, consume);
    }

    private void ProduceNode(PhysicalPlan node, Action<BodyBuilder> consume)
    {
        switch (node)
        {
            case PhysicalTableScan scan: ProduceTableScan(scan, consume); break;
            case PhysicalIndexScan scan: ProduceIndexScan(scan, consume); break;
            case PhysicalSystemScan scan: ProduceSystemScan(scan, consume); break;
            case PhysicalValues values: ProduceValues(values, consume); break;
            case PhysicalTableFunction function: ProduceTableFunction(function, consume); break;
            case PhysicalCteScan scan: ProduceCteScan(scan, consume); break;
            case PhysicalFilter filter: Produce(filter.Input, body =>
            {
                body.EmitFilter(filter.Predicate, body.Next);
                consume(body);
            }); break;
            case PhysicalProject project: ProduceProject(project, consume); break;
            case PhysicalLimit limit: ProduceLimit(limit, consume); break;
            case PhysicalDistinctOn distinct: ProduceDistinctOn(distinct, consume); break;
            case PhysicalLockRows rows: ProduceLockRows(rows, consume); break;
            case PhysicalHashJoin join: ProduceHashJoin(join, consume); break;
            case PhysicalMergeJoin join: ProduceMergeJoin(join, consume); break;
            case PhysicalNestedLoopJoin join: ProduceNestedLoop(join, consume); break;
            case PhysicalIndexJoin join: ProduceIndexJoin(join, consume); break;
            case PhysicalApply apply: ProduceApply(apply, consume); break;
            case PhysicalHashAggregate aggregate: ProduceAggregate(aggregate, aggregate.Input, aggregate.Keys, aggregate.Aggregates, aggregate.GroupingSets, consume); break;
            case PhysicalStreamAggregate aggregate: ProduceStreamAggregate(aggregate, consume); break;
            case PhysicalSort sort: ProduceSort(sort, consume); break;
            case PhysicalTopN top: ProduceTopN(top, consume); break;
            case PhysicalWindow window: ProduceWindow(window, consume); break;
            case PhysicalUnionAll union: ProduceUnionAll(union, consume); break;
            case PhysicalHashSetOperation set: ProduceSetOperation(set, consume); break;
            case PhysicalWith with: ProduceWith(with, consume); break;
            case PhysicalRecursiveUnion union: ProduceRecursiveUnion(union, consume); break;
            case PhysicalInsert insert: ProduceInsert(insert, consume); break;
            case PhysicalUpdate update: ProduceUpdate(update, consume); break;
            case PhysicalDelete delete: ProduceDelete(delete, consume); break;
            default: throw new SqlException(SqlState.FeatureNotSupported, $"{node.GetType().Name} is not supported");
        }
    }

    private void ProduceProject(PhysicalProject project, Action<BodyBuilder> consume) => Produce(project.Input, body =>
    {
        // A column read once is computed where it is read; one read more often is computed here, once.
        foreach (Assignment assignment in project.Assignments)
        {
            if (assignment.IsPassThrough && assignment.Value.Type.Equals(assignment.Column.Type)) continue;
            OutputColumn column = assignment.Column;
            if (assignment.Value is ScalarColumn or ScalarConstant or ScalarParameter || (Query.UseCounts.GetValueOrDefault(column.Id) <= 1 && !IsVolatile(assignment.Value)))
            {
                ScalarExpr value = assignment.Value;
                if (value is ScalarColumn source && source.Id == column.Id)
                {
                    Code code = body.Stable(body.EmitAs(value, column.Type));
                    body.Define(column.Id, code);
                }
                else body.Define(column.Id, () => body.EmitAs(value, column.Type));
            }
            else body.Define(column.Id, body.Stable(body.EmitAs(assignment.Value, column.Type)));
        }

        consume(body);
    });

    internal static bool IsVolatile(ScalarExpr expression) =>
        expression.DescendantsAndSelf().OfType<ScalarCall>().Any(call => call.Function.Volatility == Volatility.Volatile);

    // ---- Loops over materialised rows ----

    /// <summary>A pipeline over the rows that a <see cref="RowSource"/> hands out as an array of addresses.</summary>
    private void LoopRows(int source, PhysicalPlan node, Action<BodyBuilder, ParameterExpression> consume)
    {
        BodyBuilder body = RowLoop(consume, node);
        AddPipeline(source, body, node);
    }

    private BodyBuilder RowLoop(Action<BodyBuilder, ParameterExpression> consume, PhysicalPlan? measured = null)
    {
        var body = new BodyBuilder(this);
        ParameterExpression index = body.Variable(typeof(int), "i"), row = body.Variable(typeof(long), "row");
        body.AddPrologue(Expression.Assign(index, Expression.Constant(-1)));
        body.Loop((end, again) =>
        {
            body.Next = again;
            body.Add(Expression.IfThen(Expression.GreaterThanOrEqual(Expression.PreIncrementAssign(index), body.Count), Expression.Goto(end)));
            body.Add(Expression.Assign(row, MemoryCode.Call("Pointer", body.Input, index)));
            consume(body, row);
        });
        if (measured is not null) EmitNotReached(body, measured, index);
        return body;
    }

    /// <summary>Loops over the rows of a buffer that a state owns.</summary>
    private void LoopBuffer(int bufferState, PhysicalPlan node, IReadOnlyList<OutputColumn> columns, Action<BodyBuilder> consume, int firstColumn = 0, TupleLayout? layout = null)
    {
        int source = AddState(() => new BufferSource(bufferState));
        layout ??= new TupleLayout([.. columns.Select(column => column.Type)]);
        LoopRows(source, node, (body, row) =>
        {
            for (int i = 0; i < columns.Count; i++) body.DefineTuple(columns[i], row, layout, firstColumn + i);
            consume(body);
        });
    }

    private static void StoreIn(BodyBuilder body, int state, TupleLayout layout, IReadOnlyList<OutputColumn> source, IReadOnlyList<OutputColumn> target)
    {
        (Expression buffer, Expression arena) = BufferOf(body, state);
        var codes = source.Select((column, i) => body.Coerce(body.Column(column.Id), column.Type, target[i].Type)).ToArray();
        ParameterExpression row = body.Assign(MemoryCode.Call("AppendRow", buffer), "row");
        for (int i = 0; i < codes.Length; i++) body.Store(row, layout, i, codes[i], arena);
    }

    private static (Expression Buffer, Expression Arena) BufferOf(BodyBuilder body, int state)
    {
        Expression owner = body.State(state, typeof(BufferState));
        Expression buffer = body.Hoist(("buffer", state), typeof(TupleBuffer), () => Expression.Field(owner, nameof(BufferState.Rows)));
        Expression arena = body.Hoist(("bufferArena", state), typeof(Arena), () => Expression.Property(buffer, nameof(TupleBuffer.Arena)));
        return (buffer, arena);
    }
}

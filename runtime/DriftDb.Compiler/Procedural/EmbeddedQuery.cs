using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// A statement or an expression of SQL in a block. It is planned when it is run first, with the block's variables for parameters, and the plan is kept for as long as it holds: the same catalog, the same settings, and for records
/// the same fields. Used by one session.
/// </summary>
internal sealed class EmbeddedQuery(DataStatement statement, BlockScope scope, VariableConflict conflict)
{
    private readonly Stack<StepMemory> _memory = new();
    private QueryPlan? _plan;
    private ParameterRowPool? _rows;
    private ScalarExpr? _leaf;
    private string _environment = "";
    private ImmutableArray<int> _variables = [];
    private ImmutableArray<SqlType> _variableTypes = [];

    public DataStatement Statement => statement;

    /// <summary>The plan for the run's variables as they are, with their values.</summary>
    public (QueryPlan Plan, ParameterRow? Values) Prepare(BlockRun run)
    {
        if (!IsCurrent(run)) Plan(run);
        var plan = _plan!;
        if (plan.IsWrite) run.RequireVolatile(plan.Kind.ToString().ToUpperInvariant());
        var values = Values(run);
        // The past may have had another schema: this run gets a plan for its own moment.
        if (plan.NeedsOpenPeriodCheck && values is not null && run.Session.Database.Catalog.Version > 0) plan = Planner(run, Resolver(run)).Plan(statement, [], values: values.Boxed());
        return (plan, values);
    }

    /// <summary>The one value of an expression; NULL when it has no row.</summary>
    public (object? Value, SqlType Type) Evaluate(BlockRun run)
    {
        if (!IsCurrent(run)) Plan(run);
        // A variable or a constant alone needs no plan.
        if (_leaf is ScalarConstant constant) return (constant.Value, constant.Type);
        if (_leaf is ScalarParameter parameter) return (run.Values[_variables[parameter.Number - 1]], run.Types[_variables[parameter.Number - 1]]);
        var (plan, values) = Prepare(run);
        if (plan.Shape is not { Columns.Length: 1 } shape) throw new SqlException(SqlState.WrongObjectType, $"query returned {plan.Shape?.Columns.Length ?? 0} columns");
        if (plan.IsWrite || plan.LocksRows || !plan.Bound.Relations.IsEmpty || plan.CallsRoutines) return FromStep(run, plan, values);
        plan.ThrowIfConstantFails();
        return (Compute(run.Session, plan, values), shape.Columns[0].Type);
    }

    /// <summary>A value that comes of the variables alone: no statement has to begin for it.</summary>
    private unsafe object? Compute(Session session, QueryPlan plan, ParameterRow? values)
    {
        var memory = _memory.TryPop(out var kept) && ReferenceEquals(kept.Query, plan.Query) ? kept : new StepMemory(plan.Query, session.NewContext());
        var (context, rows) = (memory.Context, memory.Rows);
        context.Settings = session.Format;
        context.Parameters = values is null ? null : values.Address;
        using (var execution = plan.Query.Start(context))
        {
            while (execution.Next(rows, 2) == ExecutionStatus.MoreRows && rows.Count < 2)
            {
            }
        }

        if (rows.Count > 1) throw MoreThanOne();
        object? value = rows.Count == 0 || TupleLayout.IsNull(rows.Row(0), 0) ? null : BoxedValue.Load(rows.Layout.Types[0], rows.Row(0) + rows.Layout.Offset(0));
        if (values is not null) values.IsInUse = false;
        rows.Clear();
        context.Reset();
        _memory.Push(memory);
        return value;
    }

    private static (object? Value, SqlType Type) FromStep(BlockRun run, QueryPlan plan, ParameterRow? values)
    {
        var rows = new RowCapture(2);
        run.RunToEnd(new QueryStep(run.Session, plan, values), rows);
        if (rows.Count > 1) throw MoreThanOne();
        return (rows.Count == 0 ? null : rows[0][0], plan.Shape!.Columns[0].Type);
    }

    private static SqlException MoreThanOne() => new(SqlState.CardinalityViolation, "query returned more than one row");

    private bool IsCurrent(BlockRun run)
    {
        if (_plan is not { HoldsNow: false } plan || !run.Session.IsCurrent(plan) || _environment != run.Session.EnvironmentText) return false;
        for (int i = 0; i < _variables.Length; i++)
            if (!ReferenceEquals(run.Types[_variables[i]], _variableTypes[i]) && !run.Types[_variables[i]].Equals(_variableTypes[i])) return false;
        return true;
    }

    private void Plan(BlockRun run)
    {
        _memory.Clear();
        var resolver = Resolver(run);
        _plan = Planner(run, resolver).Plan(statement, []);
        _rows = _plan.ParameterTypes.IsEmpty ? null : new ParameterRowPool(_plan.ParameterTypes);
        _leaf = _plan.Optimized.Physical is PhysicalValues { Rows: [[ScalarConstant or ScalarParameter]] } only ? only.Rows[0][0] : null;
        _environment = run.Session.EnvironmentText;
        _variables = [.. resolver.Used];
        _variableTypes = [.. _variables.Select(number => run.Types[number])];
    }

    private VariableResolver Resolver(BlockRun run) => new(scope, run.Types, conflict);

    private static StatementPlanner Planner(BlockRun run, VariableResolver resolver) => new(run.Session.Environment with { Routine = run.Program.Around(resolver) });

    /// <summary>The variables' values as the plan's parameters: a row that goes back to the pool when the step that uses it is disposed.</summary>
    private ParameterRow? Values(BlockRun run)
    {
        if (_rows is null) return null;
        var values = new object?[_variables.Length];
        for (int i = 0; i < values.Length; i++) values[i] = run.Values[_variables[i]];
        var row = _rows.Rent();
        row.Clear();
        row.Store(values);
        return row;
    }
}

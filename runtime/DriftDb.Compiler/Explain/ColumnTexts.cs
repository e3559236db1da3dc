using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>Names for the plan's column ids: a table's column by its name, a computed one by its expression, as people wrote the query.</summary>
internal sealed class ColumnTexts
{
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<int, ScalarExpr> _computed = [];
    private readonly Dictionary<int, ScalarExpr> _outer = [];
    private readonly Dictionary<int, Func<string>> _calls = [];
    private readonly HashSet<int> _open = [];
    private readonly bool _isQualified;

    public ColumnTexts(PhysicalPlan plan, bool isVerbose)
    {
        _isQualified = isVerbose || Scans(plan) > 1;
        Collect(plan);
    }

    public string Print(ScalarExpr expression)
    {
        var known = _outer.Count == 0 ? expression : expression.Rewrite(node => node is ScalarOuter outer && _outer.TryGetValue(outer.Slot, out var value) ? value : node);
        return ScalarPrinter.Print(known, column => Name(column.Id, column.Name));
    }

    public string Name(OutputColumn column) => Name(column.Id, column.Name);

    public string Name(int id, string fallback)
    {
        if (_names.TryGetValue(id, out string? name)) return name;
        if (_calls.TryGetValue(id, out var call)) return call();
        // A recursive plan may define a column by itself.
        if (!_computed.TryGetValue(id, out var expression) || !_open.Add(id)) return fallback;
        try
        {
            return Print(expression);
        }
        finally
        {
            _open.Remove(id);
        }
    }

    /// <summary>Sort keys as ORDER BY has them.</summary>
    public string[] Keys(IEnumerable<SortKey> keys, PhysicalPlan input)
    {
        var columns = input.Output.DistinctBy(column => column.Id).ToDictionary(column => column.Id);
        return [.. keys.Select(key =>
        {
            string text = columns.TryGetValue(key.ColumnId, out var column) ? Name(column) : Name(key.ColumnId, $"#{key.ColumnId}");
            if (key.Descending) return key.NullsFirst ? text + " DESC" : text + " DESC NULLS LAST";
            return key.NullsFirst ? text + " NULLS FIRST" : text;
        })];
    }

    private static int Scans(PhysicalPlan plan) =>
        (plan is PhysicalTableScan or PhysicalIndexScan or PhysicalSystemScan or PhysicalCteScan or PhysicalTableFunction ? 1 : 0) + plan.Inputs.Sum(Scans);

    private void Collect(PhysicalPlan plan)
    {
        foreach (var input in plan.Inputs) Collect(input);
        switch (plan)
        {
            case PhysicalTableScan scan: Named(scan.Alias, scan.Columns); break;
            case PhysicalIndexScan scan: Named(scan.Alias, scan.Columns); break;
            case PhysicalSystemScan scan: Named(scan.Alias, scan.Columns); break;
            case PhysicalCteScan scan: Named(scan.Name, scan.Columns); break;
            case PhysicalTableFunction function: Named(function.Function.Name, function.Output); break;
            case PhysicalValues values:
                foreach (var (column, i) in values.Columns.Select((column, i) => (column, i)))
                {
                    if (values.Rows.Length == 1) _computed.TryAdd(column.Id, values.Rows[0][i]);
                    else _names.TryAdd(column.Id, $"\"*VALUES*\".{column.Name}");
                }

                break;
            case PhysicalProject project:
                foreach (var assignment in project.Assignments.Where(assignment => !assignment.IsPassThrough)) _computed.TryAdd(assignment.Column.Id, assignment.Value);
                break;
            case PhysicalHashAggregate aggregate: Called(aggregate.Aggregates); break;
            case PhysicalStreamAggregate aggregate: Called(aggregate.Aggregates); break;
            case PhysicalWindow window:
                foreach (var call in window.Calls) _calls.TryAdd(call.Column.Id, () => $"{call.Function.Name}({string.Join(", ", call.Arguments.Select(Print))}) OVER (?)");
                break;
            case PhysicalUnionAll union: Like(union.Columns, union.Branches[0]); break;
            case PhysicalHashSetOperation set: Like(set.Columns, set.Left); break;
            case PhysicalRecursiveUnion union: Like(union.Columns, union.Seed); break;
            case PhysicalApply apply:
                foreach (var (slot, value) in apply.Bindings) _outer.TryAdd(slot, value);
                break;
        }
    }

    private void Named(string alias, IEnumerable<OutputColumn> columns)
    {
        string prefix = _isQualified ? ObjectNames.QuoteIfNeeded(alias) + "." : "";
        foreach (var column in columns) _names.TryAdd(column.Id, prefix + ObjectNames.QuoteIfNeeded(column.Name));
    }

    private void Called(IEnumerable<AggregateCall> calls)
    {
        foreach (var call in calls) _calls.TryAdd(call.Column.Id, () => AggregatePrinter.Print(call, Print));
    }

    /// <summary>A set operation's columns are called as its first input's.</summary>
    private void Like(IEnumerable<OutputColumn> columns, PhysicalPlan first)
    {
        foreach (var (column, source) in columns.Zip(first.Output))
            if (column.Id != source.Id) _computed.TryAdd(column.Id, source.Reference());
    }
}

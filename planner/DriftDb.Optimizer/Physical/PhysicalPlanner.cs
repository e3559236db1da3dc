using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>Lowers the logical plan: access paths, join and aggregation methods, where to sort.</summary>
internal sealed partial class PhysicalPlanner(Estimator estimator, OptimizerOptions options)
{
    /// <summary>Snapshots are numbered beyond the statement's own common table expressions.</summary>
    private const int FirstSnapshotId = 1_000_000;

    private int _nextSlot, _nextSnapshot;

    public PhysicalPlan Lower(LogicalPlan plan) => Lower(plan, []);

    /// <param name="plan">What to lower.</param>
    /// <param name="wanted">An order that the plan above would like; it looks itself whether it got it.</param>
    private PhysicalPlan Lower(LogicalPlan plan, ImmutableArray<SortKey> wanted)
    {
        double rows = estimator.Rows(plan);
        return plan switch
        {
            LogicalScan scan => Scan(scan, null, rows, wanted),
            LogicalFilter { Input: LogicalScan scan } filter => Scan(scan, filter.Predicate, rows, wanted),
            LogicalFilter filter => Filter(filter, rows, wanted),
            LogicalProject project => Project(project, rows, wanted),
            LogicalValues values => new PhysicalValues(values.Columns, values.Rows) { EstimatedRows = rows, TotalCost = rows * CostModel.RowFilter },
            LogicalTableFunction function => new PhysicalTableFunction(function.Function, function.Arguments, function.Columns, function.Ordinality) { EstimatedRows = rows, TotalCost = rows * CostModel.RowScan },
            LogicalCteScan scan => new PhysicalCteScan(scan.CteId, scan.Name, scan.Columns) { EstimatedRows = rows, TotalCost = rows * CostModel.RowScan },
            LogicalJoin join => Join(join, rows),
            LogicalApply apply => Apply(apply, rows),
            LogicalAggregate aggregate => Aggregate(aggregate, rows),
            LogicalWindow window => Window(window, rows),
            LogicalSort sort => Sort(sort, rows),
            LogicalLimit limit => Limit(limit, rows),
            LogicalDistinctOn distinct => Over(Lower(distinct.Input), input => new PhysicalDistinctOn(input, distinct.KeyIds), rows, CostModel.RowFilter),
            LogicalLockRows locked => Over(Lower(locked.Input, wanted), input => new PhysicalLockRows(input, locked.Targets, locked.Strength, locked.Policy), rows, CostModel.IndexLookup),
            LogicalSetOperation set => SetOperation(set, rows),
            LogicalWith with => With(with),
            LogicalRecursiveUnion union => Recursive(union, rows),
            LogicalInsert insert => Over(SnapshotOf(insert.Target, Lower(insert.Input)), input => new PhysicalInsert(input, insert.Target, insert.NewColumns, insert.Checks, insert.OnConflict, insert.Returning), rows, 0.01),
            LogicalUpdate update => Over(
                SnapshotOf(update.Target, Lower(update.Input)), input => new PhysicalUpdate(input, update.Target, update.RowId, update.NewColumns, update.ChangedOrdinals, update.Checks, update.Returning), rows, 0.01),
            LogicalDelete delete => Over(SnapshotOf(delete.Target, Lower(delete.Input)), input => new PhysicalDelete(input, delete.Target, delete.RowId, delete.Returning), rows, 0.01),
            _ => throw new InvalidOperationException($"no lowering for {plan.GetType().Name}"),
        };
    }

    /// <summary>
    /// A statement sees its table as it was before it began. Scans do; lookups made while rows are being written would see those (the Halloween problem), so
    /// an input that looks into the written table row by row is computed whole before the first write.
    /// </summary>
    private PhysicalPlan SnapshotOf(IRelation target, PhysicalPlan input)
    {
        if (!LooksUpWhileRunning(input, target)) return input;
        int id = FirstSnapshotId + _nextSnapshot++;
        return new PhysicalWith(id, "snapshot", input, new PhysicalCteScan(id, "snapshot", input.Output) { EstimatedRows = input.EstimatedRows, TotalCost = input.TotalCost })
        {
            EstimatedRows = input.EstimatedRows, StartupCost = input.TotalCost, TotalCost = input.TotalCost + input.EstimatedRows * CostModel.RowScan,
        };
    }

    private static bool LooksUpWhileRunning(PhysicalPlan plan, IRelation target) => plan switch
    {
        PhysicalIndexJoin join when join.Inner.Relation.Oid == target.Oid => true,
        PhysicalApply apply when Reads(apply.Right, target) => true,
        _ => plan.Inputs.Any(input => LooksUpWhileRunning(input, target)),
    };

    private static bool Reads(PhysicalPlan plan, IRelation target) =>
        plan is PhysicalTableScan scan && scan.Relation.Oid == target.Oid || plan is PhysicalIndexScan index && index.Relation.Oid == target.Oid || plan.Inputs.Any(input => Reads(input, target));

    /// <summary>A node over one input, whose own work is so much a row.</summary>
    private static PhysicalPlan Over(PhysicalPlan input, Func<PhysicalPlan, PhysicalPlan> make, double rows, double costPerRow) =>
        make(input) with { EstimatedRows = rows, StartupCost = input.StartupCost, TotalCost = input.TotalCost + input.EstimatedRows * costPerRow };

    private PhysicalPlan Filter(LogicalFilter filter, double rows, ImmutableArray<SortKey> wanted) =>
        Over(Lower(filter.Input, wanted), input => new PhysicalFilter(input, filter.Predicate), rows, CostModel.RowFilter);

    private PhysicalPlan Project(LogicalProject project, double rows, ImmutableArray<SortKey> wanted)
    {
        // An order over columns that are passed through is an order of the input.
        var sources = project.Assignments.Where(a => a.Value is ScalarColumn).ToDictionary(a => a.Column.Id, a => ((ScalarColumn)a.Value).Id);
        ImmutableArray<SortKey> below = wanted.All(key => sources.ContainsKey(key.ColumnId)) ? [.. wanted.Select(key => key with { ColumnId = sources[key.ColumnId] })] : [];
        return Over(Lower(project.Input, below), input => new PhysicalProject(input, project.Assignments), rows, CostModel.RowFilter);
    }

    private PhysicalPlan Sort(LogicalSort sort, double rows)
    {
        var input = Lower(sort.Input, sort.Keys);
        if (Orderings.Satisfies(input, sort.Keys)) return input;
        // The offer of an order may have cost more than it is worth: ask again without.
        input = Lower(sort.Input);
        double cost = input.TotalCost + CostModel.Sort(rows) + (options.EnableSort ? 0 : CostModel.Disabled);
        return new PhysicalSort(input, sort.Keys) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost };
    }

    private PhysicalPlan Limit(LogicalLimit limit, double rows)
    {
        if (limit is { Input: LogicalSort sort, Count: { } count } && limit.TieKeys.IsDefaultOrEmpty)
        {
            var ordered = Lower(sort.Input, sort.Keys);
            if (!Orderings.Satisfies(ordered, sort.Keys))
            {
                var input = Lower(sort.Input);
                double cost = input.TotalCost + input.EstimatedRows * CostModel.RowFilter * 2;
                return new PhysicalTopN(input, sort.Keys, count, limit.Offset) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost };
            }

            return Limited(limit, ordered, rows);
        }

        return Limited(limit, Lower(limit.Input), rows);
    }

    private static PhysicalLimit Limited(LogicalLimit limit, PhysicalPlan input, double rows)
    {
        double share = Math.Min(1, rows / Math.Max(1, input.EstimatedRows));
        return new PhysicalLimit(input, limit.Count, limit.Offset, limit.TieKeys) { EstimatedRows = rows, StartupCost = input.StartupCost, TotalCost = input.StartupCost + (input.TotalCost - input.StartupCost) * share };
    }

    private PhysicalPlan Window(LogicalWindow window, double rows)
    {
        ImmutableArray<SortKey> keys = [.. window.PartitionBy.Select(column => new SortKey(column.Id, false, false)), .. window.OrderBy];
        var input = Lower(window.Input, keys);
        if (!keys.IsEmpty && !Orderings.Satisfies(input, keys))
        {
            double cost = input.TotalCost + CostModel.Sort(rows);
            input = new PhysicalSort(input, keys) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost };
        }

        return Over(input, sorted => new PhysicalWindow(sorted, window.PartitionBy, window.OrderBy, window.Calls), rows, CostModel.GroupRow);
    }

    private PhysicalPlan Aggregate(LogicalAggregate aggregate, double rows)
    {
        ImmutableArray<SortKey> keys = [.. aggregate.Keys.Select(key => new SortKey(key.Id, false, false))];
        // A sorted input comes for free only from below; asking for it is worth it when hashing is off.
        var input = Lower(aggregate.Input, options.EnableHashAggregate ? [] : keys);
        bool oneSet = aggregate.GroupingSets.IsDefault;
        if (oneSet && !keys.IsEmpty && !options.EnableHashAggregate && !Orderings.Groups(input, keys))
            input = new PhysicalSort(input, keys) { EstimatedRows = input.EstimatedRows, StartupCost = input.TotalCost + CostModel.Sort(input.EstimatedRows), TotalCost = input.TotalCost + CostModel.Sort(input.EstimatedRows) };
        double cost = input.TotalCost + input.EstimatedRows * CostModel.GroupRow;
        if (oneSet && !keys.IsEmpty && Orderings.Groups(input, keys))
            return new PhysicalStreamAggregate(input, aggregate.Keys, aggregate.Aggregates) { EstimatedRows = rows, StartupCost = input.StartupCost, TotalCost = cost };
        return new PhysicalHashAggregate(input, aggregate.Keys, aggregate.Aggregates, aggregate.GroupingSets) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost + rows * CostModel.RowScan };
    }

    private PhysicalPlan SetOperation(LogicalSetOperation set, double rows)
    {
        if (set.Kind != SetOperationKind.Union)
        {
            var (left, right) = (Lower(set.Left), Lower(set.Right));
            double cost = left.TotalCost + right.TotalCost + (left.EstimatedRows + right.EstimatedRows) * CostModel.HashBuild;
            return new PhysicalHashSetOperation(set.Kind, set.All, left, right, set.Columns) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost };
        }

        var branches = Branches(set, set.All).Select(branch => Lower(branch)).ToImmutableArray();
        double total = branches.Sum(branch => branch.TotalCost);
        PhysicalPlan union = new PhysicalUnionAll(branches, set.Columns) { EstimatedRows = rows, TotalCost = total };
        return set.All ? union : new PhysicalHashAggregate(union, set.Columns, []) { EstimatedRows = rows, StartupCost = total + rows * CostModel.GroupRow, TotalCost = total + rows * CostModel.GroupRow };
    }

    /// <summary>A chain of unions of one kind is one node: UNION's duplicates are all removed at the end.</summary>
    private static IEnumerable<LogicalPlan> Branches(LogicalPlan plan, bool all)
    {
        var pending = new Stack<LogicalPlan>();
        pending.Push(plan);
        while (pending.TryPop(out var node))
        {
            if (node is LogicalSetOperation { Kind: SetOperationKind.Union } union && (union.All || !all) && (union.All == all || !all))
            {
                pending.Push(union.Right);
                pending.Push(union.Left);
            }
            else
            {
                yield return node;
            }
        }
    }

    private PhysicalWith With(LogicalWith with)
    {
        var definition = Lower(with.Definition);
        var body = Lower(with.Body);
        return new PhysicalWith(with.CteId, with.Name, definition, body) { EstimatedRows = body.EstimatedRows, StartupCost = definition.TotalCost + body.StartupCost, TotalCost = definition.TotalCost + body.TotalCost };
    }

    private PhysicalRecursiveUnion Recursive(LogicalRecursiveUnion union, double rows)
    {
        var (seed, step) = (Lower(union.Seed), Lower(union.Step));
        return new PhysicalRecursiveUnion(union.CteId, seed, step, union.Distinct, union.Columns) { EstimatedRows = rows, StartupCost = seed.StartupCost, TotalCost = seed.TotalCost + 10 * step.TotalCost };
    }
}

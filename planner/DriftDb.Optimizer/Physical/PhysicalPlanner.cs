using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>Lowers the logical plan: access paths, join and aggregation methods, where to sort.</summary>
internal sealed partial class PhysicalPlanner(Estimator estimator, OptimizerOptions options)
{
    /// <summary>Snapshots are numbered beyond the statement's own common table expressions.</summary>
    private const int FirstSnapshotId = 1_000_000;

    /// <summary>What was lowered already, by the order asked for. The alternatives of a join ask for their inputs again and again; without this a chain of n joins would take 2ⁿ steps.</summary>
    private readonly Dictionary<LogicalPlan, List<(ImmutableArray<SortKey> Wanted, double Share, PhysicalPlan Plan)>> _lowered = new(ReferenceEqualityComparer.Instance);

    private int _nextSlot, _nextSnapshot;

    /// <summary>The share of the rows that will be read when they come in the order wanted: less than 1 below a LIMIT.</summary>
    private double _share = 1;

    public PhysicalPlan Lower(LogicalPlan plan) => Lower(plan, []);

    /// <param name="plan">What to lower.</param>
    /// <param name="wanted">An order that the plan above would like; it looks itself whether it got it.</param>
    private PhysicalPlan Lower(LogicalPlan plan, ImmutableArray<SortKey> wanted)
    {
        // Only nodes that hand rows on as they come read less when less is asked of them.
        double outer = _share, share = wanted.IsEmpty || plan is not (LogicalScan or LogicalFilter or LogicalProject or LogicalJoin or LogicalAggregate or LogicalLockRows) ? 1 : outer;
        if (!_lowered.TryGetValue(plan, out var known)) _lowered[plan] = known = [];
        foreach (var (order, knownShare, lowered) in known)
            if (knownShare == share && order.SequenceEqual(wanted)) return lowered;
        _share = share;
        var physical = LowerAnew(plan, wanted);
        _share = outer;
        known.Add((wanted, share, physical));
        return physical;
    }

    private PhysicalPlan LowerAnew(LogicalPlan plan, ImmutableArray<SortKey> wanted)
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
            LogicalJoin join => Join(join, rows, wanted),
            LogicalApply apply => Apply(apply, rows),
            LogicalAggregate aggregate => Aggregate(aggregate, rows, wanted),
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
                InRowOrder(update.Target, Lower(update.Input), update.RowId), input => new PhysicalUpdate(input, update.Target, update.RowId, update.NewColumns, update.ChangedOrdinals, update.Checks, update.Returning) { Leftovers = update.Leftovers }, rows, 0.01),
            LogicalDelete delete => Over(InRowOrder(delete.Target, Lower(delete.Input), delete.RowId), input => new PhysicalDelete(input, delete.Target, delete.RowId, delete.Returning) { Leftovers = delete.Leftovers }, rows, 0.01),
            _ => throw new InvalidOperationException($"no lowering for {plan.GetType().Name}"),
        };
    }

    /// <summary>Many rows of a table are changed in the order in which they lie: each chunk, and each page of an index that follows its order, is visited once, and needn't be read again for each row where memory is short.</summary>
    private PhysicalPlan InRowOrder(IRelation target, PhysicalPlan input, int rowId) =>
        MostRows(input) < CostModel.ManyRows || IsInRowOrder(input, target) ? SnapshotOf(target, input) : Sorted(input, [new SortKey(rowId, false, false)]);

    /// <summary>The most rows anywhere in the plan: how many of them a filter or a join leaves is often a guess, and sorting a few costs nothing.</summary>
    private static double MostRows(PhysicalPlan plan) => plan.Inputs.Select(MostRows).Append(plan.EstimatedRows).Max();

    private static bool IsInRowOrder(PhysicalPlan plan, IRelation target) => plan switch
    {
        PhysicalTableScan scan => scan.Relation.Oid == target.Oid,
        PhysicalFilter or PhysicalProject or PhysicalLockRows or PhysicalLimit => IsInRowOrder(plan.Inputs[0], target),
        _ => false,
    };

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
        var ordered = Lower(sort.Input, sort.Keys);
        // An order may cost more than it is worth: plans that don't have it and a sort are the other way.
        var sorted = Sorted(Lower(sort.Input), sort.Keys);
        return Orderings.Satisfies(ordered, sort.Keys) && ordered.TotalCost <= sorted.TotalCost ? ordered : sorted;
    }

    private PhysicalSort Sorted(PhysicalPlan input, ImmutableArray<SortKey> keys)
    {
        double cost = input.TotalCost + CostModel.Sort(input.EstimatedRows) + (options.EnableSort ? 0 : CostModel.Disabled);
        return new PhysicalSort(input, keys) { EstimatedRows = input.EstimatedRows, StartupCost = cost, TotalCost = cost };
    }

    /// <summary>A plan's cost to somebody who wants an order: with the sort that is still to be done, or, where the order is there, only as far as it will be read.</summary>
    private double Price(PhysicalPlan plan, ImmutableArray<SortKey> wanted)
    {
        if (wanted.IsEmpty) return plan.TotalCost;
        if (Orderings.Satisfies(plan, wanted)) return plan.StartupCost + (plan.TotalCost - plan.StartupCost) * _share;
        return plan.TotalCost + (_share < 1 ? CostModel.TopN(plan.EstimatedRows) : CostModel.Sort(plan.EstimatedRows));
    }

    private PhysicalPlan Limit(LogicalLimit limit, double rows)
    {
        if (limit.IsPercent)
        {
            // How many rows there are is known when all are: a sort has them, and whatever else gets one over it that keeps its order.
            var all = Lower(limit.Input);
            return Limited(limit, all is PhysicalSort ? all : Sorted(all, Orderings.Of(all)), rows) with { IsPercent = true };
        }

        if (limit is { Input: LogicalSort sort, Count: { } count } && limit.TieKeys.IsDefaultOrEmpty)
        {
            _share = ShareOf(limit, rows, estimator.Rows(sort.Input));
            var ordered = Lower(sort.Input, sort.Keys);
            _share = 1;
            var input = Lower(sort.Input);
            double cost = input.TotalCost + CostModel.TopN(input.EstimatedRows);
            var top = new PhysicalTopN(input, sort.Keys, count, limit.Offset) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost };
            if (!Orderings.Satisfies(ordered, sort.Keys)) return top;
            // An ordered input is read only as far as the limit goes.
            var limited = Limited(limit, ordered, rows);
            return limited.TotalCost <= top.TotalCost ? limited : top;
        }

        return Limited(limit, Lower(limit.Input), rows);
    }

    private static PhysicalLimit Limited(LogicalLimit limit, PhysicalPlan input, double rows)
    {
        double share = ShareOf(limit, rows, input.EstimatedRows);
        return new PhysicalLimit(input, limit.Count, limit.Offset, limit.TieKeys) { EstimatedRows = rows, StartupCost = input.StartupCost, TotalCost = input.StartupCost + (input.TotalCost - input.StartupCost) * share };
    }

    private static double ShareOf(LogicalLimit limit, double rows, double inputRows)
    {
        double skipped = limit.Offset is ScalarConstant { Value: long offset } ? offset : 0;
        return Math.Min(1, (rows + skipped) / Math.Max(1, inputRows));
    }

    private PhysicalPlan Window(LogicalWindow window, double rows)
    {
        ImmutableArray<SortKey> keys = [.. window.PartitionBy.Select(column => new SortKey(column.Id, false, false)), .. window.OrderBy];
        var input = Lower(window.Input, keys);
        if (!keys.IsEmpty && !Orderings.Satisfies(input, keys)) input = Sorted(input, keys);

        return Over(input, sorted => new PhysicalWindow(sorted, window.PartitionBy, window.OrderBy, window.Calls), rows, CostModel.GroupRow);
    }

    /// <summary>
    /// Groups by hashing, or, where rows with equal keys come one after another anyhow, one group at a time. The order of the groups is worth something when it is the one wanted above. Aggregates that collect their values hold
    /// the whole input when they are hashed, and can't let go of it; a sort can.
    /// </summary>
    private PhysicalPlan Aggregate(LogicalAggregate aggregate, double rows, ImmutableArray<SortKey> wanted)
    {
        bool hasChoice = !aggregate.Keys.IsEmpty && aggregate.GroupingSets.IsDefault;
        bool collects = aggregate.Aggregates.Any(call => call.Function.CollectsValues || !call.OrderBy.IsDefaultOrEmpty);
        PhysicalPlan Hashed(PhysicalPlan input)
        {
            bool isAvoided = !options.EnableHashAggregate || (collects && input.EstimatedRows > CostModel.MostCollectedRows);
            double cost = input.TotalCost + input.EstimatedRows * CostModel.GroupRow + (hasChoice && isAvoided ? CostModel.Disabled : 0);
            return new PhysicalHashAggregate(input, aggregate.Keys, aggregate.Aggregates, aggregate.GroupingSets) { EstimatedRows = rows, StartupCost = cost, TotalCost = cost + rows * CostModel.RowScan };
        }

        if (!hasChoice) return Hashed(Lower(aggregate.Input));
        var order = GroupOrder(aggregate, wanted);
        PhysicalPlan Streamed(PhysicalPlan input) => new PhysicalStreamAggregate(input, aggregate.Keys, aggregate.Aggregates)
        {
            EstimatedRows = rows, StartupCost = input.StartupCost, TotalCost = input.TotalCost + input.EstimatedRows * CostModel.StreamRow + rows * CostModel.RowScan,
        };

        PhysicalPlan best = Hashed(Lower(aggregate.Input));
        foreach (var input in new[] { Lower(aggregate.Input), Lower(aggregate.Input, order), Sorted(Lower(aggregate.Input), order) })
        {
            if (!Orderings.Groups(input, order)) continue;
            var streamed = Streamed(input);
            if (Price(streamed, wanted) < Price(best, wanted)) best = streamed;
        }

        return best;
    }

    /// <summary>The keys as an order of the input: as far as possible the one that is wanted of the groups.</summary>
    private static ImmutableArray<SortKey> GroupOrder(LogicalAggregate aggregate, ImmutableArray<SortKey> wanted)
    {
        var order = wanted.TakeWhile(key => aggregate.Keys.Any(column => column.Id == key.ColumnId)).ToList();
        order.AddRange(aggregate.Keys.Where(column => !order.Exists(key => key.ColumnId == column.Id)).Select(column => new SortKey(column.Id, false, false)));
        return [.. order];
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

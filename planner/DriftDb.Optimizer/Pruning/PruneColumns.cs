using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Top-down: every node puts out only what is used above it. Scans read fewer columns, projections compute fewer, aggregates drop calls
/// that nobody reads.
/// </summary>
public static class PruneColumns
{
    public const string Name = "prune_columns";

    public static LogicalPlan Run(LogicalPlan plan) => Pruner.Prune(plan, [.. plan.Output.Select(column => column.Id)]);

    private static class Pruner
    {
        public static LogicalPlan Prune(LogicalPlan plan, HashSet<int> needed)
        {
            switch (plan)
            {
                case LogicalScan scan: return Scan(scan, needed);
                case LogicalProject project: return Project(project, needed);
                case LogicalFilter filter: return Unary(filter, [.. needed, .. FreeColumns.Of(filter.Predicate)]);
                case LogicalSort sort: return Unary(sort, [.. needed, .. sort.Keys.Select(key => key.ColumnId)]);
                case LogicalLimit limit: return Unary(limit, limit.TieKeys.IsDefaultOrEmpty ? needed : [.. needed, .. limit.TieKeys.Select(key => key.ColumnId)]);
                case LogicalDistinctOn distinct: return Unary(distinct, [.. needed, .. distinct.KeyIds]);
                case LogicalLockRows rows: return Unary(rows, [.. needed, .. rows.Targets.Select(target => target.RowId)]);
                case LogicalAggregate aggregate: return Aggregate(aggregate, needed);
                case LogicalWindow window: return Window(window, needed);
                case LogicalJoin join: return Sides(join, needed, join.Condition);
                case LogicalApply apply: return Sides(apply, [.. needed, .. FreeColumns.Of(apply.Right)], apply.Condition);
                case LogicalSetOperation set: return SetOperation(set, needed);
                case LogicalInsert insert: return Unary(insert, [.. insert.Input.Output.Select(column => column.Id)]);
                case LogicalUpdate update: return Unary(update, [update.RowId, .. update.NewColumns.Select(column => column.Id), .. update.Leftovers.SelectMany(leftover => leftover.ColumnIds), .. Used(update.Returning)]);
                case LogicalDelete delete: return Unary(delete, [delete.RowId, .. delete.Leftovers.SelectMany(leftover => leftover.ColumnIds), .. Used(delete.Returning)]);
                case LogicalWith with: return With(with, needed);
                default: return plan.MapInputs(input => Prune(input, [.. input.Output.Select(column => column.Id)]));
            }
        }

        private static IEnumerable<int> Used(ImmutableArray<Assignment> assignments) => assignments.IsDefault ? [] : assignments.SelectMany(a => FreeColumns.Of(a.Value));

        private static LogicalPlan Unary(LogicalUnary node, HashSet<int> needed) => node.MapInputs(input => Prune(input, needed));

        private static LogicalScan Scan(LogicalScan scan, HashSet<int> needed)
        {
            var kept = Enumerable.Range(0, scan.Columns.Length).Where(i => needed.Contains(scan.Columns[i].Id)).ToList();
            if (kept.Count == scan.Columns.Length) return scan;
            return scan with { Columns = [.. kept.Select(i => scan.Columns[i])], Sources = [.. kept.Select(i => scan.Sources[i])] };
        }

        private static LogicalPlan Project(LogicalProject project, HashSet<int> needed)
        {
            var kept = project.Assignments.Where(a => needed.Contains(a.Column.Id) || Volatile.Is(a.Value)).ToImmutableArray();
            HashSet<int> below = [.. kept.SelectMany(a => FreeColumns.Of(a.Value))];
            var input = Prune(project.Input, below);
            // A projection that only passes on all of its input's columns, in order, says nothing.
            if (kept.All(a => a.IsPassThrough && a.Column.Name.Length > 0) && kept.Select(a => a.Column.Id).SequenceEqual(input.Output.Select(column => column.Id))
                && kept.Zip(input.Output).All(pair => pair.First.Column.Name == pair.Second.Name && pair.First.Column.Nullable == pair.Second.Nullable)) return input;
            return ReferenceEquals(input, project.Input) && kept.Length == project.Assignments.Length ? project : new LogicalProject(input, kept);
        }

        private static LogicalPlan Aggregate(LogicalAggregate aggregate, HashSet<int> needed)
        {
            var calls = aggregate.Aggregates.Where(call => needed.Contains(call.Column.Id)).ToImmutableArray();
            // Without keys and calls the node would be read as DISTINCT over nothing: one call keeps it what it is.
            if (calls.IsEmpty && aggregate.Keys.IsEmpty && !aggregate.Aggregates.IsEmpty) calls = [aggregate.Aggregates[0]];
            HashSet<int> below = [.. aggregate.Keys.Select(key => key.Id), .. calls.SelectMany(call => call.Expressions).SelectMany(FreeColumns.Of)];
            return (calls.Length == aggregate.Aggregates.Length ? aggregate : aggregate with { Aggregates = calls }).MapInputs(input => Prune(input, below));
        }

        private static LogicalPlan Window(LogicalWindow window, HashSet<int> needed)
        {
            HashSet<int> below = [.. needed, .. window.PartitionBy.Select(key => key.Id), .. window.OrderBy.Select(key => key.ColumnId), .. window.Expressions.SelectMany(FreeColumns.Of)];
            return window.MapInputs(input => Prune(input, below));
        }

        private static LogicalPlan Sides(LogicalPlan join, HashSet<int> needed, ScalarExpr condition)
        {
            HashSet<int> below = [.. needed, .. FreeColumns.Of(condition)];
            return join.MapInputs(input => Prune(input, below));
        }

        private static LogicalSetOperation SetOperation(LogicalSetOperation set, HashSet<int> needed)
        {
            // Whole rows are compared, except by UNION ALL.
            bool all = set is { Kind: SetOperationKind.Union, All: true };
            var kept = Enumerable.Range(0, set.Columns.Length).Where(i => !all || needed.Contains(set.Columns[i].Id)).ToList();

            LogicalPlan Side(LogicalPlan side)
            {
                var pruned = Prune(side, [.. kept.Select(i => side.Output[i].Id)]);
                ImmutableArray<OutputColumn> wanted = [.. kept.Select(i => side.Output[i])];
                return pruned.Output.Select(column => column.Id).SequenceEqual(wanted.Select(column => column.Id)) ? pruned : new LogicalProject(pruned, [.. wanted.Select(Assignment.PassThrough)]);
            }

            return set with { Left = Side(set.Left), Right = Side(set.Right), Columns = [.. kept.Select(i => set.Columns[i])] };
        }

        /// <summary>Its scans keep their columns' positions, so the definition keeps all of its columns; what is below it is pruned.</summary>
        private static LogicalWith With(LogicalWith with, HashSet<int> needed) => with with
        {
            Definition = Prune(with.Definition, [.. with.Definition.Output.Select(column => column.Id)]),
            Body = Prune(with.Body, needed),
        };
    }
}

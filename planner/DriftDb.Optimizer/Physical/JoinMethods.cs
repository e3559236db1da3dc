using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>How a join is computed: hash, merge, index or nested loop; and dependent joins.</summary>
internal sealed partial class PhysicalPlanner
{
    private PhysicalPlan Join(LogicalJoin join, double rows, ImmutableArray<SortKey> wanted)
    {
        var (keys, residual) = SplitCondition(join);
        PhysicalPlan? best = null;
        void Offer(PhysicalPlan? candidate)
        {
            if (candidate is not null && (best is null || Price(candidate, wanted) < Price(best, wanted))) best = candidate;
        }

        var left = Lower(join.Left);
        if (!keys.IsEmpty)
        {
            Offer(IndexJoin(join, left, join.Right, rows));
            // Most joins keep the left side's order, which may be the one that is wanted.
            var ordered = !wanted.IsEmpty && wanted.All(key => join.Left.Output.Any(column => column.Id == key.ColumnId)) ? Lower(join.Left, wanted) : left;
            if (!ReferenceEquals(ordered, left))
            {
                Offer(IndexJoin(join, ordered, join.Right, rows));
                Offer(HashJoin(join, ordered, Lower(join.Right), keys, residual, rows, buildLeft: false));
            }

            if (join.Kind == JoinKind.Inner && IndexedSide(join.Left) && Flip(join) is { } flipped) Offer(flipped);
            var right = Lower(join.Right);
            Offer(HashJoin(join, left, right, keys, residual, rows, buildLeft: false));
            // Building the left side keeps no order and is worth it when it is clearly the smaller one.
            if (join.Kind is JoinKind.Inner or JoinKind.Left or JoinKind.Full or JoinKind.Semi or JoinKind.Anti && left.EstimatedRows * 1.5 < right.EstimatedRows)
                Offer(HashJoin(join, left, right, keys, residual, rows, buildLeft: true));
            if (join.Kind is JoinKind.Inner or JoinKind.Left or JoinKind.Full or JoinKind.Semi or JoinKind.Anti) Offer(MergeJoin(join, keys, residual, rows));
            if (options is { EnableHashJoin: true } && best is not null) return best;
        }

        if (!keys.IsEmpty && join.Kind == JoinKind.Full && best is not null) return best;
        var inner = Lower(join.Right);
        double cost = left.TotalCost + inner.TotalCost + left.EstimatedRows * inner.EstimatedRows * CostModel.RowFilter + (options.EnableNestedLoop || keys.IsEmpty ? 0 : CostModel.Disabled);
        Offer(new PhysicalNestedLoopJoin(join.Kind, left, inner, join.Condition, join.Mark) { EstimatedRows = rows, StartupCost = left.StartupCost + inner.TotalCost, TotalCost = cost });
        return best!;
    }

    /// <summary>Equalities between the sides as keys, the rest as the residual condition.</summary>
    private static (ImmutableArray<JoinKey> Keys, ScalarExpr? Residual) SplitCondition(LogicalJoin join)
    {
        var (left, right) = (Conjunctions.Ids(join.Left), Conjunctions.Ids(join.Right));
        var keys = ImmutableArray.CreateBuilder<JoinKey>();
        var rest = new List<ScalarExpr>();
        // Under a NULL-counting join only equalities of plain operands may be keys, and only when there is nothing besides: what a NULL key means is the whole condition's matter.
        var terms = Conjunctions.Split(join.Condition);
        bool nullsCount = join.Kind is JoinKind.AntiNullAware or JoinKind.Mark;
        foreach (var original in terms)
        {
            var term = nullsCount && original is ScalarIsBool { Value: true, Negated: false } test ? test.Operand : original;
            if (AsKey(term, left, right) is { } key && (!nullsCount || ReferenceEquals(term, original) || !key.NullsMatch)) keys.Add(key with { });
            else rest.Add(original);
        }

        if (nullsCount && terms.Length > 1 && terms.Any(term => term.Nullable)) return ([], null);
        return (keys.ToImmutable(), rest.Count == 0 ? null : Conjunctions.Combine(rest));
    }

    private static JoinKey? AsKey(ScalarExpr term, HashSet<int> left, HashSet<int> right)
    {
        (ScalarExpr, ScalarExpr, bool)? sides = term switch
        {
            ScalarComparison { Operator: ComparisonOperator.Equal } equal => (equal.Left, equal.Right, false),
            ScalarIsDistinct { Negated: true } same => (same.Left, same.Right, true),
            _ => null,
        };
        if (sides is not var (a, b, nullsMatch)) return null;
        var (usedA, usedB) = (FreeColumns.Of(a), FreeColumns.Of(b));
        if (usedA.Count == 0 || usedB.Count == 0) return null;
        bool straight = usedA.IsSubsetOf(left) && usedB.IsSubsetOf(right), crossed = usedA.IsSubsetOf(right) && usedB.IsSubsetOf(left);
        if (!straight && !crossed) return null;
        if (crossed) (a, b) = (b, a);
        if (OneType(a, b) is not var (l, r)) return null;
        return new JoinKey(l, r, nullsMatch);
    }

    /// <summary>Both keys in one representation, so that equal values have equal bytes.</summary>
    private static (ScalarExpr Left, ScalarExpr Right)? OneType(ScalarExpr left, ScalarExpr right)
    {
        if (left.Type.IsFixedNumeric && right.Type.IsFixedNumeric)
        {
            if (left.Type.Scale == right.Type.Scale && left.Type.Kind == right.Type.Kind) return (left, right);
            int scale = Math.Max(left.Type.Scale, right.Type.Scale);
            int precision = Math.Max(left.Type.Precision - left.Type.Scale, right.Type.Precision - right.Type.Scale) + scale;
            var common = SqlType.FixedNumeric(precision, scale);
            if (!common.IsFixedNumeric) return (Cast(left, SqlType.Numeric), Cast(right, SqlType.Numeric));
            return (Cast(left, common), Cast(right, common));
        }

        if (left.Type.Id == TypeId.Numeric && right.Type.Id == TypeId.Numeric) return (Cast(left, SqlType.Numeric), Cast(right, SqlType.Numeric));
        return left.Type.Kind == right.Type.Kind ? (left, right) : null;
    }

    private static ScalarExpr Cast(ScalarExpr expression, SqlType type) => expression.Type.Equals(type) ? expression : new ScalarCast(expression, type, false);

    private PhysicalHashJoin? HashJoin(LogicalJoin join, PhysicalPlan left, PhysicalPlan right, ImmutableArray<JoinKey> keys, ScalarExpr? residual, double rows, bool buildLeft)
    {
        var (build, probe) = buildLeft ? (left, right) : (right, left);
        double startup = build.TotalCost + build.EstimatedRows * CostModel.HashBuild + probe.StartupCost;
        double total = startup + probe.TotalCost - probe.StartupCost + probe.EstimatedRows * CostModel.HashProbe + rows * CostModel.RowFilter + (options.EnableHashJoin ? 0 : CostModel.Disabled);
        return new PhysicalHashJoin(join.Kind, left, right, keys, residual, join.Mark, buildLeft) { EstimatedRows = rows, StartupCost = startup, TotalCost = total };
    }

    private PhysicalPlan? MergeJoin(LogicalJoin join, ImmutableArray<JoinKey> keys, ScalarExpr? residual, double rows)
    {
        if (!options.EnableMergeJoin) return null;
        // Keys that aren't plain columns would need a projection to sort by.
        if (keys.Any(key => key.Left is not ScalarColumn || key.Right is not ScalarColumn)) return null;
        PhysicalPlan InOrder(LogicalPlan side, Func<JoinKey, ScalarExpr> key)
        {
            ImmutableArray<SortKey> order = [.. keys.Select(k => new SortKey(((ScalarColumn)key(k)).Id, false, false))];
            var ordered = Lower(side, order);
            var sorted = Sorted(Lower(side), order);
            return Orderings.Satisfies(ordered, order) && ordered.TotalCost <= sorted.TotalCost ? ordered : sorted;
        }

        var (left, right) = (InOrder(join.Left, key => key.Left), InOrder(join.Right, key => key.Right));
        double cost = left.TotalCost + right.TotalCost + (left.EstimatedRows + right.EstimatedRows) * CostModel.MergeRow + rows * CostModel.RowFilter;
        return new PhysicalMergeJoin(join.Kind, left, right, keys, residual) { EstimatedRows = rows, StartupCost = left.StartupCost + right.StartupCost, TotalCost = cost };
    }

    private static bool IndexedSide(LogicalPlan side) => side is LogicalScan or LogicalFilter { Input: LogicalScan };

    /// <summary>The inner join with its sides exchanged, as an index join into what was the left side.</summary>
    private PhysicalPlan? Flip(LogicalJoin join)
    {
        var flipped = join with { Left = join.Right, Right = join.Left };
        double rows = estimator.Rows(join);
        var plan = IndexJoin(flipped, Lower(flipped.Left), flipped.Right, rows);
        // The columns' order is the join's own.
        return plan is null ? null : new PhysicalProject(plan, [.. join.Output.Select(Assignment.PassThrough)]) { EstimatedRows = rows, StartupCost = plan.StartupCost, TotalCost = plan.TotalCost };
    }

    /// <summary>A lookup in the right side's index for each left row; null when there is no fitting index.</summary>
    private PhysicalIndexJoin? IndexJoin(LogicalJoin join, PhysicalPlan left, LogicalPlan right, double rows)
    {
        if (!options.EnableIndexScan || join.Kind is not (JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti or JoinKind.Single)) return null;
        var (scan, filter) = right switch
        {
            LogicalScan s => (s, null),
            LogicalFilter { Input: LogicalScan s } f => (s, f.Predicate),
            _ => (null, null),
        };
        if (scan is null || scan.Relation.Kind != RelationKind.Table || scan.Period is { Kind: not SystemTimeKind.AsOf }) return null;
        var leftIds = Conjunctions.Ids(join.Left);
        PhysicalIndexJoin? best = null;
        double rowCost = ScatteredRow(scan);
        foreach (var index in scan.Relation.Indexes.Where(index => index.Predicate is null))
        {
            var terms = Conjunctions.Split(join.Condition).ToList();
            var values = ImmutableArray.CreateBuilder<ScalarExpr>();
            var used = new List<ScalarExpr>();
            foreach (var key in index.Keys)
            {
                if (key.Ordinal < 0 || ColumnOf(scan, key.Ordinal) is not { } column) break;
                var term = terms.Find(candidate => KeyOf(candidate, column, leftIds) is not null);
                if (term is null) break;
                values.Add(KeyOf(term, column, leftIds)!);
                used.Add(term);
                terms.Remove(term);
            }

            if (values.Count == 0 || index.EqualityOnly && values.Count < index.Keys.Length) continue;
            double matches = index.IsUnique && values.Count == index.Keys.Length ? 1 : Math.Max(0.1, Estimator.TableRows(scan) * estimator.Selectivity(Conjunctions.Combine(used)));
            double cost = left.TotalCost + left.EstimatedRows * (CostModel.IndexLookup + matches * rowCost);
            if (best is not null && best.TotalCost <= cost) continue;
            var inner = new PhysicalIndexScan(scan.Relation, scan.Alias, index, [], null, null, false, scan.Columns, scan.Sources, scan.Period, filter) { EstimatedRows = matches, TotalCost = CostModel.IndexLookup + matches * rowCost };
            best = new PhysicalIndexJoin(join.Kind, left, inner, values.ToImmutable(), terms.Count == 0 ? null : Conjunctions.Combine(terms)) { EstimatedRows = rows, StartupCost = left.StartupCost, TotalCost = cost };
        }

        return best;
    }

    private static ScalarExpr? KeyOf(ScalarExpr term, OutputColumn column, HashSet<int> leftIds)
    {
        if (term is not ScalarComparison { Operator: ComparisonOperator.Equal } equal) return null;
        var (own, other) = (equal.Left, equal.Right);
        if (Bare(other) is ScalarColumn swapped && swapped.Id == column.Id) (own, other) = (other, own);
        if (Bare(own) is not ScalarColumn reference || reference.Id != column.Id) return null;
        return FreeColumns.Of(other).IsSubsetOf(leftIds) && !Volatile.Is(other) ? KeyValue(other, column.Type) : null;
    }

    private PhysicalApply Apply(LogicalApply apply, double rows)
    {
        var left = Lower(apply.Left);
        var byId = apply.Left.Output.DistinctBy(column => column.Id).ToDictionary(column => column.Id);
        var bindings = ImmutableArray.CreateBuilder<(int, ScalarExpr)>();
        var values = new Dictionary<int, ScalarExpr>();
        foreach (int id in FreeColumns.Of(apply.Right).Where(byId.ContainsKey).Order())
        {
            int slot = _nextSlot++;
            bindings.Add((slot, byId[id].Reference()));
            values[id] = new ScalarOuter(slot, byId[id].Type);
        }

        var right = Lower(Substitution.ReplaceIn(apply.Right, values));
        double cost = left.TotalCost + left.EstimatedRows * Math.Max(right.TotalCost, CostModel.IndexLookup);
        return new PhysicalApply(apply.Kind, left, right, bindings.ToImmutable(), apply.Condition, apply.Mark) { EstimatedRows = rows, StartupCost = left.StartupCost, TotalCost = cost };
    }
}

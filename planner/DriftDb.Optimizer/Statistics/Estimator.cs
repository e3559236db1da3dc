using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>Estimates rows, distinct values and selectivities from the tables' statistics, after PostgreSQL's selfuncs.c where it has a rule.</summary>
public sealed class Estimator
{
    private const double DefaultEquality = 0.005, DefaultRange = 1.0 / 3, DefaultMatch = 0.05, DefaultDistinct = 200, DefaultSetSize = 10;

    private readonly Dictionary<int, BaseColumn> _columns = [];
    private readonly Dictionary<LogicalPlan, double> _rows = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<int, double> _cteRows = [];

    private sealed record BaseColumn(LogicalScan Scan, int Ordinal, ColumnStatistics? Column, double TableRows, bool IsUnique);

    /// <summary>Rows of the whole table at the scan's moment, before any filter.</summary>
    public static double TableRows(LogicalScan scan) =>
        scan.Relation.Kind == RelationKind.SystemView ? 200 : scan.Relation.Statistics(long.MaxValue)?.RowCount is { } rows ? Math.Max(1, rows) : 1000;

    public double Rows(LogicalPlan plan)
    {
        if (_rows.TryGetValue(plan, out double known)) return known;
        double rows = Math.Max(1, Compute(plan));
        _rows[plan] = rows;
        return rows;
    }

    /// <summary>Registers the rows that a common table expression's scans will see.</summary>
    public void SetCteRows(int cteId, double rows) => _cteRows[cteId] = rows;

    private double Compute(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalScan scan: return Scan(scan);
            case LogicalValues values: return values.Rows.Length;
            case LogicalFilter filter: return Rows(filter.Input) * Selectivity(filter.Predicate);
            case LogicalProject project:
                foreach (var assignment in project.Assignments)
                    if (assignment.Value is ScalarColumn source && _columns.TryGetValue(source.Id, out var column)) _columns.TryAdd(assignment.Column.Id, column);
                double input = Rows(project.Input);
                foreach (var assignment in project.Assignments)
                    if (assignment.Value is ScalarColumn source && _columns.TryGetValue(source.Id, out var column)) _columns.TryAdd(assignment.Column.Id, column);
                return input;
            case LogicalJoin join: return Join(join.Kind, join.Left, join.Right, join.Condition);
            case LogicalApply apply: return Join(apply.Kind, apply.Left, apply.Right, apply.Condition);
            case LogicalAggregate aggregate: return Groups(aggregate);
            case LogicalLimit { IsPercent: true } share: return Rows(share.Input) * (share.Count is ScalarConstant { Value: byte[] percent } ? Math.Clamp(SqlNumeric.Decode(percent).ToDouble() / 100, 0, 1) : 1);
            case LogicalLimit limit: return Math.Min(Rows(limit.Input), limit.Count is ScalarConstant { Value: long count } ? count : limit.Count is null ? double.MaxValue : 100);
            case LogicalDistinctOn distinct: return Rows(distinct.Input) * 0.5;
            case LogicalSetOperation set:
                double left = Rows(set.Left), right = Rows(set.Right);
                return set.Kind switch { SetOperationKind.Union => left + right, SetOperationKind.Intersect => Math.Min(left, right), _ => left };
            case LogicalWith with:
                _cteRows[with.CteId] = Rows(with.Definition);
                return Rows(with.Body);
            case LogicalCteScan scan: return _cteRows.GetValueOrDefault(scan.CteId, 100);
            case LogicalRecursiveUnion union:
                _cteRows[union.CteId] = Rows(union.Seed);
                return Rows(union.Seed) + 10 * Rows(union.Step);
            case LogicalTableFunction function: return function.Arguments is [ScalarConstant { Value: int low }, ScalarConstant { Value: int high }] && function.Function.Name == "generate_series" ? Math.Max(1, (double)high - low + 1) : 1000;
            default: return plan.Inputs.IsEmpty ? 1 : Rows(plan.Inputs[0]);
        }
    }

    private double Scan(LogicalScan scan)
    {
        var statistics = scan.Relation.Statistics(long.MaxValue);
        double rows = TableRows(scan);
        for (int i = 0; i < scan.Columns.Length; i++)
        {
            int ordinal = scan.Sources[i];
            bool unique = ordinal >= 0 && scan.Relation.Indexes.Any(index => index is { IsUnique: true, Predicate: null, Keys: [var key] } && key.Ordinal == ordinal);
            _columns[scan.Columns[i].Id] = new BaseColumn(scan, ordinal, ordinal >= 0 ? statistics?.Column(ordinal) : null, rows, unique || ordinal == ScanSource.RowId);
        }

        return scan.Period is { Kind: not SystemTimeKind.AsOf } ? rows * 2 : rows;
    }

    private double Join(JoinKind kind, LogicalPlan leftPlan, LogicalPlan rightPlan, ScalarExpr condition)
    {
        double left = Rows(leftPlan), right = Rows(rightPlan);
        double inner = left * right * Selectivity(condition);
        switch (kind)
        {
            case JoinKind.Inner: return inner;
            case JoinKind.Left: return Math.Max(left, inner);
            case JoinKind.Full: return Math.Max(left + right, inner);
            case JoinKind.Semi: return left * SemiSelectivity(condition, left, right);
            case JoinKind.Anti or JoinKind.AntiNullAware: return left * Math.Max(0.1, 1 - SemiSelectivity(condition, left, right));
            default: return left;
        }
    }

    /// <summary>Share of left rows with a match: how many of the left key's values the right side can have.</summary>
    public double SemiSelectivity(ScalarExpr condition, double left, double right)
    {
        double share = 1;
        foreach (var term in Conjunctions.Split(condition))
        {
            if (term is ScalarComparison { Operator: ComparisonOperator.Equal } equal)
            {
                double leftDistinct = Math.Min(left, Distinct(equal.Left)), rightDistinct = Math.Min(right, Distinct(equal.Right));
                share *= Math.Min(1, rightDistinct / Math.Max(1, leftDistinct));
            }
        }

        return Math.Clamp(share, 1e-6, 1);
    }

    private double Groups(LogicalAggregate aggregate)
    {
        double input = Rows(aggregate.Input);
        if (aggregate.Keys.IsEmpty) return 1;
        double groups = 1;
        foreach (var key in aggregate.Keys) groups *= Math.Min(input, Distinct(key.Reference()));
        return Math.Min(groups, Math.Max(1, input * (aggregate.Keys.Length > 1 ? 0.5 : 1)));
    }

    /// <summary>Number of different values, before filters.</summary>
    public double Distinct(ScalarExpr expression)
    {
        if (expression is ScalarCast cast) return Distinct(cast.Operand);
        if (expression is not ScalarColumn column) return expression is ScalarConstant or ScalarParameter or ScalarOuter ? 1 : DefaultDistinct;
        if (!_columns.TryGetValue(column.Id, out var found)) return DefaultDistinct;
        if (found.IsUnique) return found.TableRows;
        return found.Column is { DistinctCount: > 0 } statistics ? statistics.DistinctCount : Math.Min(DefaultDistinct, found.TableRows);
    }

    /// <summary>Share of rows for which the condition is true.</summary>
    public double Selectivity(ScalarExpr condition)
    {
        double selectivity = condition switch
        {
            ScalarConstant constant => constant.IsTrue ? 1 : 0,
            ScalarAnd and => AndSelectivity(and),
            ScalarOr or => 1 - or.Terms.Aggregate(1.0, (none, term) => none * (1 - Selectivity(term))),
            ScalarNot not => 1 - Selectivity(not.Operand),
            ScalarComparison comparison => Comparison(comparison),
            ScalarIsNull test => IsNull(test),
            ScalarIn membership => membership.Negated ? 1 - In(membership) : In(membership),
            ScalarQuantifiedArray { Operator: ComparisonOperator.Equal, IsAll: false } membership => Math.Min(1, SetSize(membership) / Math.Max(1, Distinct(membership.Operand))),
            ScalarLike like => like.Negated ? 1 - DefaultMatch : DefaultMatch,
            ScalarColumn { Type.Id: TypeId.Bool } => 0.5,
            _ => DefaultRange,
        };
        return Math.Clamp(selectivity, 1e-9, 1);
    }

    /// <summary>Two bounds of one column make a range: their selectivities overlap instead of multiplying.</summary>
    private double AndSelectivity(ScalarAnd and)
    {
        double result = 1;
        var keyTerms = KeyTerms(and, ref result);
        var lower = new Dictionary<int, double>();
        var upper = new Dictionary<int, double>();
        foreach (var term in and.Terms)
        {
            if (keyTerms.Contains(term)) continue;
            if (Bound(term) is var (id, isLower) && id != 0)
            {
                var bounds = isLower ? lower : upper;
                double selectivity = Selectivity(term);
                bounds[id] = bounds.TryGetValue(id, out double other) ? Math.Min(other, selectivity) : selectivity;
            }
            else
            {
                result *= Selectivity(term);
            }
        }

        foreach (int id in lower.Keys.Union(upper.Keys))
        {
            double low = lower.GetValueOrDefault(id, 1), high = upper.GetValueOrDefault(id, 1);
            result *= lower.ContainsKey(id) && upper.ContainsKey(id) ? Math.Max(0.0005, low + high - 1) : low * high;
        }

        return result;
    }

    /// <summary>
    /// Equalities that together give every column of a table's key: as many rows match as the key says, one, however the columns' own selectivities multiply (a line item's part and
    /// supplier are those of one row of partsupp). Returns the terms that are done with.
    /// </summary>
    private HashSet<ScalarExpr> KeyTerms(ScalarAnd and, ref double result)
    {
        var done = new HashSet<ScalarExpr>(ReferenceEqualityComparer.Instance);
        var byScan = new Dictionary<LogicalScan, Dictionary<int, ScalarExpr>>(ReferenceEqualityComparer.Instance);
        foreach (var term in and.Terms)
        {
            if (term is not ScalarComparison { Operator: ComparisonOperator.Equal } equal) continue;
            foreach (var side in new[] { equal.Left, equal.Right })
            {
                if (side is not ScalarColumn column || !_columns.TryGetValue(column.Id, out var found) || found.Ordinal < 0) continue;
                if (!byScan.TryGetValue(found.Scan, out var terms)) byScan[found.Scan] = terms = [];
                terms.TryAdd(found.Ordinal, term);
            }
        }

        foreach (var (scan, terms) in byScan)
        {
            if (terms.Count < 2) continue;
            foreach (var index in scan.Relation.Indexes)
            {
                if (!index.IsUnique || index.Predicate is not null || index.Keys.Length < 2 || !index.Keys.All(key => terms.ContainsKey(key.Ordinal))) continue;
                var used = index.Keys.Select(key => terms[key.Ordinal]).ToList();
                if (used.Exists(done.Contains)) continue;
                done.UnionWith(used);
                result /= TableRows(scan);
                break;
            }
        }

        return done;
    }

    private static (int Id, bool IsLower) Bound(ScalarExpr term) => term switch
    {
        ScalarComparison { Operator: ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual, Left: ScalarColumn column, Right: ScalarConstant } => (column.Id, true),
        ScalarComparison { Operator: ComparisonOperator.Less or ComparisonOperator.LessOrEqual, Left: ScalarColumn column, Right: ScalarConstant } => (column.Id, false),
        _ => (0, false),
    };

    private double Comparison(ScalarComparison comparison)
    {
        var (left, right, op) = (comparison.Left, comparison.Right, comparison.Operator);
        if (left is ScalarConstant or ScalarParameter or ScalarOuter) (left, right, op) = (right, left, ScalarComparison.Commute(op));
        bool isFixed = right is ScalarConstant or ScalarParameter or ScalarOuter;
        switch (op)
        {
            case ComparisonOperator.Equal:
                if (isFixed && left is ScalarColumn column && right is ScalarConstant { Value: { } value }) return Equality(column, value);
                return left is ScalarColumn or ScalarCast || right is ScalarColumn ? 1 / Math.Max(1, Math.Max(Distinct(left), Distinct(right))) : DefaultEquality;
            case ComparisonOperator.NotEqual:
                return 1 - Comparison(comparison with { Operator = ComparisonOperator.Equal });
            default:
                return isFixed && left is ScalarColumn range && right is ScalarConstant { Value: { } bound } ? Range(range, op, ValueLine.Of(bound)) : DefaultRange;
        }
    }

    private double Equality(ScalarColumn column, object value)
    {
        if (!_columns.TryGetValue(column.Id, out var found)) return DefaultEquality;
        if (found.Column is { } statistics)
        {
            foreach (var (common, fraction) in statistics.MostCommonValues)
                if (common is byte[] x && value is byte[] y ? x.AsSpan().SequenceEqual(y) : Equals(common, value)) return fraction;
            double rest = 1 - statistics.NullFraction - statistics.MostCommonValues.Sum(entry => entry.Fraction);
            return Math.Max(0, rest) / Math.Max(1, statistics.DistinctCount - statistics.MostCommonValues.Count);
        }

        return 1 / Math.Max(1, Distinct(column));
    }

    private double Range(ScalarColumn column, ComparisonOperator op, double bound)
    {
        if (double.IsNaN(bound) || !_columns.TryGetValue(column.Id, out var found) || found.Column is not { } statistics) return DefaultRange;
        double below;
        if (statistics.HistogramBounds is { Count: > 1 } bounds)
        {
            int i = 0;
            while (i < bounds.Count && bounds[i] < bound) i++;
            if (i == 0) below = 0;
            else if (i == bounds.Count) below = 1;
            else
            {
                double width = bounds[i] - bounds[i - 1];
                below = (i - 1 + (width > 0 ? (bound - bounds[i - 1]) / width : 0.5)) / (bounds.Count - 1);
            }
        }
        else if (statistics.Max > statistics.Min)
        {
            below = Math.Clamp((bound - statistics.Min) / (statistics.Max - statistics.Min), 0, 1);
        }
        else
        {
            return DefaultRange;
        }

        double share = op is ComparisonOperator.Less or ComparisonOperator.LessOrEqual ? below : 1 - below;
        return share * (1 - statistics.NullFraction);
    }

    private double IsNull(ScalarIsNull test)
    {
        double nulls = test.Operand is ScalarColumn column && _columns.TryGetValue(column.Id, out var found) && found.Column is { } statistics ? statistics.NullFraction : 0.01;
        return test.Negated ? 1 - nulls : nulls;
    }

    /// <summary>How many values a membership test compares with; an array that isn't known has ten.</summary>
    public double SetSize(ScalarExpr membership) => membership switch
    {
        ScalarIn test => test.Items.Length,
        ScalarQuantifiedArray { Array: ScalarArray array } => array.Elements.Length,
        ScalarQuantifiedArray { Array: ScalarConstant { Value: byte[] array } } => new ArrayReader(array).Count,
        _ => DefaultSetSize,
    };

    private double In(ScalarIn membership) =>
        Math.Min(1, membership.Items.Sum(item => membership.Operand is ScalarColumn column && item is ScalarConstant { Value: { } value } ? Equality(column, value) : 1 / Math.Max(1, Distinct(membership.Operand))));
}

using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>How a table is read: whole, or through an index.</summary>
internal sealed partial class PhysicalPlanner
{
    private PhysicalPlan Scan(LogicalScan scan, ScalarExpr? predicate, double rows, ImmutableArray<SortKey> wanted)
    {
        double tableRows = Estimator.TableRows(scan);
        if (scan.Relation.Kind == RelationKind.SystemView)
            return new PhysicalSystemScan(scan.Relation, scan.Alias, scan.Columns, scan.Sources, predicate) { EstimatedRows = rows, TotalCost = tableRows * CostModel.RowScan };

        double scanCost = tableRows * (CostModel.RowScan + (predicate is null ? 0 : CostModel.RowFilter)) + (options.EnableSeqScan ? 0 : CostModel.Disabled);
        PhysicalPlan best = new PhysicalTableScan(scan.Relation, scan.Alias, scan.Columns, scan.Sources, scan.Period, predicate) { EstimatedRows = rows, TotalCost = scanCost };
        if (!options.EnableIndexScan || scan.Period is { Kind: not SystemTimeKind.AsOf }) return best;

        double bestPrice = Price(best, wanted);
        foreach (var index in scan.Relation.Indexes)
        {
            foreach (bool backward in wanted.IsEmpty ? [false] : new[] { false, true })
            {
                if (IndexPath(scan, predicate, index, tableRows, rows, backward, !wanted.IsEmpty) is not { } path) continue;
                double price = Price(path, wanted);
                // A point lookup is always right; everything else has to be cheaper.
                if (path.IsPointLookup || price < bestPrice)
                {
                    (best, bestPrice) = (path, price);
                    if (path.IsPointLookup) return best;
                }
            }
        }

        return best;
    }

    /// <summary>The scan of one index for the predicate; null when the index can't help.</summary>
    private PhysicalIndexScan? IndexPath(LogicalScan scan, ScalarExpr? predicate, IndexInfo index, double tableRows, double rows, bool backward, bool forOrder)
    {
        var terms = Conjunctions.Split(predicate).ToList();
        if (index.Predicate is not null && (OverScan(scan, index.Predicate) is not { } condition || !PredicateImplication.Implies(terms, condition))) return null;
        var equal = ImmutableArray.CreateBuilder<ScalarExpr>();
        double selectivity = 1;
        IndexBound? lower = null, upper = null;
        IndexKeySet? anyOf = null;
        double lookups = 1;
        foreach (var key in index.Keys)
        {
            if (KeyOver(scan, key) is not { } keyValue) break;
            if (terms.Find(term => KeyComparison(term, keyValue) is (ComparisonOperator.Equal, _)) is { } equality)
            {
                equal.Add(KeyComparison(equality, keyValue)!.Value.Value);
                selectivity *= estimator.Selectivity(equality);
                terms.Remove(equality);
                continue;
            }

            if (terms.Find(term => KeySet(term, keyValue) is not null) is { } membership)
            {
                anyOf = KeySet(membership, keyValue);
                lookups = estimator.SetSize(membership);
                selectivity *= estimator.Selectivity(membership);
                terms.Remove(membership);
                break;
            }

            if (index.EqualityOnly) return null;
            var range = new List<ScalarExpr>();
            foreach (var term in terms.ToList())
            {
                switch (KeyComparison(term, keyValue))
                {
                    case (ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual, var value) bound when lower is null:
                        lower = new IndexBound(value, bound.Operator == ComparisonOperator.GreaterOrEqual);
                        break;
                    case (ComparisonOperator.Less or ComparisonOperator.LessOrEqual, var value) bound when upper is null:
                        upper = new IndexBound(value, bound.Operator == ComparisonOperator.LessOrEqual);
                        break;
                    default: continue;
                }

                range.Add(term);
                terms.Remove(term);
            }

            if (range.Count > 0) selectivity *= estimator.Selectivity(Conjunctions.Combine(range));
            break;
        }

        if (equal.Count == 0 && anyOf is null && lower is null && upper is null && !forOrder) return null;
        if (index.EqualityOnly && equal.Count + (anyOf is null ? 0 : 1) < index.Keys.Length) return null;
        double found = Math.Max(1, tableRows * selectivity);
        // Whoever wants the order often stops soon; and where the order is the table's own, a scan reads the same chunks and no others (zone maps).
        double rowCost = forOrder ? CostModel.IndexRow : ScatteredRow(scan);
        return new PhysicalIndexScan(
            scan.Relation, scan.Alias, index, equal.ToImmutable(), lower, upper, backward, scan.Columns, scan.Sources, scan.Period, terms.Count == 0 ? null : Conjunctions.Combine(terms))
        {
            AnyOf = anyOf,
            EstimatedRows = Math.Min(rows, found),
            StartupCost = CostModel.IndexLookup,
            TotalCost = lookups * CostModel.IndexLookup + found * rowCost,
        };
    }

    /// <summary>What a row costs that an index finds, in an order that isn't the table's.</summary>
    private double ScatteredRow(LogicalScan scan) => CostModel.ScatteredRow(scan.Relation.Statistics(long.MaxValue), options.CacheBytes);

    /// <summary>The scan's column for a table column; a column that the query doesn't use isn't constrained either.</summary>
    private static OutputColumn? ColumnOf(LogicalScan scan, int ordinal)
    {
        int slot = scan.Sources.IndexOf(ordinal);
        return slot < 0 ? null : scan.Columns[slot];
    }

    /// <summary>An index's key in terms of the scan's columns; null when the query doesn't read one that it is made of.</summary>
    private static ScalarExpr? KeyOver(LogicalScan scan, IndexKey key) =>
        key.Expression is { } expression ? OverScan(scan, expression) : key.Ordinal >= 0 ? ColumnOf(scan, key.Ordinal)?.Reference() : null;

    /// <summary>An expression over the table's row in terms of the scan's columns.</summary>
    private static ScalarExpr? OverScan(LogicalScan scan, ScalarExpr expression)
    {
        bool isComplete = true;
        var over = expression.Rewrite(node =>
        {
            if (node is not ScalarColumn column) return node;
            var found = scan.Relation.Columns.FirstOrDefault(candidate => candidate.AttributeNumber == column.Id) is { } source ? ColumnOf(scan, source.Ordinal) : null;
            isComplete &= found is not null;
            return found?.Reference() ?? node;
        });
        return isComplete ? over : null;
    }

    /// <summary>The term as <c>key op value</c> with a value that doesn't depend on the row and has the key's own representation.</summary>
    private static (ComparisonOperator Operator, ScalarExpr Value)? KeyComparison(ScalarExpr term, ScalarExpr key)
    {
        if (term is not ScalarComparison { Operator: not ComparisonOperator.NotEqual } comparison) return null;
        var (left, right, op) = (comparison.Left, comparison.Right, comparison.Operator);
        if (IsKey(right, key)) (left, right, op) = (right, left, ScalarComparison.Commute(op));
        if (!IsKey(left, key) || !IsFixed(right)) return null;
        return KeyValue(right, key.Type) is { } value ? (op, value) : null;
    }

    /// <summary>The term as <c>key IN (…)</c> or <c>key = ANY (array)</c> over values that don't depend on the row and have the key's own representation.</summary>
    private static IndexKeySet? KeySet(ScalarExpr term, ScalarExpr key) => term switch
    {
        ScalarIn { Negated: false } test when IsKey(test.Operand, key) && test.Items.All(item => IsFixed(item) && KeyValue(item, key.Type) is not null) => new IndexKeySet(test.Items, IsArray: false),
        // Numerics in an array have a form of their own.
        ScalarQuantifiedArray { Operator: ComparisonOperator.Equal, IsAll: false } test when IsKey(test.Operand, key) && IsFixed(test.Array)
            && test.Array.Type.Element is { IsFixedNumeric: false } element && element.Id != TypeId.Numeric && KeyValue(new ScalarColumn(-1, "", element, true), key.Type) is not null
            => new IndexKeySet([test.Array], IsArray: true),
        _ => null,
    };

    private static bool IsKey(ScalarExpr expression, ScalarExpr key) =>
        key is ScalarColumn column ? Bare(expression) is ScalarColumn other && other.Id == column.Id : ScalarEquality.Same(expression, key);

    /// <summary>A varchar column compared as text: the cast changes nothing in its order.</summary>
    private static ScalarExpr Bare(ScalarExpr expression) =>
        expression is ScalarCast { Operand: ScalarColumn column } cast && IsPlainText(column.Type) && IsPlainText(cast.TargetType) && cast.TargetType.Typmod < 0 ? column : expression;

    private static bool IsPlainText(SqlType type) => type.Id is TypeId.Text or TypeId.VarChar or TypeId.Name;

    /// <summary>True when the value is the same for all rows: constants, parameters, outer values and immutable or stable functions of them.</summary>
    private static bool IsFixed(ScalarExpr expression) =>
        !expression.DescendantsAndSelf().Any(node => node is ScalarColumn or ScalarSubquery or ScalarCall { Function.Volatility: Volatility.Volatile });

    /// <summary>The bound as the key column's representation has it; null where the comparison runs in another representation.</summary>
    private static ScalarExpr? KeyValue(ScalarExpr value, SqlType column)
    {
        if (value.Type.Kind != column.Kind) return null;
        if (column.IsFixedNumeric || value.Type.IsFixedNumeric) return value.Type.IsFixedNumeric && column.IsFixedNumeric && value.Type.Scale == column.Scale ? value : null;
        if (column.Id == TypeId.BpChar || value.Type.Id == TypeId.BpChar) return value.Type.Id == column.Id ? value : null;
        if (IsPlainText(column) && IsPlainText(value.Type)) return value;
        return value.Type.Id == column.Id ? value : null;
    }
}

using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// A scan's filter, taken apart: comparisons of an integer-like column with something known at the start become ranges, which run as SIMD kernels over the selection and let the store skip
/// chunks; the rest is tested row by row.
/// </summary>
internal sealed class ScanFilter
{
    private readonly SubPlanBuilder _plan;

    public ScanFilter(SubPlanBuilder plan, ScanColumns columns, ScalarExpr? filter)
    {
        _plan = plan;
        IEnumerable<ScalarExpr> terms = filter switch { null => [], ScalarAnd and => and.Terms.SelectMany(Flatten), _ => [filter] };
        foreach (ScalarExpr term in terms)
            if (!TryRange(columns, term)) Residual.Add(term);

        static IEnumerable<ScalarExpr> Flatten(ScalarExpr term) => term is ScalarAnd and ? and.Terms.SelectMany(Flatten) : [term];
    }

    /// <summary>Terms that no kernel does.</summary>
    public List<ScalarExpr> Residual { get; } = [];

    /// <summary>Comparisons of a column with a start-time value.</summary>
    public List<(int ColumnId, int Slot, SqlType Type, ComparisonOperator Operator, ScalarExpr Value)> Ranges { get; } = [];

    public StartValues? Values { get; private set; }

    public StartValues Freeze() => Values ??= _plan.Start(Ranges.Select(range => range.Value));

    private bool TryRange(ScanColumns columns, ScalarExpr term)
    {
        if (term is not ScalarComparison comparison || comparison.Operator == ComparisonOperator.NotEqual) return false;
        (ScalarExpr left, ScalarExpr right, ComparisonOperator op) = comparison.Left is ScalarColumn
            ? (comparison.Left, comparison.Right, comparison.Operator)
            : (comparison.Right, comparison.Left, ScalarComparison.Commute(comparison.Operator));
        if (left is not ScalarColumn column || right is not (ScalarConstant or ScalarParameter or ScalarOuter)) return false;
        if (columns.StoredColumn(column.Id) is not { } stored) return false;
        SqlType type = stored.Type;
        bool integerLike = type.Kind is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 && !(type.Kind == PhysicalKind.Int32 && ValueComparer.IsUnsigned(type.Id));
        if (!integerLike || right.Type.Kind is not (PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64)) return false;
        if (type.Id != right.Type.Id && !(type.IsInteger && right.Type.IsInteger)) return false;
        if (type.Id == TypeId.Numeric && (right.Type.Scale > type.Scale || right.Type.Precision - right.Type.Scale + type.Scale > 18)) return false;
        Ranges.Add((stored.ColumnId, columns.SlotOf(stored.ColumnId), type, op, right));
        return true;
    }

    /// <summary>The smallest and largest value that pass, as longs of the column's form.</summary>
    public static (long Low, long High) Limits(ComparisonOperator op, long value) => op switch
    {
        ComparisonOperator.Equal => (value, value),
        ComparisonOperator.Less => value == long.MinValue ? (1, 0) : (long.MinValue, value - 1),
        ComparisonOperator.LessOrEqual => (long.MinValue, value),
        ComparisonOperator.Greater => value == long.MaxValue ? (1, 0) : (value + 1, long.MaxValue),
        _ => (value, long.MaxValue),
    };

    /// <summary>Runs the kernels before the loop; each shrinks the selection and the count.</summary>
    public void EmitKernels(BodyBuilder body, Func<int, Expression> data, Func<int, Expression> validity, Expression selection)
    {
        foreach (var group in Ranges.GroupBy(range => range.Slot))
        {
            Expression low = Expression.Constant(long.MinValue), high = Expression.Constant(long.MaxValue);
            SqlType type = group.First().Type;
            foreach (var range in group)
            {
                Code value = body.Emit(range.Value);
                Expression number = value.Value.Type == typeof(long) ? value.Value : Expression.Convert(value.Value, typeof(long));
                if (type.Id == TypeId.Numeric) number = BodyBuilder.Rescale(number, range.Value.Type.Scale, type.Scale, typeof(long));
                // NULL compares to nothing: an empty range.
                if (value.IsNull is { } isNull) body.Add(Expression.IfThen(isNull, Expression.Goto(body.Exit)));
                number = body.Stable(number);
                // Nothing is greater than the largest number (infinity, of timestamps), nothing less than the smallest.
                if (range.Operator == ComparisonOperator.Greater) body.Add(Expression.IfThen(Expression.Equal(number, Expression.Constant(long.MaxValue)), Expression.Goto(body.Exit)));
                if (range.Operator == ComparisonOperator.Less) body.Add(Expression.IfThen(Expression.Equal(number, Expression.Constant(long.MinValue)), Expression.Goto(body.Exit)));
                if (range.Operator is ComparisonOperator.Equal or ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual)
                    low = MemoryCode.Call(typeof(ScanKernels), nameof(ScanKernels.Larger), low, LowOf(range.Operator, number));
                if (range.Operator is ComparisonOperator.Equal or ComparisonOperator.Less or ComparisonOperator.LessOrEqual)
                    high = MemoryCode.Call(typeof(ScanKernels), nameof(ScanKernels.Smaller), high, HighOf(range.Operator, number));
            }

            body.Add(Expression.Assign(body.Count, MemoryCode.Call(typeof(ScanKernels), "Range" + type.Kind, data(group.Key), validity(group.Key), selection, body.Count, low, high)));
        }

        static Expression LowOf(ComparisonOperator op, Expression value) => op == ComparisonOperator.Greater ? MemoryCode.Call(typeof(ScanKernels), nameof(ScanKernels.Above), value) : value;
        static Expression HighOf(ComparisonOperator op, Expression value) => op == ComparisonOperator.Less ? MemoryCode.Call(typeof(ScanKernels), nameof(ScanKernels.Below), value) : value;
    }
}

/// <summary>The ranges of a filter as bounds by which the store skips chunks; evaluated when the scan starts.</summary>
internal sealed unsafe class ScanBounds(ScanFilter filter)
{
    private readonly StartValues _values = filter.Freeze();

    /// <summary>False when a bound is NULL: no rows.</summary>
    public bool TryEvaluate(Frame frame, out ZoneBound[] zones)
    {
        zones = [];
        if (filter.Ranges.Count == 0) return true;
        byte* row = stackalloc byte[_values.Layout.StrideBytes];
        _values.Evaluate(frame, row);
        zones = new ZoneBound[filter.Ranges.Count];
        for (int i = 0; i < zones.Length; i++)
        {
            if (TupleLayout.IsNull(row, i)) return false;
            byte* slot = row + _values.Layout.Offset(i);
            SqlType type = _values.Layout.Types[i];
            long value = type.Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => *(long*)slot };
            if (type.Id == TypeId.Numeric) value *= PowersOfTen.Long(filter.Ranges[i].Type.Scale - type.Scale);
            (long low, long high) = ScanFilter.Limits(filter.Ranges[i].Operator, value);
            zones[i] = new ZoneBound(filter.Ranges[i].ColumnId, low, high);
        }

        return true;
    }
}

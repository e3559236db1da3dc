using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// <c>x IN (…)</c> with many constants as <c>x = ANY (array)</c>, whose array is a single constant: looked up by hash or in an index, where each item of a list costs code of its own.
/// </summary>
internal static class LongLists
{
    /// <summary>Up to here comparisons in a row are as fast.</summary>
    private const int ShortList = 32;

    /// <summary>The test over an array, or null where the list is short, has items that aren't constants, or is of a type whose values lie in arrays in another form.</summary>
    public static ScalarExpr? AsArray(ScalarIn test)
    {
        SqlType element = test.Operand.Type.WithoutTypmod();
        if (test.Items.Length <= ShortList || element.IsFixedNumeric || element.Id is TypeId.Numeric or TypeId.BpChar || element.IsArray) return null;
        foreach (ScalarExpr item in test.Items)
        {
            if (item is not ScalarConstant || item.Type.Kind != element.Kind) return null;
        }

        var builder = new ArrayBuilder();
        builder.Begin();
        foreach (ScalarExpr item in test.Items) builder.AddBoxed(element, ((ScalarConstant)item).Value);
        var array = new ScalarConstant(builder.Finish().ToArray(), SqlType.ArrayOf(element));
        return new ScalarQuantifiedArray(test.Negated ? ComparisonOperator.NotEqual : ComparisonOperator.Equal, test.Negated, test.Operand, array).With(test.Span);
    }
}

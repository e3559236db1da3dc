using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>Rows as values: made of their fields, and taken apart.</summary>
internal sealed partial class BodyBuilder
{
    private Code EmitRow(ScalarRow node)
    {
        var codes = node.Fields.Select(field => ToDatum(Stable(Emit(field)), field.Type)).ToArray();
        return Code.NotNull(Assign(MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.BuildRow), Context, NewArrayInit(typeof(Datum), codes))));
    }

    private Code EmitField(ScalarField node)
    {
        Code row = Stable(Emit(node.Row));
        Expression found = MemoryCode.Call(typeof(CallSupport), nameof(CallSupport.Field), row.Value, Constant(node.Row.Type.Row!), Constant(node.Index));
        ParameterExpression datum = Assign(row.IsNull is null ? found : Condition(row.IsNull, MemoryCode.Call(typeof(Datum), nameof(Datum.Null), Constant(node.Type)), found));
        Expression nothing = Stable(Property(datum, nameof(Datum.IsNull)));
        return new Code(Condition(nothing, Default(node.Type.Kind.StackType()), FromClr(datum, node.Type)), nothing);
    }
}

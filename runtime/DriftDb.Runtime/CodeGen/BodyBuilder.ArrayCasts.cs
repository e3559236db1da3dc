using System.Linq.Expressions;
using DriftDb.Types;
using static System.Linq.Expressions.Expression;

namespace DriftDb.Runtime;

/// <summary>Casts from array to array: each element is cast as a value of its type would be.</summary>
internal sealed partial class BodyBuilder
{
    private Code EmitArrayCast(Code operand, SqlType from, SqlType to, bool isExplicit)
    {
        SqlType source = ArrayReader.StoredElement(from.Element!);
        // A precision that is only proven isn't one that values have to be rounded to.
        SqlType target = to.Element!.Typmod < 0 ? ArrayReader.StoredElement(to.Element) : to.Element;
        if (source.Equals(target)) return operand;
        ParameterExpression result = Assign(Default(typeof(ByteSlice)));
        Code array = Stable(operand);
        if (array.IsNull is null) Convert();
        else If(Not(array.IsNull), Convert);
        return array with { Value = result };

        void Convert()
        {
            Expression conversion = Assign(New(typeof(ArrayConversion).GetConstructors()[0], array.Value, Constant(source)));
            Loop((end, _) =>
            {
                Add(IfThen(Not(Call(conversion, nameof(ArrayConversion.MoveNext), null)), Break(end)));
                Expression element = Call(Property(conversion, nameof(ArrayConversion.Current)), DatumAs.MakeGenericMethod(source.Kind.StackType()));
                Add(Call(conversion, nameof(ArrayConversion.Add), null, ToDatum(Stable(EmitCast(Code.NotNull(Assign(element)), source, target, isExplicit)), target)));
            });
            Add(Expression.Assign(result, Call(conversion, nameof(ArrayConversion.Finish), null, ContextArena)));
        }
    }
}

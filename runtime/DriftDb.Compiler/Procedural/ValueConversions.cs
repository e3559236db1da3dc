using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Values as variables and results want them: what PL/pgSQL's assignments convert, through a value's text where there is no cast.</summary>
internal sealed class ValueConversions(Session session)
{
    private readonly Dictionary<(SqlType From, SqlType To), BoundExpression> _compiled = [];

    public object? Convert(object? value, SqlType from, SqlType to)
    {
        if (value is null || from.Equals(to) || IsSame(from, to)) return value;
        if (!_compiled.TryGetValue((from, to), out var conversion))
        {
            var expression = Binder.Binder.BindConversion(from, to, session.Environment.BindOptions([from]));
            conversion = new BoundExpression(expression, [from]);
            _compiled.Add((from, to), conversion);
        }

        return conversion.Evaluate(session, value);
    }

    private static bool IsSame(SqlType from, SqlType to)
    {
        if (to.Id == TypeId.Record && !to.IsComposite && from.Id == TypeId.Record) return true;
        bool isPlain = from.Kind == to.Kind && to.Typmod < 0 && from.Distinct is null && to.Distinct is null && !to.IsFixedNumeric && !from.IsFixedNumeric;
        return isPlain && (from.Id == to.Id && from.Element is null && from.Row is null && from.Enum is null || from.Id is TypeId.Text or TypeId.VarChar && to.Id is TypeId.Text or TypeId.VarChar);
    }

    /// <summary>A record's bytes.</summary>
    public static unsafe byte[] Encode(ReadOnlySpan<object?> values, IReadOnlyList<SqlType> types)
    {
        var builder = new RecordBuilder();
        var arena = new Arena();
        byte* slot = stackalloc byte[16];
        builder.Begin(types.Count);
        for (int i = 0; i < types.Count; i++)
        {
            if (i >= values.Length || values[i] is not { } value)
            {
                builder.AddNull(types[i]);
                continue;
            }

            BoxedValue.Store(value, types[i], slot, arena);
            builder.AddSlot(types[i], slot);
        }

        GC.KeepAlive(arena); // the slot points into it
        return builder.Finish().ToArray();
    }

    /// <summary>The fields of a record that isn't NULL, with the types that they have in the row.</summary>
    public unsafe object?[] Decode(byte[] record, RowType row)
    {
        var reader = new RecordReader(record, row);
        var values = new object?[row.Fields.Length];
        for (int i = 0; i < values.Length && reader.MoveNext(); i++)
        {
            if (reader.IsNull) continue;
            object value;
            if (reader.Type.Kind == PhysicalKind.Bytes) value = reader.Current.ToArray();
            else
                fixed (byte* slot = reader.Current) value = BoxedValue.Load(reader.Type, slot);
            values[i] = Convert(value, reader.Type, row.Fields[i].Type);
        }

        return values;
    }

    public static ImmutableArray<SqlType> TypesOf(RowType row) => [.. row.Fields.Select(field => field.Type)];
}

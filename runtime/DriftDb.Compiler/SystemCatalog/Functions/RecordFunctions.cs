using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Taking records apart.</summary>
internal static unsafe class RecordFunctions
{
    /// <summary>A record's field (from 1) as text: what the binder makes of <c>(record).field</c>, with a cast to the field's type around it.</summary>
    [SqlFunction("record_field", Parameters = "record, integer", Volatility = Volatility.Stable)]
    public static string? Field(QueryContext context, Datum record, int number)
    {
        var fields = new RecordReader(record.Bytes.Span);
        while (number-- > 0)
            if (!fields.MoveNext()) return null;
        if (fields.IsNull) return null;
        fixed (byte* bytes = fields.Current)
        {
            var type = ArrayReader.StoredElement(fields.Type);
            var slice = new ByteSlice(bytes, fields.Current.Length);
            return ValueText.Format(type, type.Kind == PhysicalKind.Bytes ? (byte*)&slice : bytes, context.Settings);
        }
    }
}

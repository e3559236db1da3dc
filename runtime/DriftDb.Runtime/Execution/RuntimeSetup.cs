using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What other layers need to be told of values: how plans show constants, how indexes order the types that are bytes. Must run before a store with such indexes is opened.</summary>
public static class RuntimeSetup
{
    private static int s_done;

    /// <summary>Idempotent; called by everything in the runtime that needs it, and by the embedded layer before it opens a store.</summary>
    public static void Initialize()
    {
        if (Interlocked.Exchange(ref s_done, 1) != 0) return;
        ConstantText.Renderer = static (value, type) => ValueText.Format(type, value);
        KeyBuilder.RegisterEncoder(TypeId.Numeric, (value, _, key) => NumericKey.Encode(SqlNumeric.Decode(value), key));
        KeyBuilder.RegisterEncoder(TypeId.TimeTz, (value, _, key) =>
        {
            var time = TimeTz.Decode(value);
            Span<byte> bytes = stackalloc byte[12];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)time.UtcMicros ^ 0x8000_0000_0000_0000UL);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], (uint)time.ZoneSeconds ^ 0x8000_0000U);
            key.AppendRaw(bytes);
        });
        KeyBuilder.RegisterEncoder(TypeId.Array, NestedKeys.EncodeArray);
        KeyBuilder.RegisterEncoder(TypeId.Record, NestedKeys.EncodeRecord);
        KeyBuilder.RegisterEncoder(TypeId.Jsonb, (value, _, key) => JsonbKeys.Encode(value, key));
    }

    /// <summary>Pays for the first compilation of an expression tree in the process (15 ms) and the reflection over the built-in functions; for the server's start-up.</summary>
    public static void WarmUp()
    {
        Initialize();
        _ = FunctionCatalog.Builtin;
        var column = new OutputColumn(1, "x", SqlType.Int4, false);
        var plan = new PhysicalLimit(new PhysicalValues([column], [[new ScalarConstant(1, SqlType.Int4)]]), new ScalarConstant(1L, SqlType.Int8), null, []);
        foreach (double threshold in new[] { 0, double.MaxValue })
        {
            var query = new PipelineQuery(plan, new CompileOptions { CompileAboveRows = threshold }, new TupleLayout([]));
            query.Compile();
        }
    }
}

/// <summary>Numerics as bytes that order as they do: a class (−∞, negative, zero, positive, ∞, NaN), the exponent, the digits; inverted for negatives.</summary>
internal static class NumericKey
{
    public static void Encode(SqlNumeric value, KeyBuilder key)
    {
        if (!value.IsFinite || value.IsZero)
        {
            key.AppendRaw([value.Kind switch { NumericKind.NegativeInfinity => 0, NumericKind.PositiveInfinity => 4, NumericKind.NaN => 5, _ => (byte)2 }]);
            return;
        }

        bool negative = value.Sign < 0;
        string digits = SqlNumeric.Abs(value).Unscaled.ToString(System.Globalization.CultureInfo.InvariantCulture);
        int exponent = digits.Length - value.Scale;
        digits = digits.TrimEnd('0');
        byte[] bytes = new byte[4 + digits.Length + 1];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)exponent ^ 0x8000_0000U);
        for (int i = 0; i < digits.Length; i++) bytes[4 + i] = (byte)(digits[i] - '0' + 1);
        if (negative)
            for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)~bytes[i];
        key.AppendRaw([negative ? (byte)1 : (byte)3]);
        key.AppendRaw(bytes);
    }
}

using DriftDb.Storage;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>Keys of arrays, records and jsonb in indexes order as their values do.</summary>
public sealed class IndexKeyTests
{
    /// <summary>The encoding of an index key against the comparer, on random arrays of numbers and records of a number and a text, NULLs and other bounds among them.</summary>
    [Fact]
    public void Index_keys_of_arrays_and_records_order_as_the_values()
    {
        RuntimeSetup.Initialize();
        SqlType record = SqlType.RowOf(new RowType(1, 2, "pair", [new RowField("a", SqlType.Int4), new RowField("b", SqlType.Text)])), array = SqlType.ArrayOf(SqlType.Int4), nested = SqlType.ArrayOf(record);
        var random = new Random(7);
        string[] texts = ["", "a", "a\"b", "b", "a a"];
        string Number() => random.Next(5) == 0 ? "NULL" : random.Next(-2, 12).ToString(System.Globalization.CultureInfo.InvariantCulture);
        string Array() => (random.Next(4) == 0 ? "[0:1]=" : "") is { Length: > 0 } bounds ? $"{bounds}{{{Number()},{Number()}}}" : random.Next(5) == 0 ? $"{{{{{Number()},{Number()}}}}}" : $"{{{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Number()))}}}";
        string Record() => $"({(random.Next(4) == 0 ? "" : random.Next(-2, 12))},{(random.Next(4) == 0 ? "" : $"\"{texts[random.Next(texts.Length)].Replace("\"", "\"\"", StringComparison.Ordinal)}\"")})";
        string Records() => $"{{{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(5) == 0 ? "NULL" : $"\"{Record().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";
        foreach (var (type, make) in new (SqlType, Func<string>)[] { (array, Array), (record, Record), (nested, Records) })
        {
            for (int i = 0; i < 5_000; i++)
            {
                byte[] left = Parse(type, make()), right = Parse(type, make());
                int expected = Math.Sign(ValueComparer.CompareBytes(type, left, right));
                Assert.Equal(expected, Math.Sign(Key(type, left, false).AsSpan().SequenceCompareTo(Key(type, right, false))));
                Assert.Equal(-expected, Math.Sign(Key(type, left, true).AsSpan().SequenceCompareTo(Key(type, right, true))));
            }
        }
    }

    /// <summary>The same for jsonb: numbers of all scales, texts beyond the basic plane, nested containers.</summary>
    [Fact]
    public void Index_keys_of_jsonb_order_as_the_values()
    {
        RuntimeSetup.Initialize();
        var random = new Random(11);
        string[] scalars = ["null", "true", "false", "0", "1", "1.0", "1.10", "-3", "12e2", "\"\"", "\"a\"", "\"ab\"", "\"b\"", "\"\uFF5E\"", "\"\U0001F600\"", "[]", "{}"];
        string Value(int depth) => (depth == 0 ? 0 : random.Next(4)) switch
        {
            1 => $"[{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => Value(depth - 1)))}]",
            2 => $"{{{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(i => $"\"{"ab"[..(1 + random.Next(2))]}{i}\":{Value(depth - 1)}"))}}}",
            _ => scalars[random.Next(scalars.Length)],
        };
        for (int i = 0; i < 10_000; i++)
        {
            byte[] left = Parse(SqlType.Jsonb, Value(3)), right = Parse(SqlType.Jsonb, Value(3));
            int expected = Math.Sign(ValueComparer.CompareBytes(SqlType.Jsonb, left, right));
            Assert.Equal(expected, Math.Sign(Key(SqlType.Jsonb, left, false).AsSpan().SequenceCompareTo(Key(SqlType.Jsonb, right, false))));
            Assert.Equal(-expected, Math.Sign(Key(SqlType.Jsonb, left, true).AsSpan().SequenceCompareTo(Key(SqlType.Jsonb, right, true))));
        }
    }

    private static byte[] Parse(SqlType type, string text) => (byte[])ValueText.Parse(type, text, FormatSettings.Default)!;

    private static byte[] Key(SqlType type, byte[] value, bool descending)
    {
        var key = new KeyBuilder();
        key.AppendBytes(new KeyColumn(1, type, descending), value);
        return key.Key.ToArray();
    }
}

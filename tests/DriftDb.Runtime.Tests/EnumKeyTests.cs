using DriftDb.Storage;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>Keys of enums stay in order wherever labels are put in.</summary>
public sealed class EnumKeyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(EnumKeys.OneByteLabels + 300)]
    public void Labels_put_in_anywhere_are_between_their_neighbours(int initial)
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var keys = EnumKeys.Initial(initial).ToList();
            // Always the same place, either end, or anywhere.
            int habit = seed % 4;
            for (int i = 0; i < 500; i++)
            {
                int place = habit switch { 0 => 0, 1 => keys.Count, 2 => Math.Min(1, keys.Count), _ => random.Next(keys.Count + 1) };
                keys.Insert(place, keys.Count == 0 ? EnumKeys.Initial(1)[0] : EnumKeys.Between(place > 0 ? keys[place - 1] : null, place < keys.Count ? keys[place] : null));
            }

            for (int i = 1; i < keys.Count; i++) Assert.True(keys[i - 1].AsSpan().SequenceCompareTo(keys[i]) < 0, $"seed {seed}: key {i}");
            Assert.All(keys, key => Assert.True(key.Length > 0 && key[^1] != 0 && key.Length <= 100, $"seed {seed}: a key of {key.Length} bytes"));
        }
    }

    [Fact]
    public void A_label_that_is_none_is_refused()
    {
        var type = new EnumType(1, 2, "mood", [new EnumLabel([1], "sad"), new EnumLabel([2], "ok")]);
        Assert.Equal([2], type.KeyOf("ok"u8));
        Assert.Equal("sad"u8, type.LabelOf([1]));
        Assert.Equal("22P02", Assert.Throws<SqlException>(() => type.KeyOf("OK"u8)).SqlState);
    }
}

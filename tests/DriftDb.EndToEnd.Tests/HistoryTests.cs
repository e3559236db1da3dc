using System.Globalization;
using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>The promise of time as a property, through updates, deletes, schema changes, compaction and restarts.</summary>
public sealed class HistoryTests
{
    private const int StepsOfARun = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_past_answers_what_it_answered_as_present(int seed)
    {
        using var oracle = new TimeOracle(seed);
        oracle.Run(StepsOfARun);
    }

    /// <summary>DRIFTDB_HISTORY_STEPS=100000 for the long run; a failure names its seed.</summary>
    [Fact]
    public void Random_seeds()
    {
        int steps = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_HISTORY_STEPS"), CultureInfo.InvariantCulture, out int wanted) ? wanted : StepsOfARun;
        int seed = Environment.TickCount & 0xFFFFFF;
        for (int done = 0; done < steps; done += StepsOfARun, seed++)
        {
            using var oracle = new TimeOracle(seed);
            oracle.Run(StepsOfARun);
        }
    }

    /// <summary>A wrong answer must be seen: the memory of another moment doesn't pass for this one.</summary>
    [Fact]
    public void A_planted_wrong_moment_is_caught()
    {
        using var oracle = new TimeOracle(4);
        oracle.Run(30);
        Assert.ThrowsAny<Exception>(oracle.RememberWrongly);
    }
}

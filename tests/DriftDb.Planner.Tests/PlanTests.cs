using Xunit;

namespace DriftDb.Planner.Tests;

/// <summary>Physical plans for given statistics: join order, join methods, access paths, what is sorted. Every rewrite on the way is verified.</summary>
public sealed class PlanTests
{
    public static TheoryData<string> Files() => GoldenFile.In("Plans");

    [Theory, MemberData(nameof(Files))]
    public void The_plan_is_the_one_in_the_file(string file) =>
        GoldenFile.Run(Path.Combine(GoldenFile.Folder("Plans"), file), (verb, sql) => verb[0] == "plan"
            ? PlannerRun.Optimize(sql, verb[1..]).Physical.ToString()
            : throw new InvalidOperationException($"no verb {verb[0]}"));
}

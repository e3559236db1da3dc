using DriftDb.Optimizer;
using Xunit;

namespace DriftDb.Planner.Tests;

/// <summary>
/// Every rule alone, in a file of its name: <c>fires</c> and <c>holds</c> (where it must not fire), each with the rules that prepare the plan's shape. Shown are the plan before and after.
/// </summary>
public sealed class RuleTests
{
    public static TheoryData<string> Files() => GoldenFile.In("Rules");

    [Theory, MemberData(nameof(Files))]
    public void A_rule_does_what_its_file_says(string file)
    {
        string rule = Path.GetFileNameWithoutExtension(file);
        GoldenFile.Run(Path.Combine(GoldenFile.Folder("Rules"), file), (verb, sql) =>
        {
            var (before, after, fired) = PlannerRun.Apply(rule, verb[1..], sql);
            bool expected = verb[0] switch { "fires" => true, "holds" => false, _ => throw new InvalidOperationException($"no verb {verb[0]}") };
            Assert.True(fired == expected, $"{rule} {(fired ? "fired" : "held back")}: {sql}\n{after}");
            return fired ? $"{before}\n=>\n{after}" : before.ToString();
        });
    }

    [Fact]
    public void Every_rule_of_the_optimizer_has_a_file()
    {
        var files = Directory.EnumerateFiles(GoldenFile.Folder("Rules"), "*.test").Select(path => Path.GetFileNameWithoutExtension(path)!).Order();
        Assert.Equal(Optimizer.Optimizer.RuleNames.Order(), files);
    }

    [Fact]
    public void A_disabled_rule_never_fires()
    {
        const string Sql = "SELECT a.y FROM a LEFT JOIN b ON b.a_id = a.id, c WHERE b.z > 1 + 1 AND c.id = a.id AND c.b_id < 5 AND EXISTS (SELECT FROM c c2 WHERE c2.b_id = b.id)";
        foreach (string rule in Optimizer.Optimizer.RuleNames)
        {
            var stages = PlannerRun.Optimize(Sql, rule).Stages;
            Assert.DoesNotContain(stages, stage => stage.Fired.Contains(rule));
        }

        var all = PlannerRun.Optimize(Sql).Stages.SelectMany(stage => stage.Fired).ToHashSet();
        Assert.Superset(new HashSet<string> { "fold_constants", "push_down_filter", "simplify_outer_join", "unnest_subqueries", "decorrelate_apply" }, all);
    }
}

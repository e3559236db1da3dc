using Xunit;

namespace DriftDb.House.Tests;

/// <summary>What every room of the house has.</summary>
public sealed class HouseTests
{
    [Fact]
    public void Every_project_has_a_readme_that_says_what_to_read_first()
    {
        foreach (string project in Repository.ProjectFiles())
        {
            string readme = Path.Combine(Path.GetDirectoryName(project)!, "README.md");
            Assert.True(File.Exists(readme), $"{Path.GetFileNameWithoutExtension(project)} has no README.md");
            Assert.Contains("first", File.ReadAllText(readme), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_top_level_is_the_one_of_the_design()
    {
        string[] expected = ["docs", "frontend", "grammar", "planner", "runtime", "server", "storage", "tests"];
        var found = Directory.EnumerateDirectories(Repository.Root).Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.') && name is not ("data" or "bin" or "obj" or "TestResults")).Order();
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Decisions_are_numbered_without_gaps()
    {
        var numbers = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "decisions"), "*.md").Select(path => int.Parse(Path.GetFileName(path)[..4])).Order().ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "DriftDb.Compiler.sln"));
        foreach (string file in Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories).Where(path => !path.Contains("node_modules")))
            Assert.Contains(Path.GetFileName(file), solution);
    }
}

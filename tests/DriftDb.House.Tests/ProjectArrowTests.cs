using System.Xml.Linq;
using Xunit;

namespace DriftDb.House.Tests;

/// <summary>The arrows between projects are those of the design's table (docs/architecture.md), and no others.</summary>
public sealed class ProjectArrowTests
{
    private static readonly string[] All =
        ["Types", "Grammar", "Frontend", "Plan", "Binder", "Optimizer", "Storage", "Runtime", "Compiler", "Protocol"];

    /// <summary>Each project and what it may reference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Types"] = [],
        ["Grammar"] = [],
        ["Frontend"] = ["Grammar", "Types"],
        ["Plan"] = ["Types"],
        ["Binder"] = ["Frontend", "Plan"],
        ["Optimizer"] = ["Plan"],
        ["Storage"] = ["Types"],
        ["Runtime"] = ["Plan", "Storage"],
        ["Compiler"] = [.. All.Except(["Compiler", "Protocol"])],
        ["Protocol"] = ["Types"],
        ["Server"] = All,
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_only_what_the_table_allows(string project)
    {
        var references = XDocument.Load(Repository.ProjectFile(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))["DriftDb.".Length..]).ToList();
        var forbidden = references.Except(Allowed[project]).ToList();
        Assert.True(forbidden.Count == 0, $"DriftDb.{project} must not reference {string.Join(", ", forbidden)}");
    }

    [Fact]
    public void Every_project_of_the_product_is_in_the_table()
    {
        var found = Repository.ProjectFiles().Select(file => Path.GetFileNameWithoutExtension(file)["DriftDb.".Length..]).Order().ToList();
        Assert.Equal(Allowed.Keys.Order(), found);
    }
}

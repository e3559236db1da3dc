using System.Globalization;

namespace DriftDb.Compiler;

/// <summary>EXPLAIN's structured forms: one tree of keys and values, written as JSON, YAML or XML.</summary>
internal static class StructuredFormat
{
    public static string Write(ExplainNode root, ExplainFigures figures)
    {
        var top = new List<(string Key, object Value)> { ("Plan", Node(root, figures, null)) };
        if (figures.Options.Summary)
        {
            top.Add(("Planning Time", Number(figures.PlanningMs, "F3")));
            if (figures.ExecutionMs is { } executionMs) top.Add(("Execution Time", Number(executionMs, "F3")));
        }

        return figures.Options.Format switch
        {
            ExplainFormat.Json => JsonPlan.Write(top),
            ExplainFormat.Yaml => YamlPlan.Write(top),
            _ => XmlPlan.Write(top),
        };
    }

    /// <summary>A number as it is to stand in the output, without quotes.</summary>
    public sealed record Literal(string Text)
    {
        public override string ToString() => Text;
    }

    private static List<(string Key, object Value)> Node(ExplainNode node, ExplainFigures figures, (string Relationship, string? Label)? parent)
    {
        var entries = new List<(string, object)> { ("Node Type", node.Type) };
        if (parent is { } place)
        {
            entries.Add(("Parent Relationship", place.Relationship));
            if (place.Label is { } label) entries.Add(("Subplan Name", label));
        }

        entries.AddRange([("Parallel Aware", new Literal("false")), ("Async Capable", new Literal("false"))]);
        entries.AddRange(node.Facts);
        if (figures.Options.Costs)
        {
            var plan = ExplainFigures.Estimated(node);
            entries.AddRange([
                ("Startup Cost", Number(plan.StartupCost, "F2")), ("Total Cost", Number(plan.TotalCost, "F2")), ("Plan Rows", Number(ExplainFigures.Rows(node), "F0")),
                ("Plan Width", Number(ExplainFigures.WidthBytes(node), "F0"))]);
        }

        if (figures.Actual(node) is { } actual)
        {
            if (figures.Options.Timing) entries.AddRange([("Actual Startup Time", Number(actual.StartupMs, "F3")), ("Actual Total Time", Number(actual.TotalMs, "F3"))]);
            entries.AddRange([("Actual Rows", Number(actual.Rows, "F0")), ("Actual Loops", Number(actual.Loops, "F0"))]);
        }

        if (node.Output.Count > 0) entries.Add(("Output", node.Output.ToArray()));
        entries.AddRange(node.Properties);
        if (node.Children.Count > 0) entries.Add(("Plans", node.Children.Select(child => Node(child.Node, figures, (child.Relationship, child.Label))).ToList()));
        return entries;
    }

    private static Literal Number(double value, string format) => new(value.ToString(format, CultureInfo.InvariantCulture));
}

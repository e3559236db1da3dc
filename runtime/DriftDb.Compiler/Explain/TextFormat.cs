using System.Globalization;

namespace DriftDb.Compiler;

/// <summary>EXPLAIN's text form, line by line, indented as PostgreSQL does: two spaces a step, an arrow before each node but the first.</summary>
internal static class TextFormat
{
    public static List<string> Write(ExplainNode root, ExplainFigures figures)
    {
        var lines = new List<string>();
        Write(lines, root, figures, 0, null);
        if (figures.Options.Summary)
        {
            lines.Add($"Planning Time: {ExplainFigures.Milliseconds(figures.PlanningMs)} ms");
            if (figures.ExecutionMs is { } executionMs) lines.Add($"Execution Time: {ExplainFigures.Milliseconds(executionMs)} ms");
        }

        return lines;
    }

    private static void Write(List<string> lines, ExplainNode node, ExplainFigures figures, int indent, string? label)
    {
        if (label is not null)
        {
            lines.Add(Spaces(indent) + label);
            indent++;
        }

        string arrow = indent == 0 ? "" : Spaces(indent) + "->  ";
        if (indent > 0) indent += 2;
        lines.Add(arrow + node.Title + Estimates(node, figures) + Actual(node, figures));
        indent++;
        if (node.Output.Count > 0) lines.Add($"{Spaces(indent)}Output: {string.Join(", ", node.Output)}");
        foreach (var (name, value) in node.Properties) lines.Add($"{Spaces(indent)}{name}: {(value is string[] items ? string.Join(", ", items) : value)}");
        // What is computed once for the whole node (CTEs) stands before its inputs.
        foreach (var child in node.Children.Where(child => child.Label is not null)) Write(lines, child.Node, figures, indent, child.Label);
        foreach (var child in node.Children.Where(child => child.Label is null)) Write(lines, child.Node, figures, indent, null);
    }

    private static string Spaces(int indent) => new(' ', indent * 2);

    private static string Estimates(ExplainNode node, ExplainFigures figures)
    {
        if (!figures.Options.Costs) return "";
        var plan = ExplainFigures.Estimated(node);
        return string.Create(CultureInfo.InvariantCulture, $"  (cost={plan.StartupCost:F2}..{plan.TotalCost:F2} rows={ExplainFigures.Rows(node):F0} width={ExplainFigures.WidthBytes(node)})");
    }

    private static string Actual(ExplainNode node, ExplainFigures figures)
    {
        if (figures.Actual(node) is not { } actual) return "";
        if (actual.Loops == 0) return " (never executed)";
        string time = figures.Options.Timing ? $"time={ExplainFigures.Milliseconds(actual.StartupMs)}..{ExplainFigures.Milliseconds(actual.TotalMs)} " : "";
        return string.Create(CultureInfo.InvariantCulture, $" (actual {time}rows={actual.Rows:F0} loops={actual.Loops})");
    }
}

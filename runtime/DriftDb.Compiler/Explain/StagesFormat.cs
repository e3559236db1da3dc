using DriftDb.Frontend;

namespace DriftDb.Compiler;

/// <summary>EXPLAIN (STAGES): the statement after each stage of the compiler.</summary>
internal static class StagesFormat
{
    public static List<string> Write(QueryPlan plan, StatementNode statement)
    {
        var lines = new List<string>();
        void Section(string title, string text)
        {
            lines.Add(title);
            lines.AddRange(text.TrimEnd('\n').Split('\n').Select(line => "  " + line));
        }

        Section("Syntax tree, as SQL", SqlPrinter.PrintNode(statement));
        Section("Bound plan", plan.Bound.Plan.ToString());
        foreach (var stage in plan.Optimized.Stages) Section($"After {stage.Pass}{(stage.Fired.Count > 0 ? $" ({string.Join(", ", stage.Fired)})" : "")}", stage.Plan.ToString());
        Section("Physical plan", plan.Optimized.Physical.ToString());
        Section("Pipelines", plan.Query.DescribePipelines());
        return lines;
    }
}

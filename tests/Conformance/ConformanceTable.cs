using System.Text;

namespace DriftDb.Conformance;

/// <summary>docs/conformance.md: every feature of the standard, what DriftDB and PostgreSQL make of it, and what is missing.</summary>
internal static class ConformanceTable
{
    /// <param name="beside">PostgreSQL's recorded results.</param>
    public static string Write(ConformanceSuite suite, IReadOnlyDictionary<string, FeatureResult> results, IReadOnlyDictionary<string, string> beside)
    {
        var text = new StringBuilder();
        text.AppendLine("# Conformance");
        text.AppendLine();
        text.AppendLine("Every feature of SQL:2016's taxonomy (Annex F), which SQL:2011's is a part of, by what the statements of `tests/Conformance/Features` do. This file is written by the tests.");
        text.AppendLine();
        text.AppendLine("- **yes**: every statement of the feature's file runs, answers what it must, and fails with the SQLSTATE that it must fail with.");
        text.AppendLine("- **n/m**: n of m statements do; the last column has the first that doesn't. *grammar* where a statement isn't even parsed.");
        text.AppendLine("- **–**: not testable by SQL text. **no**: nothing of it is there, and no file.");
        text.AppendLine();
        text.AppendLine("    dotnet test -c Release tests/Conformance                                     # the table against DriftDB");
        text.AppendLine("    dotnet run -c Release --project tests/Conformance -- --suite tests/Conformance --host 127.0.0.1 --port 5432 --user postgres --database postgres   # any server");
        text.AppendLine();
        Summary(text, "Mandatory", suite.List.Mandatory.Keys, suite, results, beside);
        Summary(text, "Optional", suite.List.Optional.Keys, suite, results, beside);
        Section(text, "Mandatory features (Core SQL)", suite.List.Mandatory, suite, results, beside);
        Section(text, "Optional features", suite.List.Optional, suite, results, beside);
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Summary(StringBuilder text, string kind, IEnumerable<string> ids, ConformanceSuite suite, IReadOnlyDictionary<string, FeatureResult> results, IReadOnlyDictionary<string, string> beside)
    {
        var tested = ids.Where(results.ContainsKey).ToList();
        text.AppendLine($"{kind}: {tested.Count} features tested; in full DriftDB {tested.Count(id => results[id].IsFull)}, PostgreSQL 15 {tested.Count(id => IsFull(beside.GetValueOrDefault(id)))}.");
        text.AppendLine();
    }

    private static void Section(StringBuilder text, string title, Dictionary<string, string> features, ConformanceSuite suite, IReadOnlyDictionary<string, FeatureResult> results, IReadOnlyDictionary<string, string> beside)
    {
        text.AppendLine($"## {title}");
        text.AppendLine();
        text.AppendLine("| ID | feature | DriftDB | PostgreSQL 15 | what is missing |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var (id, name) in features)
        {
            var parts = suite.List.Parts(id).ToList();
            string row = results.TryGetValue(id, out var result)
                ? $"{Verdict(result)} | {Recorded(beside.GetValueOrDefault(id))} | {Cell(result.Missing.FirstOrDefault())}"
                : suite.Files.TryGetValue(id, out var file) ? $"– | – | {Cell(file.NotTestable)}"
                : parts.Count > 0 ? $"{OfParts(parts, part => results.GetValueOrDefault(part)?.IsFull)} | {OfParts(parts, part => beside.TryGetValue(part, out string? score) ? IsFull(score) : null)} | "
                : "no | | ";
            text.AppendLine($"| {id} | {Cell(name.Trim())} | {row} |");
        }
        text.AppendLine();
    }

    private static string Verdict(FeatureResult result) => result.IsFull ? "yes" : $"{result.Right}/{result.Total}{(result.Parses ? "" : " grammar")}";

    private static string Recorded(string? score) => score is null ? "" : IsFull(score) ? "yes" : score;

    private static bool IsFull(string? score) => score?.Split('/') is [var right, var total] && right == total;

    /// <summary>A feature that has parts is there when all of them are that can be tested.</summary>
    private static string OfParts(List<string> parts, Func<string, bool?> isFull)
    {
        var verdicts = parts.Select(isFull).OfType<bool>().ToList();
        return verdicts.Count == 0 ? "no" : verdicts.TrueForAll(full => full) ? "yes" : $"{verdicts.Count(full => full)} of {verdicts.Count} parts";
    }

    private static string Cell(string? value) => (value ?? "").Replace("|", "\\|").Replace('\n', ' ');
}

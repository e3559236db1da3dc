using System.Globalization;
using DriftDb.Plan;
using DriftDb.Runtime;

namespace DriftDb.Compiler;

/// <summary>What ANALYZE adds to a node's lines beside times and rows: rows that a filter dropped, how a sort was done, the size of a hash table.</summary>
internal static class ExplainMeasures
{
    public static void Add(ExplainNode node, ExplainFigures figures)
    {
        AddFiltered(node, figures);
        AddMemory(node, figures);
        AddVisited(node, figures);
        foreach (var child in node.Children) Add(child.Node, figures);
    }

    private static void AddFiltered(ExplainNode node, ExplainFigures figures)
    {
        if (node.Filters.Count == 0) return;
        double removed = 0;
        foreach (var filter in node.Filters)
        {
            if (figures.Counter(filter) is not { } counter) return;
            long read = filter is PhysicalFilter { Input: var input } ? figures.Counter(input)?.Rows ?? counter.Rows : counter.RowsRead;
            removed += Math.Max(0, read - counter.Rows) / (double)Math.Max(1, counter.Loops);
        }

        // The text form leaves a zero out.
        if (figures.Options.Format == ExplainFormat.Text && removed == 0) return;
        int line = node.Properties.FindLastIndex(property => property.Label == "Filter");
        node.Properties.Insert(line + 1, ("Rows Removed by Filter", Number(removed)));
    }

    /// <summary>What the past costs: of a scan that names its moment, and of every scan in the verbose form.</summary>
    private static void AddVisited(ExplainNode node, ExplainFigures figures)
    {
        if (node.Plan is not PhysicalTableScan scan || scan.Period is null && !figures.Options.Verbose) return;
        if (figures.Counter(scan) is { VersionsVisited: { } visited }) node.With("Versions Visited", Number(visited));
    }

    private static void AddMemory(ExplainNode node, ExplainFigures figures)
    {
        if (node.MemoryOf is not { } plan || figures.Counter(plan) is not { Loops: > 0, MemoryBytes: { } bytes } counter) return;
        bool isText = figures.Options.Format == ExplainFormat.Text;
        long kilobytes = (bytes + 1023) / 1024;
        SpillFigures spilled = counter.Spilled;
        long diskKilobytes = (spilled.Bytes + 1023) / 1024;
        int batches = Math.Max(1, spilled.Batches);
        switch (plan)
        {
            case PhysicalSort or PhysicalTopN:
                bool isExternal = spilled.Bytes > 0;
                string method = isExternal ? "external merge" : plan is PhysicalSort ? "quicksort" : "top-N heapsort";
                string space = isExternal ? "Disk" : "Memory";
                long used = isExternal ? diskKilobytes : kilobytes;
                if (isText) node.With("Sort Method", $"{method}  {space}: {used}kB");
                else node.With("Sort Method", method).With("Sort Space Used", Number(used)).With("Sort Space Type", space);
                break;
            case PhysicalHashAggregate:
                if (isText) node.With("Batches", $"{batches}  Memory Usage: {kilobytes}kB" + (diskKilobytes > 0 ? $"  Disk Usage: {diskKilobytes}kB" : ""));
                else node.With("HashAgg Batches", Number(batches)).With("Peak Memory Usage", Number(kilobytes)).With("Disk Usage", Number(diskKilobytes));
                break;
            case PhysicalHashJoin when counter.Buckets is { } buckets:
                if (isText) node.With("Buckets", $"{buckets}  Batches: {batches}  Memory Usage: {kilobytes}kB");
                else
                {
                    node.With("Hash Buckets", Number(buckets)).With("Original Hash Buckets", Number(buckets))
                        .With("Hash Batches", Number(batches)).With("Original Hash Batches", Number(1)).With("Peak Memory Usage", Number(kilobytes));
                }

                break;
        }
    }

    private static StructuredFormat.Literal Number(double value) => new(value.ToString("F0", CultureInfo.InvariantCulture));
}

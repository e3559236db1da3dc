using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>
/// What a foreign key with PERIOD asks, as SQL: whether the periods of the rows that a row refers to adjoin each other over the whole of its own. Those don't overlap, so one of them must hold the beginning, and behind each
/// that ends too early another must begin at once.
/// </summary>
internal static class PeriodCoverage
{
    /// <summary>The condition that a row of the referencing table isn't covered.</summary>
    /// <param name="key">A foreign key with PERIOD.</param>
    /// <param name="child">What the query calls the referencing row.</param>
    public static string IsMissing(ForeignKey key, string child)
    {
        string parent = ObjectNames.Qualify(key.Referenced.Schema, key.Referenced.Name);
        string[] here = Names(key.Referencing, key.Columns), there = Names(key.Referenced, key.ReferencedColumns);
        (string start, string end) = (there[^2], there[^1]);
        (string from, string until) = ($"{child}.{here[^2]}", $"{child}.{here[^1]}");
        string sameOwner = string.Join(" AND ", here[..^2].Select((column, i) => $"p.{there[i]} = {child}.{column}"));
        string sameParent = string.Join(" AND ", there[..^2].Select(column => $"q.{column} = p.{column}"));
        return $"(NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {sameOwner} AND p.{start} <= {from} AND p.{end} > {from})"
            + $" OR EXISTS (SELECT 1 FROM {parent} AS p WHERE {sameOwner} AND p.{end} > {from} AND p.{end} < {until} AND NOT EXISTS (SELECT 1 FROM {parent} AS q WHERE {sameParent} AND q.{start} = p.{end})))";
    }

    /// <summary>The condition that a referencing row's period overlaps one that is gone.</summary>
    /// <param name="key">A foreign key with PERIOD.</param>
    /// <param name="child">What the query calls the referencing row.</param>
    /// <param name="gone">What it calls the row of <see cref="ChangedKeys"/>.</param>
    public static string Overlaps(ForeignKey key, string child, string gone)
    {
        string[] here = Names(key.Referencing, key.Columns);
        string sameOwner = string.Join(" AND ", here[..^2].Select((column, i) => $"{child}.{column} = {gone}.k{i + 1}"));
        return $"{sameOwner} AND {child}.{here[^2]} < {gone}.k{here.Length} AND {child}.{here[^1]} > {gone}.k{here.Length - 1}";
    }

    private static string[] Names(TableRelation table, ReadOnlySpan<int> ordinals) => [.. ordinals.ToArray().Select(ordinal => ObjectNames.QuoteIfNeeded(table.Columns[ordinal].Name))];
}

using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>The leaves: tables, indexes, values, functions.</summary>
internal sealed partial class ExplainTree
{
    private ExplainNode TableScan(PhysicalTableScan scan) =>
        Scan("Seq Scan", "Seq Scan on ", scan.Relation, scan.Alias).With("System Time", Period(scan.Period)).Filter(Optional(scan.Filter), scan);

    private ExplainNode IndexScan(PhysicalIndexScan scan, string? conditions)
    {
        string name = ObjectNames.QuoteIfNeeded(scan.Index.Name);
        var node = Scan("Index Scan", $"Index Scan {(scan.Backward ? "Backward " : "")}using {name} on ", scan.Relation, scan.Alias);
        node.Facts.InsertRange(0, [("Scan Direction", scan.Backward ? "Backward" : "Forward"), ("Index Name", scan.Index.Name)]);
        return node.With("System Time", Period(scan.Period)).With("Index Cond", conditions).Filter(Optional(scan.Filter), scan);
    }

    /// <summary>The range of keys that is read, as conditions.</summary>
    private string? Conditions(PhysicalIndexScan scan)
    {
        var terms = scan.Equal.Select((value, i) => $"({KeyName(scan, i)} = {_texts.Print(value)})").ToList();
        if (scan.AnyOf is { } set)
            terms.Add(set.IsArray ? $"({KeyName(scan, scan.Equal.Length)} = ANY ({_texts.Print(set.Values[0])}))" : $"({KeyName(scan, scan.Equal.Length)} IN ({string.Join(", ", set.Values.Select(_texts.Print))}))");
        if (scan.Lower is { } lower) terms.Add($"({KeyName(scan, scan.Equal.Length)} {(lower.Inclusive ? ">=" : ">")} {_texts.Print(lower.Value)})");
        if (scan.Upper is { } upper) terms.Add($"({KeyName(scan, scan.Equal.Length)} {(upper.Inclusive ? "<=" : "<")} {_texts.Print(upper.Value)})");
        return Conjunction(terms);
    }

    private static string? Conjunction(List<string> terms) => terms.Count switch { 0 => null, 1 => terms[0], _ => $"({string.Join(" AND ", terms)})" };

    private string KeyName(PhysicalIndexScan scan, int key)
    {
        var found = scan.Index.Keys[key];
        if (found.Ordinal < 0) return found.ExpressionText ?? "?";
        int slot = scan.Sources.IndexOf(found.Ordinal);
        return slot >= 0 ? _texts.Name(scan.Columns[slot]) : ObjectNames.QuoteIfNeeded(scan.Relation.Columns[found.Ordinal].Name);
    }

    private ExplainNode Scan(string type, string title, IRelation relation, string alias)
    {
        string name = ObjectNames.QuoteIfNeeded(relation.Name);
        if (_isVerbose) name = $"{ObjectNames.QuoteIfNeeded(relation.Schema)}.{name}";
        string shown = alias.Length == 0 || alias == relation.Name ? name : $"{name} {ObjectNames.QuoteIfNeeded(alias)}";
        var node = new ExplainNode(type, title + shown).Fact("Relation Name", relation.Name);
        if (_isVerbose) node.Fact("Schema", relation.Schema);
        return node.Fact("Alias", alias.Length == 0 ? relation.Name : alias);
    }

    /// <summary>A common table expression's rows; within a recursive one the rows of its last round.</summary>
    private ExplainNode CteScan(PhysicalCteScan scan)
    {
        string type = _recursive.Contains(scan.CteId) ? "WorkTable Scan" : "CTE Scan";
        return new ExplainNode(type, $"{type} on {ObjectNames.QuoteIfNeeded(scan.Name)}").Fact("CTE Name", scan.Name).Fact("Alias", scan.Name);
    }

    private static ExplainNode Values(PhysicalValues values) =>
        values.Rows.Length <= 1 ? new ExplainNode("Result", "Result") : new ExplainNode("Values Scan", "Values Scan on \"*VALUES*\"").Fact("Alias", "*VALUES*");

    private ExplainNode Function(PhysicalTableFunction function)
    {
        var node = new ExplainNode("Function Scan", $"Function Scan on {ObjectNames.QuoteIfNeeded(function.Function.Name)}").Fact("Function Name", function.Function.Name);
        return _isVerbose ? node.With("Function Call", $"{function.Function.Name}({string.Join(", ", function.Arguments.Select(_texts.Print))})") : node;
    }
}

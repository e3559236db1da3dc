using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>A node as EXPLAIN shows it: what several plan nodes (a filter, a projection and the scan below) come to in PostgreSQL's terms.</summary>
internal sealed class ExplainNode(string type, string title)
{
    /// <summary>JSON's "Node Type": <c>Seq Scan</c>, <c>Hash Join</c>.</summary>
    public string Type { get; } = type;

    /// <summary>The text form's line: <c>Index Scan using t_pkey on t</c>.</summary>
    public string Title { get; } = title;

    /// <summary>What the title says, by key, for the structured formats: Relation Name, Join Type, …</summary>
    public List<(string Key, object Value)> Facts { get; } = [];

    /// <summary>What stands on lines of their own: Filter, Sort Key (a list), …</summary>
    public List<(string Label, object Value)> Properties { get; } = [];

    /// <summary>Inputs. A label stands on a line above the node (<c>CTE x</c>).</summary>
    public List<(string Relationship, string? Label, ExplainNode Node)> Children { get; } = [];

    /// <summary>The topmost plan node that this one stands for: its rows and costs are shown. Null for nodes that only EXPLAIN has (Hash).</summary>
    public PhysicalPlan? Plan { get; set; }

    /// <summary>Whose estimates are shown where <see cref="Plan"/> is null.</summary>
    public PhysicalPlan? Estimates { get; init; }

    /// <summary>True for a node that only EXPLAIN has when it puts nothing out before it has read everything (Hash).</summary>
    public bool IsBlocking { get; init; }

    /// <summary>The plan nodes that stand behind the Filter lines.</summary>
    public List<PhysicalPlan> Filters { get; } = [];

    /// <summary>Whose memory is shown with this node; null for none.</summary>
    public PhysicalPlan? MemoryOf { get; set; }

    /// <summary>The columns that it puts out, for VERBOSE.</summary>
    public IReadOnlyList<string> Output { get; set; } = [];

    public ExplainNode With(string label, object? value)
    {
        if (value is not null) Properties.Add((label, value));
        return this;
    }

    /// <summary>A Filter line, for the plan node that drops rows by it.</summary>
    public ExplainNode Filter(string? condition, PhysicalPlan filter)
    {
        if (condition is null) return this;
        Filters.Add(filter);
        return With("Filter", condition);
    }

    public ExplainNode Fact(string key, object value)
    {
        Facts.Add((key, value));
        return this;
    }

    public ExplainNode Child(ExplainNode node, string relationship = "Outer", string? label = null)
    {
        Children.Add((relationship, label, node));
        return this;
    }
}

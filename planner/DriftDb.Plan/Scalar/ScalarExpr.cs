using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// A typed scalar expression. Nodes are immutable; a rewrite that changes nothing returns the same object, so that passes compare by reference.
/// Three-valued logic throughout: a node's value may be NULL only where <see cref="Nullable"/> is true.
/// </summary>
public abstract record ScalarExpr
{
    protected ScalarExpr(SqlType type, bool nullable)
    {
        Type = type;
        Nullable = nullable;
    }

    public SqlType Type { get; init; }

    /// <summary>False only when the value is proven not to be NULL.</summary>
    public bool Nullable { get; init; }

    /// <summary>Where in the statement's text the expression comes from, for run-time errors; <see cref="SourceSpan.None"/> when made by a rule.</summary>
    public SourceSpan Span { get; init; } = SourceSpan.None;

    /// <summary>The same node with a place in the text.</summary>
    public ScalarExpr With(SourceSpan span) => this with { Span = span };

    public abstract ImmutableArray<ScalarExpr> Children { get; }

    /// <summary>This node over other children, in <see cref="Children"/>'s order.</summary>
    public abstract ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children);

    /// <summary>This node with each child replaced by what the function makes of it; this very object when all came back unchanged.</summary>
    public ScalarExpr MapChildren(Func<ScalarExpr, ScalarExpr> map)
    {
        var children = Children;
        var mapped = ImmutableArrays.Map(children, map);
        return mapped == children ? this : WithChildren(mapped);
    }

    /// <summary>Rewrites bottom-up: children first, then the node made of them.</summary>
    public ScalarExpr Rewrite(Func<ScalarExpr, ScalarExpr> rewrite) => rewrite(MapChildren(child => child.Rewrite(rewrite)));

    /// <summary>This node and all below it, parents first; doesn't enter subqueries.</summary>
    public IEnumerable<ScalarExpr> DescendantsAndSelf()
    {
        var stack = new Stack<ScalarExpr>();
        stack.Push(this);
        while (stack.TryPop(out var node))
        {
            yield return node;
            var children = node.Children;
            for (int i = children.Length - 1; i >= 0; i--) stack.Push(children[i]);
        }
    }

    public sealed override string ToString() => ScalarPrinter.Print(this);
}

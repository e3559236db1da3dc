using Antlr4.Runtime;
using Antlr4.Runtime.Tree;

namespace DriftDb.Grammar;

/// <summary>
/// What the nodes of all rules in a parse tree derive from (the grammar's contextSuperClass). ANTLR's own node keeps its children in a list behind an
/// interface and looks them up through generic virtual methods, both of which cost more than the look-up. Most nodes have a single child, so the first
/// lies in the node itself.
/// </summary>
public class SqlRuleContext : ParserRuleContext
{
    private IParseTree? _first;
    private Slot[]? _rest;
    private int _count;

    public SqlRuleContext()
    {
    }

    public SqlRuleContext(ParserRuleContext? parent, int invokingState)
        : base(parent, invokingState)
    {
    }

    public override int ChildCount => _count;

    public override IParseTree GetChild(int i) => (uint)i < (uint)_count ? At(i) : null!;

    public override void AddChild(RuleContext ruleInvocation) => Append(ruleInvocation);

    public override void AddChild(ITerminalNode t) => Append(t);

    /// <summary>A token is its own leaf.</summary>
    public override ITerminalNode AddChild(IToken matchedToken)
    {
        var leaf = (SqlToken)matchedToken;
        Append(leaf);
        return leaf;
    }

    public override void RemoveLastChild() => _count--;

    /// <summary>The i-th leaf of a kind, or null.</summary>
    public new ITerminalNode? GetToken(int ttype, int i)
    {
        for (int at = 0; at < _count; at++)
        {
            if (At(at) is SqlToken leaf && leaf.Type == ttype && i-- == 0) return leaf;
        }

        return null;
    }

    /// <summary>The leaves of a kind.</summary>
    public new ITerminalNode[] GetTokens(int ttype)
    {
        int found = 0;
        for (int at = 0; at < _count; at++)
        {
            if (At(at) is SqlToken leaf && leaf.Type == ttype) found++;
        }

        if (found == 0) return [];
        var leaves = new ITerminalNode[found];
        for (int at = _count - 1; found > 0; at--)
        {
            if (At(at) is SqlToken leaf && leaf.Type == ttype) leaves[--found] = leaf;
        }

        return leaves;
    }

    /// <summary>The i-th child of a rule, or null.</summary>
    public new T? GetRuleContext<T>(int i)
        where T : ParserRuleContext
    {
        for (int at = 0; at < _count; at++)
        {
            if (At(at) is T child && i-- == 0) return child;
        }

        return null;
    }

    /// <summary>The children of a rule.</summary>
    public new T[] GetRuleContexts<T>()
        where T : ParserRuleContext
    {
        int found = 0;
        for (int at = 0; at < _count; at++)
        {
            if (At(at) is T) found++;
        }

        if (found == 0) return [];
        var children = new T[found];
        for (int at = _count - 1; found > 0; at--)
        {
            if (At(at) is T child) children[--found] = child;
        }

        return children;
    }

    private IParseTree At(int i) => i == 0 ? _first! : _rest![i - 1].Node;

    private void Append(IParseTree child)
    {
        int at = _count++;
        if (at == 0)
        {
            _first = child;
            return;
        }

        if (_rest is null) _rest = new Slot[2];
        else if (at > _rest.Length) Array.Resize(ref _rest, _rest.Length * 2);
        _rest[at - 1].Node = child;
    }

    /// <summary>Around a reference, so that storing one needs no look at the array's type.</summary>
    private struct Slot
    {
        public IParseTree Node;
    }
}

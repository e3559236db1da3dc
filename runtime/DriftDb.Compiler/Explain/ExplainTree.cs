using System.Runtime.CompilerServices;
using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>Translates a physical plan into the nodes that PostgreSQL's EXPLAIN would show for it.</summary>
internal sealed partial class ExplainTree
{
    private readonly ColumnTexts _texts;
    private readonly bool _isVerbose;

    /// <summary>The recursive unions around the node that is being made.</summary>
    private readonly HashSet<int> _recursive = [];

    private ExplainTree(PhysicalPlan plan, bool isVerbose)
    {
        _texts = new ColumnTexts(plan, isVerbose);
        _isVerbose = isVerbose;
    }

    public static ExplainNode Build(PhysicalPlan plan, bool isVerbose) => new ExplainTree(plan, isVerbose).Node(plan);

    private ExplainNode Node(PhysicalPlan plan)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var node = Make(plan);
        node.Plan = plan;
        if (_isVerbose && plan.Output.Length > 0) node.Output = [.. plan.Output.Select(_texts.Name)];
        return node;
    }

    private ExplainNode Make(PhysicalPlan plan) => plan switch
    {
        // A projection is done by the node below, a filter too: neither is a node of its own.
        PhysicalProject project => Node(project.Input),
        PhysicalFilter filter => Node(filter.Input).Filter(_texts.Print(filter.Predicate), filter),
        PhysicalTableScan scan => TableScan(scan),
        PhysicalIndexScan scan => IndexScan(scan, Conditions(scan)),
        PhysicalSystemScan scan => Scan("Seq Scan", "Seq Scan on ", scan.Relation, scan.Alias).Filter(Optional(scan.Filter), scan),
        PhysicalValues values => Values(values),
        PhysicalTableFunction function => Function(function),
        PhysicalCteScan scan => CteScan(scan),
        PhysicalLimit limit => Limit(limit),
        PhysicalTopN top => new ExplainNode("Limit", "Limit").Child(TopSort(top)),
        PhysicalSort { Keys.IsEmpty: true } kept => new ExplainNode("Materialize", "Materialize").Child(Node(kept.Input)),
        PhysicalSort sort => new ExplainNode("Sort", "Sort") { MemoryOf = sort }.With("Sort Key", _texts.Keys(sort.Keys, sort.Input)).Child(Node(sort.Input)),
        PhysicalDistinctOn distinct => new ExplainNode("Unique", "Unique").Child(Node(distinct.Input)),
        PhysicalLockRows rows => new ExplainNode("LockRows", "LockRows").Child(Node(rows.Input)),
        PhysicalWindow window => new ExplainNode("WindowAgg", "WindowAgg").Child(Node(window.Input)),
        PhysicalHashJoin join => HashJoin(join),
        PhysicalMergeJoin join => Join("Merge Join", "Merge", join.Kind, Node(join.Left), Node(join.Right)).With("Merge Cond", Keys(join.Keys, swap: false)).With("Join Filter", Optional(join.Residual)),
        PhysicalNestedLoopJoin join => Join("Nested Loop", "Nested Loop", join.Kind, Node(join.Left), Node(join.Right)).With("Join Filter", Condition(join.Condition)),
        PhysicalIndexJoin join => IndexJoin(join),
        PhysicalApply apply => Join("Nested Loop", "Nested Loop", apply.Kind, Node(apply.Left), Node(apply.Right)).With("Join Filter", Condition(apply.Condition)),
        PhysicalHashAggregate aggregate => HashAggregate(aggregate),
        PhysicalStreamAggregate aggregate => StreamAggregate(aggregate),
        PhysicalUnionAll union => Append(union),
        PhysicalHashSetOperation set => SetOperation(set),
        PhysicalWith with => Node(with.Body).Child(Node(with.Definition), "InitPlan", $"CTE {ObjectNames.QuoteIfNeeded(with.Name)}"),
        PhysicalRecursiveUnion union => Recursive(union),
        PhysicalInsert insert => Insert(insert),
        PhysicalUpdate update => Write("Update", update),
        PhysicalDelete delete => Write("Delete", delete),
        _ => Other(plan),
    };

    private ExplainNode Other(PhysicalPlan plan)
    {
        string name = plan.GetType().Name["Physical".Length..];
        var node = new ExplainNode(name, name);
        foreach (var input in plan.Inputs) node.Child(Node(input));
        return node;
    }

    private string? Optional(ScalarExpr? expression) => expression is null ? null : _texts.Print(expression);

    /// <summary>A join's condition; a cross join has none to show.</summary>
    private string? Condition(ScalarExpr condition) => condition is ScalarConstant { Value: true } ? null : _texts.Print(condition);

    /// <summary>The period that is read when it isn't the present.</summary>
    private string? Period(SystemTimePeriod? period)
    {
        if (period is null) return null;
        string Bound(int i) => period.Bounds[i].Type.Id == Types.TypeId.Int8 ? $"@seq:{_texts.Print(period.Bounds[i])}" : _texts.Print(period.Bounds[i]);
        return period.Kind switch
        {
            SystemTimeKind.AsOf => $"AS OF {Bound(0)}",
            SystemTimeKind.BetweenAsymmetric => $"BETWEEN {Bound(0)} AND {Bound(1)}",
            SystemTimeKind.BetweenSymmetric => $"BETWEEN SYMMETRIC {Bound(0)} AND {Bound(1)}",
            SystemTimeKind.FromTo => $"FROM {Bound(0)} TO {Bound(1)}",
            _ => "ALL",
        };
    }
}

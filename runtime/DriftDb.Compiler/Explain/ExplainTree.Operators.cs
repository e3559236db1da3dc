using DriftDb.Plan;

namespace DriftDb.Compiler;

/// <summary>Joins, aggregation, limits, set operations, writes.</summary>
internal sealed partial class ExplainTree
{
    /// <summary>Hash join: PostgreSQL builds its inner side under a Hash node; a join that builds the left side is its right join.</summary>
    private ExplainNode HashJoin(PhysicalHashJoin join)
    {
        var (outer, built) = join.BuildLeft ? (join.Right, join.Left) : (join.Left, join.Right);
        var hash = new ExplainNode("Hash", "Hash") { Estimates = built, IsBlocking = true, MemoryOf = join }.Child(Node(built));
        bool isRight = join.BuildLeft && join.Kind is not (JoinKind.Inner or JoinKind.Full);
        return Join("Hash Join", "Hash", join.Kind, Node(outer), hash, isRight).With("Hash Cond", Keys(join.Keys, swap: join.BuildLeft)).With("Join Filter", Optional(join.Residual));
    }

    private ExplainNode IndexJoin(PhysicalIndexJoin join)
    {
        var conditions = join.KeyValues.Select((value, i) => $"({KeyName(join.Inner, i)} = {_texts.Print(value)})").ToList();
        var inner = IndexScan(join.Inner, Conjunction(conditions));
        inner.Plan = join.Inner;
        if (_isVerbose) inner.Output = [.. join.Inner.Output.Select(_texts.Name)];
        return Join("Nested Loop", "Nested Loop", join.Kind, Node(join.Left), inner).With("Join Filter", Optional(join.Residual));
    }

    private static ExplainNode Join(string type, string name, JoinKind kind, ExplainNode outer, ExplainNode inner, bool isRight = false)
    {
        string kindName = kind switch
        {
            JoinKind.Inner => "Inner",
            JoinKind.Left or JoinKind.Single => "Left",
            JoinKind.Full => "Full",
            JoinKind.Semi => "Semi",
            JoinKind.Mark => "Mark",
            _ => "Anti",
        };
        if (isRight) kindName = kindName == "Left" ? "Right" : "Right " + kindName;
        string title = kind == JoinKind.Inner ? type : $"{name} {kindName} Join";
        return new ExplainNode(type, title).Fact("Join Type", kindName).Child(outer).Child(inner, "Inner");
    }

    private string? Keys(IEnumerable<JoinKey> keys, bool swap) =>
        Conjunction([.. keys.Select(key =>
        {
            var (left, right) = swap ? (key.Right, key.Left) : (key.Left, key.Right);
            return $"({_texts.Print(left)} {(key.NullsMatch ? "IS NOT DISTINCT FROM" : "=")} {_texts.Print(right)})";
        })]);

    private ExplainNode HashAggregate(PhysicalHashAggregate aggregate)
    {
        if (aggregate.Keys.IsEmpty) return new ExplainNode("Aggregate", "Aggregate").Fact("Strategy", "Plain").Child(Node(aggregate.Input));
        if (aggregate.GroupingSets.IsDefault)
            return new ExplainNode("Aggregate", "HashAggregate") { MemoryOf = aggregate }.Fact("Strategy", "Hashed").With("Group Key", GroupKeys(aggregate.Keys)).Child(Node(aggregate.Input));
        var node = new ExplainNode("Aggregate", "MixedAggregate").Fact("Strategy", "Mixed");
        foreach (var set in aggregate.GroupingSets)
            node.With(set.IsEmpty ? "Group Key" : "Hash Key", set.IsEmpty ? "()" : GroupKeys(set.Select(key => aggregate.Keys[key])));
        return node.Child(Node(aggregate.Input));
    }

    private ExplainNode StreamAggregate(PhysicalStreamAggregate aggregate)
    {
        bool groupsOnly = aggregate.Aggregates.IsEmpty;
        var node = groupsOnly ? new ExplainNode("Group", "Group") : new ExplainNode("Aggregate", "GroupAggregate").Fact("Strategy", "Sorted");
        return node.With("Group Key", GroupKeys(aggregate.Keys)).Child(Node(aggregate.Input));
    }

    private string[] GroupKeys(IEnumerable<OutputColumn> keys) => [.. keys.Select(_texts.Name)];

    private ExplainNode Recursive(PhysicalRecursiveUnion union)
    {
        _recursive.Add(union.CteId);
        return new ExplainNode("Recursive Union", "Recursive Union").Child(Node(union.Seed)).Child(Node(union.Step), "Inner");
    }

    private ExplainNode Limit(PhysicalLimit limit) => new ExplainNode("Limit", "Limit").Child(Node(limit.Input));

    private ExplainNode TopSort(PhysicalTopN top)
    {
        var sort = new ExplainNode("Sort", "Sort") { Estimates = top, MemoryOf = top }.With("Sort Key", _texts.Keys(top.Keys, top.Input)).Child(Node(top.Input));
        if (_isVerbose) sort.Output = [.. top.Output.Select(_texts.Name)];
        return sort;
    }

    private ExplainNode Append(PhysicalUnionAll union)
    {
        var node = new ExplainNode("Append", "Append");
        foreach (var branch in union.Branches) node.Child(Node(branch), "Member");
        return node;
    }

    private ExplainNode SetOperation(PhysicalHashSetOperation set)
    {
        string command = $"{set.Kind}{(set.All ? " All" : "")}";
        return new ExplainNode("SetOp", $"HashSetOp {command}").Fact("Strategy", "Hashed").Fact("Command", command).Child(Node(set.Left)).Child(Node(set.Right), "Inner");
    }

    private ExplainNode Insert(PhysicalInsert insert)
    {
        var node = Write("Insert", insert);
        if (insert.OnConflict is not { } conflict) return node;
        node.With("Conflict Resolution", conflict.Update.IsDefault ? "NOTHING" : "UPDATE");
        if (conflict.Arbiter is { } arbiter) node.With("Conflict Arbiter Indexes", arbiter.Name);
        return node.With("Conflict Filter", Optional(conflict.Where));
    }

    private ExplainNode Write(string operation, PhysicalWrite write)
    {
        string name = ObjectNames.QuoteIfNeeded(write.Target.Name);
        if (_isVerbose) name = $"{ObjectNames.QuoteIfNeeded(write.Target.Schema)}.{name}";
        return new ExplainNode("ModifyTable", $"{operation} on {name}").Fact("Operation", operation).Fact("Relation Name", write.Target.Name).Fact("Alias", write.Target.Name).Child(Node(write.Input));
    }
}

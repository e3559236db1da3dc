using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>Every kind of join, by every operator that can do it, against nested loops over lists; NULLs and duplicates in the keys.</summary>
public sealed class JoinTests
{
    public static IEnumerable<object[]> Cases() =>
        from seed in Enumerable.Range(0, 3) from kind in Enum.GetValues<JoinKind>() from compiled in new[] { true, false } from residual in new[] { false, true } select new object[] { seed, kind, compiled, residual };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agree_with_nested_loops(int seed, JoinKind kind, bool compiled, bool withResidual)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        int? Value(int range) => random.Next(6) == 0 ? null : random.Next(range);
        int range = kind == JoinKind.Single ? 100_000 : 25;
        var left = Enumerable.Range(0, 60).Select(i => (K: Value(range), V: Value(10), I: i)).ToList();
        var right = Enumerable.Range(0, seed == 2 ? 0 : 40).Select(i => (K: Value(range), V: Value(10), I: i)).ToList();
        TestRelation l = db.CreateTable("l", ("k", SqlType.Int4, true), ("v", SqlType.Int4, true), ("i", SqlType.Int4, false));
        TestRelation r = db.CreateTable("r", ("k", SqlType.Int4, true), ("v", SqlType.Int4, true), ("i", SqlType.Int4, false));
        db.Insert(l, left.Select(row => new object?[] { row.K, row.V, row.I }));
        if (right.Count > 0) db.Insert(r, right.Select(row => new object?[] { row.K, row.V, row.I }));
        PhysicalTableScan ls = db.Scan(l), rs = db.Scan(r);
        OutputColumn? mark = kind == JoinKind.Mark ? db.Ids.New("mark", SqlType.Bool, true) : null;
        ScalarExpr equal = new ScalarComparison(ComparisonOperator.Equal, ls.Columns[0].Reference(), rs.Columns[0].Reference());
        ScalarExpr? residual = withResidual ? new ScalarComparison(ComparisonOperator.LessOrEqual, ls.Columns[1].Reference(), rs.Columns[1].Reference()) : null;
        ScalarExpr condition = residual is null ? equal : new ScalarAnd([equal, residual]);

        bool? Holds((int? K, int? V, int I) a, (int? K, int? V, int I) b)
        {
            bool? e = a.K is null || b.K is null ? null : a.K == b.K;
            if (!withResidual) return e;
            bool? f = a.V is null || b.V is null ? null : a.V <= b.V;
            return e == false || f == false ? false : e is null || f is null ? null : true;
        }

        string L((int? K, int? V, int I)? a) => a is { } x ? $"{Show(x.K)}|{Show(x.V)}|{x.I}" : "∅|∅|∅";
        string Show(int? v) => v?.ToString() ?? "∅";
        var expected = new List<string>();
        bool ambiguous = false;
        foreach (var a in left)
        {
            var matches = right.Where(b => Holds(a, b) == true).ToList();
            bool unknown = right.Any(b => Holds(a, b) is null);
            switch (kind)
            {
                case JoinKind.Inner: expected.AddRange(matches.Select(b => L(a) + "|" + L(b))); break;
                case JoinKind.Left or JoinKind.Full or JoinKind.Single:
                    ambiguous |= kind == JoinKind.Single && matches.Count > 1;
                    if (matches.Count == 0) expected.Add(L(a) + "|" + L(null));
                    else expected.AddRange(matches.Select(b => L(a) + "|" + L(b)));
                    break;
                case JoinKind.Semi: if (matches.Count > 0) expected.Add(L(a)); break;
                case JoinKind.Anti: if (matches.Count == 0) expected.Add(L(a)); break;
                case JoinKind.AntiNullAware: if (matches.Count == 0 && !unknown) expected.Add(L(a)); break;
                case JoinKind.Mark: expected.Add(L(a) + "|" + (matches.Count > 0 ? "t" : unknown ? "∅" : "f")); break;
            }
        }

        if (kind == JoinKind.Full) expected.AddRange(right.Where(b => left.All(a => Holds(a, b) != true)).Select(b => L(null) + "|" + L(b)));
        expected.Sort(StringComparer.Ordinal);

        var plans = new List<PhysicalPlan>
        {
            new PhysicalHashJoin(kind, ls, rs, [new JoinKey(ls.Columns[0].Reference(), rs.Columns[0].Reference())], residual, mark),
            new PhysicalNestedLoopJoin(kind, ls, rs, condition, mark),
        };
        if (kind is JoinKind.Inner or JoinKind.Left or JoinKind.Full or JoinKind.Semi or JoinKind.Anti) plans.Add(((PhysicalHashJoin)plans[0]) with { BuildLeft = true });
        if (kind is not (JoinKind.Mark or JoinKind.AntiNullAware))
        {
            PhysicalSort Sorted(PhysicalTableScan scan) => new(scan, [new SortKey(scan.Columns[0].Id, false, false)]);
            plans.Add(new PhysicalMergeJoin(kind, Sorted(ls), Sorted(rs), [new JoinKey(ls.Columns[0].Reference(), rs.Columns[0].Reference())], residual));
        }

        if (kind != JoinKind.Full)
        {
            // As an apply: the right side filters by the outer row's key.
            ScalarExpr outer = new ScalarOuter(0, SqlType.Int4);
            if (kind is not (JoinKind.Mark or JoinKind.AntiNullAware))
                plans.Add(new PhysicalApply(kind, ls, rs with { Filter = new ScalarComparison(ComparisonOperator.Equal, rs.Columns[0].Reference(), outer) }, [(0, ls.Columns[0].Reference())], residual ?? ScalarConstant.True, mark));
            plans.Add(new PhysicalApply(kind, ls, rs, [], condition, mark));
        }

        foreach (PhysicalPlan plan in plans)
        {
            if (ambiguous)
            {
                Assert.Equal("21000", Assert.Throws<SqlException>(() => db.Run(plan, compiled)).SqlState);
                continue;
            }

            List<string> rows = db.Run(plan, compiled);
            if (plan is PhysicalHashJoin { BuildLeft: true })
                rows = [.. rows.Select(row => string.Join('|', row.Split('|')))];
            rows.Sort(StringComparer.Ordinal);
            Assert.Equal(expected, rows);
        }
    }
}

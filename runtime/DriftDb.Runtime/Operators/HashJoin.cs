using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Hash join: one pipeline builds the table of the right side, the left side's pipeline probes it.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceHashJoin(PhysicalHashJoin join, Action<BodyBuilder> consume, PhysicalPlan? original = null)
    {
        bool nullable = join.Keys.Any(key => key.Left.Nullable || key.Right.Nullable) || join.Residual is { Nullable: true };
        if (join.Kind is JoinKind.AntiNullAware or JoinKind.Mark && nullable && (join.Keys.Length != 1 || join.Residual is not null))
        {
            // Whether the condition is NULL for some row can't be told from the rows with equal keys alone.
            ProduceNestedLoop(new PhysicalNestedLoopJoin(join.Kind, join.Left, join.Right, ConditionOf(join), join.Mark) { EstimatedRows = join.EstimatedRows }, consume);
            return;
        }

        if (join.BuildLeft && join.Kind is JoinKind.Inner or JoinKind.Full)
        {
            var exchanged = new PhysicalHashJoin(join.Kind, join.Right, join.Left, Exchanged(join.Keys), join.Residual, null) { EstimatedRows = join.EstimatedRows };
            ProduceHashJoin(exchanged, consume, join);
            return;
        }

        if (join.BuildLeft && join.Kind is JoinKind.Left or JoinKind.Semi or JoinKind.Anti)
        {
            ProduceBuiltLeft(join, consume);
            return;
        }

        JoinTable table = BuildTable(join.Right, join.Left, join.Keys, marksMatches: join.Kind == JoinKind.Full, keepsNullKeys: join.Kind == JoinKind.Full, stored => new JoinSpillRules(
            DropsUnmatched: join.Kind is JoinKind.Inner or JoinKind.Semi, NeedsBuiltRows: join.Kind == JoinKind.Full, TakesPortions: join.Kind == JoinKind.Inner,
            OneRowSuffices: join.Residual is null && join.Kind is JoinKind.Semi or JoinKind.Anti or JoinKind.AntiNullAware or JoinKind.Mark, stored));
        Watch(original ?? join, table.State);
        if (join.Kind == JoinKind.Full)
        {
            ProduceFullJoin(join, table, consume);
            return;
        }

        Produce(join.Left, body => Probe(body, join, table, consume, isFirst: true));
        AddLatePipeline(AddState(() => new JoinPartitionSource(table.State, table.ProbeLayout)), join, (body, row) => ProbeSpilled(body, row, join, table, consume));
    }

    /// <summary>Probes with a row that had left memory.</summary>
    private void ProbeSpilled(BodyBuilder body, ParameterExpression row, PhysicalHashJoin join, JoinTable table, Action<BodyBuilder> consume)
    {
        var columns = join.Left.Output;
        for (int i = 0; i < columns.Length; i++) body.DefineTuple(columns[i], row, table.ProbeLayout, i + 1);
        Probe(body, join, table, consume, isFirst: false);
    }

    private static ScalarExpr ConditionOf(PhysicalHashJoin join)
    {
        var terms = join.Keys.Select(key => key.NullsMatch
            ? (ScalarExpr)new ScalarIsDistinct(key.Left, key.Right, true)
            : new ScalarComparison(ComparisonOperator.Equal, key.Left, key.Right)).Concat(join.Residual is null ? [] : [join.Residual]).ToArray();
        return terms.Length switch { 0 => ScalarConstant.True, 1 => terms[0], _ => new ScalarAnd([.. terms]) };
    }

    /// <summary>The right side's table: how its rows lie and where its keys are.</summary>
    private sealed record JoinTable(int State, TupleLayout Layout, TupleLayout ProbeLayout, IReadOnlyList<OutputColumn> Columns, IReadOnlyList<(int Column, SqlType Type)> Keys, int MatchedColumn);

    private static ImmutableArray<JoinKey> Exchanged(ImmutableArray<JoinKey> keys) => [.. keys.Select(key => new JoinKey(key.Right, key.Left, key.NullsMatch))];

    /// <param name="right">The side that is built.</param>
    /// <param name="left">The other one.</param>
    /// <param name="keys">The keys; their right expressions are over that side.</param>
    /// <param name="marksMatches">Its rows have a column more that says whether they were matched.</param>
    /// <param name="keepsNullKeys">Rows whose key is NULL, which match nothing, are kept all the same.</param>
    /// <param name="rules">What the join needs once rows have left memory, given where the keys are.</param>
    private JoinTable BuildTable(PhysicalPlan right, PhysicalPlan left, IReadOnlyList<JoinKey> keys, bool marksMatches, bool keepsNullKeys, Func<int[], JoinSpillRules> rules)
    {
        var columns = right.Output;
        var types = new List<SqlType> { SqlType.Int8, SqlType.Int8 };
        types.AddRange(columns.Select(column => column.Type));
        var stored = new List<(int Column, SqlType Type)>();
        foreach (JoinKey key in keys)
        {
            SqlType type = KeyType(key.Left.Type, key.Right.Type);
            int place = key.Right is ScalarColumn column && SameForm(column.Type, type) ? IndexOf(columns, column.Id) : -1;
            if (place >= 0 && SameForm(columns[place].Type, type)) stored.Add((RowTable.HiddenColumns + place, type));
            else
            {
                stored.Add((types.Count, type));
                types.Add(type);
            }
        }

        int matched = -1;
        if (marksMatches)
        {
            matched = types.Count;
            types.Add(SqlType.Bool);
        }

        var layout = new TupleLayout([.. types]);
        var probeLayout = new TupleLayout([SqlType.Int8, .. left.Output.Select(column => column.Type)]);
        JoinSpillRules spillRules = rules([.. stored.Select(key => key.Column)]);
        int state = AddState(() => new SpillingJoinTable(layout, probeLayout, spillRules));
        Produce(right, body =>
        {
            Expression table = body.State(state, typeof(RowTable));
            Expression arena = body.Hoist(("tableArena", state), typeof(Arena), () => Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Arena)));
            var codes = keys.Select((key, i) => (stored[i].Type, Code: body.Stable(body.EmitAs(key.Right, stored[i].Type)))).ToArray();
            Expression? noMatch = BodyBuilder.AnyNull([.. keys.Select((key, i) => key.NullsMatch ? null : codes[i].Code.IsNull)]);
            ParameterExpression row = body.Variable(typeof(long), "row");
            if (noMatch is not null)
            {
                noMatch = body.Stable(noMatch);
                body.If(noMatch, () =>
                {
                    body.Add(Expression.Assign(Expression.Field(table, nameof(RowTable.HasNullKey)), Expression.Constant(true)));
                    if (!keepsNullKeys) body.Add(Expression.Goto(body.Next));
                });
            }

            var values = columns.Select(column => body.Stable(body.Column(column.Id))).ToArray();
            Expression hash = body.HashOf(codes);
            Expression insert = Expression.Call(table, nameof(RowTable.Insert), null, hash);
            if (noMatch is not null && keepsNullKeys) insert = Expression.Condition(noMatch, Expression.Call(table, nameof(RowTable.InsertUnlinked), null), insert);
            body.Add(Expression.Assign(row, insert));
            for (int i = 0; i < columns.Length; i++) body.Store(row, layout, RowTable.HiddenColumns + i, values[i], arena);
            for (int i = 0; i < keys.Count; i++)
                if (stored[i].Column >= RowTable.HiddenColumns + columns.Length) body.Store(row, layout, stored[i].Column, codes[i].Code, arena);
            if (matched >= 0) body.Add(MemoryCode.Write(PhysicalKind.Bool, row, layout.Offset(matched), Expression.Constant(false), null));
        });
        return new JoinTable(state, layout, probeLayout, columns, stored, matched);
    }

    private static int IndexOf(IReadOnlyList<OutputColumn> columns, int id)
    {
        for (int i = 0; i < columns.Count; i++)
            if (columns[i].Id == id) return i;
        return -1;
    }

    private static bool SameForm(SqlType left, SqlType right) => left.Kind == right.Kind && left.Id == right.Id && left.Scale == right.Scale;

    /// <summary>The form in which both sides of a key are hashed and compared.</summary>
    private static SqlType KeyType(SqlType left, SqlType right)
    {
        if (left.Id == TypeId.Numeric) return SameForm(left, right) ? left : SqlType.Numeric;
        return left;
    }

    /// <param name="isFirst">The row comes from the other side itself; when the built side is in partitions it goes there too.</param>
    private void Probe(BodyBuilder body, PhysicalHashJoin join, JoinTable build, Action<BodyBuilder> consume, bool isFirst)
    {
        Expression table = body.State(build.State, typeof(SpillingJoinTable));
        var keys = join.Keys.Select((key, i) => (build.Keys[i].Type, Code: body.Stable(body.EmitAs(key.Left, build.Keys[i].Type)))).ToArray();
        Expression? keyNull = BodyBuilder.AnyNull([.. join.Keys.Select((key, i) => key.NullsMatch ? null : keys[i].Code.IsNull)]);
        if (keyNull is not null) keyNull = body.Stable(keyNull);
        if (join.Kind is JoinKind.Inner or JoinKind.Semi && keyNull is not null) body.Add(Expression.IfThen(keyNull, Expression.Goto(body.Next)));
        Expression hash = body.HashOf(keys);
        if (isFirst)
        {
            Expression isPartitioned = body.Hoist(("partitioned", build.State), typeof(bool), () => Expression.Call(table, nameof(SpillingJoinTable.BeginProbe), null));
            body.If(isPartitioned, () =>
            {
                var codes = join.Left.Output.Select(column => body.Column(column.Id)).ToArray();
                ParameterExpression spilled = body.Assign(Expression.Call(table, nameof(SpillingJoinTable.BeginSpill), null), "spilled");
                for (int i = 0; i < codes.Length; i++) body.Store(spilled, build.ProbeLayout, i + 1, codes[i], null);
                body.Add(Expression.Call(table, nameof(SpillingJoinTable.EndSpill), null, hash));
                body.Add(Expression.Goto(body.Next));
            });
        }

        Expression first = Expression.Call(table, nameof(RowTable.First), null, hash);
        if (keyNull is not null && join.Kind is not (JoinKind.Inner or JoinKind.Semi)) first = Expression.Condition(keyNull, Expression.Constant(0L), first);
        int nextOffset = build.Layout.Offset(0), hashOffset = build.Layout.Offset(1);
        // A single key of 8 bytes or less is its own test; otherwise the hash is compared first.
        bool compareHash = keys.Length != 1 || keys[0].Type.Kind is PhysicalKind.Bytes or PhysicalKind.Int128 or PhysicalKind.Interval;
        var candidates = new Candidates(
            first,
            cursor => Expression.Equal(cursor, Expression.Constant(0L)),
            cursor => cursor,
            cursor => Expression.Assign(cursor, MemoryCode.Call("ReadInt64", cursor, Expression.Constant(nextOffset))),
            Expression.Field(table, nameof(RowTable.NullRow)));
        var rightNullable = build.Columns;
        JoinKind kind = join.Kind;
        bool nullTests = kind is JoinKind.Mark or JoinKind.AntiNullAware;
        if (nullTests)
        {
            // One key, no residual (or nothing nullable): a semi join that knows of NULLs.
            ParameterExpression found = body.Assign(Expression.Constant(false), "found");
            EmitFind(body, found);
            Expression notEmpty = Expression.Property(table, nameof(SpillingJoinTable.HasRows));
            Expression hasNull = Expression.Field(table, nameof(RowTable.HasNullKey));
            Expression unknown = keyNull is null ? hasNull : Expression.OrElse(hasNull, Expression.AndAlso(keyNull, notEmpty));
            unknown = body.Stable(Expression.AndAlso(Expression.Not(found), unknown));
            if (kind == JoinKind.Mark) body.Define(join.Mark!.Id, new Code(found, unknown));
            else body.Add(Expression.IfThen(Expression.OrElse(found, unknown), Expression.Goto(body.Next)));
            consume(body);
            return;
        }

        EmitMatching(body, kind, candidates, DefineRight, Test, null, null, build.MatchedColumn < 0 ? null
            : (b, row) => b.Add(MemoryCode.Write(PhysicalKind.Bool, row, build.Layout.Offset(build.MatchedColumn), Expression.Constant(true), null)), consume);

        void EmitFind(BodyBuilder b, ParameterExpression found)
        {
            ParameterExpression cursor = b.Assign(candidates.Start, "cursor"), row = b.Variable(typeof(long), "match");
            b.Loop((end, again) =>
            {
                b.Add(Expression.IfThen(candidates.AtEnd(cursor), Expression.Goto(end)));
                b.Add(Expression.Assign(row, cursor));
                b.Add(candidates.Advance(cursor));
                DefineRight(b, row, false);
                Test(b, again);
                b.Add(Expression.Assign(found, Expression.Constant(true)));
                b.Add(Expression.Goto(end));
            });
        }

        void DefineRight(BodyBuilder b, ParameterExpression row, bool mayBeNull)
        {
            _current = row;
            for (int i = 0; i < rightNullable.Count; i++) b.DefineTuple(rightNullable[i], row, build.Layout, RowTable.HiddenColumns + i, mayBeNull);
        }

        void Test(BodyBuilder b, LabelTarget otherwise)
        {
            ParameterExpression row = _current!;
            if (compareHash) b.Add(Expression.IfThen(Expression.NotEqual(MemoryCode.Call("ReadInt64", row, Expression.Constant(hashOffset)), Expression.Convert(hash, typeof(long))), Expression.Goto(otherwise)));
            for (int i = 0; i < keys.Length; i++)
            {
                (int column, SqlType type) = build.Keys[i];
                Expression equal = BodyBuilder.EqualCode(type, keys[i].Code.Value, type, MemoryCode.Read(type.Kind, row, build.Layout.Offset(column)));
                if (join.Keys[i].NullsMatch)
                {
                    Expression stored = MemoryCode.IsNull(row, column);
                    equal = keys[i].Code.IsNull is { } isNull ? Expression.Condition(isNull, stored, Expression.AndAlso(Expression.Not(stored), equal)) : Expression.AndAlso(Expression.Not(stored), equal);
                }

                b.Add(Expression.IfThen(Expression.Not(equal), Expression.Goto(otherwise)));
            }

            if (join.Residual is not null) b.EmitFilter(join.Residual, otherwise);
        }
    }

    private ParameterExpression? _current;

    /// <summary>A full join goes through a buffer, since its rows come from two pipelines: the probe's, and that of the right rows nobody matched.</summary>
    private void ProduceFullJoin(PhysicalHashJoin join, JoinTable table, Action<BodyBuilder> consume)
    {
        var output = join.Output;
        var layout = new TupleLayout([.. output.Select(column => column.Type)]);
        int buffer = AddState(() => new SpoolState(layout));
        void Keep(BodyBuilder b) => StoreIn(b, buffer, layout, output, output);
        Produce(join.Left, body => Probe(body, join, table, Keep, isFirst: true));
        int pipeline = AddAuxiliaryPipeline(AddState(() => new JoinPairSource(table.State, table.ProbeLayout)), join, (body, row) => ProbeSpilled(body, row, join, table, Keep));
        int unmatched = AddState(() => new BuiltRowSource(table.State, pipeline));
        LoopRows(unmatched, join, (body, row) =>
        {
            body.Add(Expression.IfThen(MemoryCode.Read(PhysicalKind.Bool, row, table.Layout.Offset(table.MatchedColumn)), Expression.Goto(body.Next)));
            DefineNulls(body, join.Left.Output);
            for (int i = 0; i < table.Columns.Count; i++) body.DefineTuple(table.Columns[i], row, table.Layout, RowTable.HiddenColumns + i);
            StoreIn(body, buffer, layout, output, output);
        });
        LoopBuffer(buffer, join, output, consume);
    }

    private static void DefineNulls(BodyBuilder body, IEnumerable<OutputColumn> columns)
    {
        foreach (OutputColumn column in columns) body.Define(column.Id, new Code(Expression.Default(column.Type.Kind.StackType()), BodyBuilder.True));
    }
}

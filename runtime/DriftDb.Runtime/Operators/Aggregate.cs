using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Grouping: one pipeline finds or makes each row's group and updates its state, the next reads the groups.</summary>
internal sealed partial class SubPlanBuilder
{
    /// <summary>How a group's row lies: hidden columns, the grouping set's number where there are several, keys, states.</summary>
    private sealed record GroupLayout(TupleLayout Layout, int SetColumn, int FirstKey, IReadOnlyList<AggregateEmitter> Emitters, IReadOnlyList<StateField[]> Fields);

    /// <summary>Where a field of a call's state lies. A field that another call keeps up to date is shared: sum(x), avg(x) and count(*) need two fields, not four.</summary>
    private readonly record struct StateField(int Column, bool IsShared, bool BeginsEmpty);

    private void ProduceAggregate(
        PhysicalPlan node, PhysicalPlan input, ImmutableArray<OutputColumn> keys, ImmutableArray<AggregateCall> calls, ImmutableArray<ImmutableArray<int>> sets, Action<BodyBuilder> consume)
    {
        var types = new List<SqlType> { SqlType.Int8, SqlType.Int8 };
        int setColumn = -1;
        if (!sets.IsDefault)
        {
            setColumn = types.Count;
            types.Add(SqlType.Int4);
        }

        int firstKey = types.Count;
        types.AddRange(keys.Select(key => key.Type));
        ImmutableArray<int> allKeys = [.. Enumerable.Range(0, keys.Length)];
        ImmutableArray<ImmutableArray<int>> groupings = sets.IsDefault ? [allKeys] : sets;
        int firstState = _states.Count;
        GroupLayout group = LayOutGroups(types, setColumn, firstKey, calls, groupings.All(set => set.Length > 0));
        // What is needed of an input row that finds no room for its group: the grouping set that it is for, and the columns that keys and calls read.
        ImmutableArray<OutputColumn> needed = [.. input.Output.Where(column => keys.Any(key => key.Id == column.Id) || calls.Any(call => Reads(call, column.Id)))];
        var spilled = new TupleLayout([SqlType.Int4, .. needed.Select(column => column.Type)]);
        int[] dependent = [];
        int state = AddState(() => new SpillingTable(group.Layout, spilled) { DependentStates = dependent });
        Watch(node, state);
        int[] distinct = [.. calls.Select(call => call.Distinct && call.Arguments.Length > 0 ? AddDistinct(call, canSpill: true) : -1)];
        dependent = [.. Enumerable.Range(firstState, _states.Count - firstState).Where(i => i != state && !distinct.Contains(i))];
        bool single = keys.Length == 0 && sets.IsDefault;

        // The groups that are there even without a row.
        for (int set = 0; set < groupings.Length; set++)
        {
            if (groupings[set].Length > 0) continue;
            int number = set;
            var first = new BodyBuilder(this);
            ParameterExpression row = first.Variable(typeof(long), "row");
            first.Add(Expression.Assign(row, Expression.Call(first.State(state, typeof(RowTable)), nameof(RowTable.Insert), null, Expression.Constant(SetHash(number)))));
            EmitNewGroup(first, group, row, number, [], keys, first.State(state, typeof(RowTable)));
            AddPipeline(AddState(() => new OnceSource()), first, new PhysicalValues([], []));
        }

        Produce(input, body => Take(body, null));
        int pipeline = AddAuxiliaryPipeline(AddState(() => new PartitionSource(state, spilled)), node, (body, row) =>
        {
            for (int i = 0; i < needed.Length; i++) body.DefineTuple(needed[i], row, spilled, i + 1);
            Take(body, body.Assign(MemoryCode.Read(PhysicalKind.Int32, row, spilled.Offset(0)), "set"));
        });
        DistinctSet[] distinctSets = [.. calls.Select((call, i) => (call, i)).Where(item => distinct[item.i] >= 0).Select(item => TakeDistinct(item.call, item.i))];
        int source = AddState(() => new GroupSource(state, pipeline, distinctSets, dependent));
        LoopRows(source, node, (body, row) =>
        {
            for (int i = 0; i < keys.Length; i++) body.DefineTuple(keys[i], row, group.Layout, firstKey + i, !sets.IsDefault);
            DefineResults(body, group, calls, row);
            consume(body);
        });

        // Takes an input row; one that had left memory is for one grouping set only.
        void Take(BodyBuilder body, Expression? onlySet)
        {
            Expression table = body.State(state, typeof(SpillingTable));
            Expression arena = body.Hoist(("tableArena", state), typeof(Arena), () => Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Arena)));
            var keyCodes = keys.Select(key => body.Stable(body.Coerce(body.Column(key.Id), TypeOf(input, key.Id), key.Type))).ToArray();
            if (single)
            {
                // The only group's row is there already; its numbers stay in locals while the morsel runs.
                Expression row = body.Hoist(("group", state), typeof(long), () => Expression.Call(table, nameof(RowTable.First), null, Expression.Constant(SetHash(0))));
                EmitUpdates(body, group, row, calls, distinct, arena, inLocals: true);
            }
            else
            {
                for (int set = 0; set < groupings.Length; set++)
                {
                    int number = set;
                    LabelTarget done = Expression.Label("done");
                    body.Add(body.Nested(() =>
                    {
                        if (onlySet is not null && groupings.Length > 1) body.Add(Expression.IfThen(Expression.NotEqual(onlySet, Expression.Constant(number)), Expression.Goto(done)));
                        ParameterExpression row = EmitFindGroup(body, group, table, keys, keyCodes, groupings[number], number, hash => EmitSpill(body, table, spilled, hash, done, () =>
                        [
                            Code.NotNull(Expression.Constant(number)), .. needed.Select(column => body.Column(column.Id)),
                        ]));
                        EmitUpdates(body, group, row, calls, distinct, arena, inLocals: false);
                        body.Add(Expression.Label(done));
                    }));
                }
            }

            body.Add(Expression.Goto(body.Next));
        }

        // A distinct set that outgrew its grant: what it hadn't seen is given to the call now.
        DistinctSet TakeDistinct(AggregateCall call, int index)
        {
            TupleLayout layout = DistinctLayout(call);
            int aux = AddAuxiliaryPipeline(AddState(() => new PartitionSource(distinct[index], layout)), node, (body, row) =>
            {
                Expression table = body.State(state, typeof(SpillingTable));
                Expression arena = Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Arena));
                ParameterExpression groupRow = body.Assign(MemoryCode.Read(PhysicalKind.Int64, row, layout.Offset(RowTable.HiddenColumns)), "group");
                Code[] arguments = [.. call.Arguments.Select((argument, i) => BodyBuilder.TupleColumn(row, layout, RowTable.HiddenColumns + 1 + i, argument.Nullable)())];
                LabelTarget seen = Expression.Label("seen");
                EmitDistinct(body, distinct[index], groupRow, call, arguments, seen);
                StateField[] fields = group.Fields[index];
                group.Emitters[index].EmitUpdate(body, field => new StateCell(body, groupRow, group.Layout, fields[field].Column, false, fields[field].BeginsEmpty, fields[field].IsShared), arguments, arena);
                body.Add(Expression.Label(seen));
            });
            return new DistinctSet(distinct[index], aux);
        }
    }

    private static bool Reads(AggregateCall call, int column) =>
        call.Arguments.Concat(call.OrderBy.IsDefaultOrEmpty ? [] : call.OrderBy.Select(key => key.Value)).Concat(call.Filter is null ? [] : new[] { call.Filter })
            .SelectMany(expression => expression.DescendantsAndSelf()).Any(part => part is ScalarColumn read && read.Id == column);

    /// <summary>Puts what is needed of the row into a partition, when the table has no room for a new group, and goes to the label.</summary>
    private static void EmitSpill(BodyBuilder body, Expression table, TupleLayout layout, Expression hash, LabelTarget done, Func<Code[]> values) =>
        body.If(Expression.Field(table, nameof(SpillingTable.IsFull)), () =>
        {
            Code[] codes = values();
            ParameterExpression row = body.Assign(Expression.Call(table, nameof(SpillingTable.BeginSpill), null), "spilled");
            for (int i = 0; i < codes.Length; i++) body.Store(row, layout, i, codes[i], null);
            body.Add(Expression.Call(table, nameof(SpillingTable.EndSpill), null, hash));
            body.Add(Expression.Goto(done));
        });

    /// <summary>Appends the calls' states to the columns that come before them.</summary>
    private GroupLayout LayOutGroups(List<SqlType> types, int setColumn, int firstKey, ImmutableArray<AggregateCall> calls, bool groupsHaveRows)
    {
        var emitters = calls.Select(call => AggregateEmitter.Create(this, call)).ToArray();
        var fields = new List<StateField[]>();
        var known = new Dictionary<object, StateField>();
        foreach (AggregateEmitter emitter in emitters)
        {
            var own = new StateField[emitter.StateTypes.Count];
            for (int i = 0; i < own.Length; i++)
            {
                object? identity = emitter.FieldIdentity(i);
                if (identity is not null && known.TryGetValue(identity, out StateField other))
                {
                    own[i] = other with { IsShared = true };
                    continue;
                }

                own[i] = new StateField(types.Count, false, emitter.BeginsEmpty(i) && !(groupsHaveRows && emitter.FirstRowFills));
                types.Add(emitter.StateTypes[i]);
                if (identity is not null) known.Add(identity, own[i]);
            }

            fields.Add(own);
        }

        return new GroupLayout(new TupleLayout([.. types]), setColumn, firstKey, emitters, fields);
    }

    /// <summary>Brings the calls' results of a group into scope.</summary>
    private static void DefineResults(BodyBuilder body, GroupLayout group, ImmutableArray<AggregateCall> calls, Expression row)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            StateField[] fields = group.Fields[i];
            Code result = body.Stable(group.Emitters[i].EmitResult(body, field => BodyBuilder.TupleColumn(row, group.Layout, fields[field].Column, fields[field].BeginsEmpty)()));
            body.Define(calls[i].Column.Id, result);
        }
    }

    private static ulong SetHash(int set) => ValueComparer.Mix((ulong)set + 1);

    private static SqlType TypeOf(PhysicalPlan input, int id) => input.Output.First(column => column.Id == id).Type;

    /// <summary>Finds the row's group in the table, or makes it.</summary>
    private static ParameterExpression EmitFindGroup(
        BodyBuilder body, GroupLayout group, Expression table, ImmutableArray<OutputColumn> keys, Code[] codes, ImmutableArray<int> set, int setNumber, Action<Expression>? whenFull = null)
    {
        TupleLayout layout = group.Layout;
        ParameterExpression row = body.Variable(typeof(long), "group");
        Expression hash = body.HashOf([.. set.Select(key => (keys[key].Type, codes[key]))]);
        if (group.SetColumn >= 0) hash = body.Assign(MemoryCode.Call(typeof(BytesMath), nameof(BytesMath.Combine), hash, Expression.Constant(SetHash(setNumber))));
        if (set.Length == 0) hash = Expression.Constant(SetHash(setNumber));
        bool compareHash = set.Length != 1 || keys[set[0]].Type.Kind is PhysicalKind.Bytes or PhysicalKind.Int128 or PhysicalKind.Interval;
        body.Add(Expression.Assign(row, Expression.Call(table, nameof(RowTable.First), null, hash)));
        body.Loop((end, again) =>
        {
            body.Add(Expression.IfThen(Expression.Equal(row, Expression.Constant(0L)), Expression.Goto(end)));
            LabelTarget other = Expression.Label("other");
            if (compareHash) body.Add(Expression.IfThen(Expression.NotEqual(MemoryCode.Call("ReadInt64", row, Expression.Constant(layout.Offset(1))), Expression.Convert(hash, typeof(long))), Expression.Goto(other)));
            if (group.SetColumn >= 0) body.Add(Expression.IfThen(Expression.NotEqual(MemoryCode.Read(PhysicalKind.Int32, row, layout.Offset(group.SetColumn)), Expression.Constant(setNumber)), Expression.Goto(other)));
            foreach (int key in set) body.Add(Expression.IfThen(Expression.Not(EqualsStored(codes[key], keys[key].Type, row, group, key)), Expression.Goto(other)));

            body.Add(Expression.Goto(end));
            body.Add(Expression.Label(other));
            body.Add(Expression.Assign(row, MemoryCode.Call("ReadInt64", row, Expression.Constant(layout.Offset(0)))));
        });
        body.If(Expression.Equal(row, Expression.Constant(0L)), () =>
        {
            whenFull?.Invoke(hash);
            body.Add(Expression.Assign(row, Expression.Call(table, nameof(RowTable.Insert), null, hash)));
            EmitNewGroup(body, group, row, setNumber, set.ToDictionary(key => key, key => codes[key]), keys, table);
        });
        return row;
    }

    /// <summary>Whether a key is that of the group's row; NULL is NULL's equal.</summary>
    private static Expression EqualsStored(Code code, SqlType type, Expression row, GroupLayout group, int key)
    {
        int column = group.FirstKey + key;
        Expression equal = BodyBuilder.EqualCode(type, code.Value, type, MemoryCode.Read(type.Kind, row, group.Layout.Offset(column)));
        if (code.IsNull is not { } isNull) return equal;
        Expression stored = MemoryCode.IsNull(row, column);
        return Expression.Condition(isNull, stored, Expression.AndAlso(Expression.Not(stored), equal));
    }

    private static void EmitNewGroup(BodyBuilder body, GroupLayout group, Expression row, int setNumber, Dictionary<int, Code> codes, ImmutableArray<OutputColumn> keys, Expression table)
    {
        TupleLayout layout = group.Layout;
        if (group.SetColumn >= 0) body.Add(MemoryCode.Write(PhysicalKind.Int32, row, layout.Offset(group.SetColumn), Expression.Constant(setNumber), null));
        Expression arena = Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Arena));
        for (int i = 0; i < keys.Length; i++)
        {
            if (codes.TryGetValue(i, out Code code)) body.Store(row, layout, group.FirstKey + i, code, arena);
            else body.Add(MemoryCode.SetNull(row, group.FirstKey + i));
        }

        foreach (StateField[] fields in group.Fields)
            foreach ((int column, bool isShared, bool beginsEmpty) in fields)
            {
                if (isShared) continue;
                PhysicalKind kind = layout.Types[column].Kind;
                body.Add(MemoryCode.Write(kind, row, layout.Offset(column), Expression.Default(kind.StackType()), null));
                if (beginsEmpty) body.Add(MemoryCode.SetNull(row, column));
            }
    }

    private void EmitUpdates(BodyBuilder body, GroupLayout group, Expression row, ImmutableArray<AggregateCall> calls, int[] distinct, Expression arena, bool inLocals)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            AggregateCall call = calls[i];
            AggregateEmitter emitter = group.Emitters[i];
            StateField[] fields = group.Fields[i];
            int index = i;
            if (fields.Length > 0 && fields.All(field => field.IsShared)) continue;
            var cells = new Dictionary<int, StateCell>();
            bool local = inLocals && !emitter.NeedsRow;
            StateCell Cell(int field) => cells.TryGetValue(field, out var cell) ? cell : cells[field] = new StateCell(body, row, group.Layout, fields[field].Column, local, fields[field].BeginsEmpty, fields[field].IsShared);
            LabelTarget skip = Expression.Label("skip");
            body.Add(body.Nested(() =>
            {
                if (call.Filter is not null) body.EmitFilter(call.Filter, skip);
                bool emitsOwn = emitter.EmitsOwnArguments && distinct[index] < 0;
                Code[] arguments = emitsOwn ? [] : [.. call.Arguments.Select(argument => body.Stable(body.Emit(argument)))];
                if (distinct[index] >= 0) EmitDistinct(body, distinct[index], group.FirstKey == 0 ? Expression.Constant(0L) : row, call, arguments, skip);
                emitter.EmitUpdate(body, Cell, arguments, arena);
                body.Add(Expression.Label(skip));
            }));
        }
    }

    /// <summary>The table in which DISTINCT arguments are remembered, with their group's row (0 where there is one group at a time).</summary>
    private int AddDistinct(AggregateCall call, bool canSpill)
    {
        TupleLayout layout = DistinctLayout(call);
        return AddState(() => new SpillingTable(layout, layout) { CanSpill = canSpill });
    }

    /// <summary>How a set's rows lie, in memory and in its partitions: hidden columns, the group's row, the arguments.</summary>
    private static TupleLayout DistinctLayout(AggregateCall call) => new([SqlType.Int8, SqlType.Int8, SqlType.Int8, .. call.Arguments.Select(argument => argument.Type)]);

    /// <summary>Goes to the label when the group has seen the arguments before.</summary>
    private static void EmitDistinct(BodyBuilder body, int state, Expression groupRow, AggregateCall call, Code[] arguments, LabelTarget seen)
    {
        var columns = call.Arguments.Select((argument, i) => new OutputColumn(-1 - i, "", argument.Type, argument.Nullable)).ToImmutableArray();
        var keys = columns.Insert(0, new OutputColumn(0, "group", SqlType.Int8, false));
        TupleLayout layout = DistinctLayout(call);
        var group = new GroupLayout(layout, -1, RowTable.HiddenColumns, [], []);
        Expression table = body.State(state, typeof(SpillingTable));
        ParameterExpression before = body.Assign(Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Count)));
        EmitFindGroup(body, group, table, keys, [Code.NotNull(groupRow), .. arguments], [.. Enumerable.Range(0, keys.Length)], 0, hash => EmitSpill(body, table, layout, hash, seen, () =>
        [
            Code.NotNull(Expression.Constant(0L)), Code.NotNull(Expression.Constant(0L)), Code.NotNull(groupRow), .. arguments,
        ]));
        body.Add(Expression.IfThen(Expression.Equal(before, Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Count))), Expression.Goto(seen)));
    }
}

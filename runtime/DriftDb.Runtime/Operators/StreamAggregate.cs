using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Grouping of sorted rows: one group's state at a time. The input is a nested plan that puts a group out when the next one begins, and is pulled a morsel at a time, so that memory
/// doesn't grow with the number of groups and a LIMIT above ends the work early.
/// </summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceStreamAggregate(PhysicalStreamAggregate node, Action<BodyBuilder> consume)
    {
        var layout = new TupleLayout([.. node.Output.Select(column => column.Type)]);
        SubPlanTemplate groups = CompileNested(layout, nested => nested.ProduceGroups(node, layout));
        int source = AddState(() => new PullSource([groups], layout));
        LoopRows(source, node, (body, row) =>
        {
            DefineRow(body, node.Output, row, layout, true);
            consume(body);
        });
    }

    private void ProduceGroups(PhysicalStreamAggregate node, TupleLayout output)
    {
        ImmutableArray<OutputColumn> keys = node.Keys;
        ImmutableArray<AggregateCall> calls = node.Aggregates;
        int firstState = _states.Count;
        GroupLayout group = LayOutGroups([.. keys.Select(key => key.Type)], -1, 0, calls, groupsHaveRows: true);
        int[] distinct = [.. calls.Select(call => call.Distinct && call.Arguments.Length > 0 ? AddDistinct(call, canSpill: false) : -1)];
        int endState = _states.Count;
        int state = AddState(() => new StreamGroupState(group.Layout, firstState, endState));

        Produce(node.Input, body =>
        {
            Expression current = body.State(state, typeof(StreamGroupState));
            Expression arena = body.Hoist(("tableArena", state), typeof(Arena), () => Expression.Property(Expression.Field(current, nameof(BufferState.Rows)), nameof(TupleBuffer.Arena)));
            ParameterExpression row = (ParameterExpression)body.Hoist(("group", state), typeof(long), () => Expression.Field(current, nameof(StreamGroupState.Current)));
            var codes = keys.Select(key => body.Stable(body.Coerce(body.Column(key.Id), TypeOf(node.Input, key.Id), key.Type))).ToArray();
            // The results' code is made after the updates', which decide the form of some states, and stands before it.
            Expression updates = body.Nested(() => EmitUpdates(body, group, row, calls, distinct, arena, inLocals: false));
            LabelTarget same = Expression.Label("same"), other = Expression.Label("other");
            body.If(Expression.NotEqual(row, Expression.Constant(0L)), () =>
            {
                for (int key = 0; key < keys.Length; key++) body.Add(Expression.IfThen(Expression.Not(EqualsStored(codes[key], keys[key].Type, row, group, key)), Expression.Goto(other)));
                body.Add(Expression.Goto(same));
                body.Add(Expression.Label(other));
                EmitGroup(body, node, group, row, output);
            });
            body.Add(Expression.Assign(row, Expression.Call(current, nameof(StreamGroupState.Begin), null, body.Frame)));
            EmitNewGroup(body, group, row, 0, Enumerable.Range(0, keys.Length).ToDictionary(key => key, key => codes[key]), keys, current);
            body.Add(Expression.Label(same));
            body.Add(updates);
        });

        var last = new BodyBuilder(this);
        Expression lastRow = last.Assign(Expression.Field(last.State(state, typeof(StreamGroupState)), nameof(StreamGroupState.Current)), "row");
        last.If(Expression.NotEqual(lastRow, Expression.Constant(0L)), () => EmitGroup(last, node, group, lastRow, output));
        AddPipeline(AddState(() => new OnceSource()), last, new PhysicalValues([], []));
    }

    /// <summary>Puts a finished group out.</summary>
    private void EmitGroup(BodyBuilder body, PhysicalStreamAggregate node, GroupLayout group, Expression row, TupleLayout output)
    {
        var scope = body.SaveScope();
        for (int i = 0; i < node.Keys.Length; i++) body.DefineTuple(node.Keys[i], row, group.Layout, group.FirstKey + i);
        DefineResults(body, group, node.Aggregates, row);
        EmitOutput(body, node, output);
        body.RestoreScope(scope);
    }
}

/// <summary>The group that is being read, and what belongs to it alone.</summary>
internal sealed unsafe class StreamGroupState(TupleLayout layout, int firstState, int endState) : BufferState(layout)
{
    /// <summary>The group's row; 0 before the first.</summary>
    public long Current;

    /// <summary>Forgets the group and what its aggregates kept; an uninitialised row for the next one.</summary>
    public long Begin(Frame frame)
    {
        for (int i = firstState; i < endState; i++) frame.States[i].Reset();
        Rows.Clear();
        return Current = (long)Rows.Append();
    }

    public override void Reset()
    {
        base.Reset();
        Current = 0;
    }
}

using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>INSERT, UPDATE, DELETE, row locks.</summary>
internal sealed partial class SubPlanBuilder
{
    private static TupleLayout LayoutOf(IRelation relation) => new([.. relation.Columns.Select(column => column.Type)]);

    private void ProduceInsert(PhysicalInsert insert, Action<BodyBuilder> consume)
    {
        TupleLayout layout = LayoutOf(insert.Target);
        int state = AddState(() => new WriteState(insert.Target, layout, insert.Checks, insert.OnConflict));
        var input = insert.Input.Output;
        bool updates = insert.OnConflict is { Update.IsDefault: false };
        bool inBatches = insert.OnConflict is null && insert.Returning.IsDefault;
        Produce(insert.Input, body =>
        {
            Expression write = body.State(state, typeof(WriteState));
            Expression row = body.Hoist(("row", state), typeof(long), () => Expression.Field(write, nameof(WriteState.Row)));
            // Behind the table's columns are values for the update of a conflict.
            var values = input.Take(layout.ColumnCount).Select((column, i) => body.Stable(body.Coerce(body.Column(column.Id), column.Type, layout.Types[i]))).ToArray();
            StoreNewRow(body, write, row, layout, values);
            DefineNew(body, insert.NewColumns, row, layout);
            EmitChecks(body, insert.Checks, write, row);
            ParameterExpression outcome = body.Assign(Expression.Call(write, inBatches ? nameof(WriteState.InsertInBatches) : nameof(WriteState.Insert), null, body.Frame));
            body.Add(Expression.IfThen(Expression.LessThan(outcome, Expression.Constant(0)), Expression.Goto(body.Exit)));
            body.Add(Expression.IfThen(Expression.Equal(outcome, Expression.Constant(0)), Expression.Goto(body.Next)));
            ParameterExpression result = body.Assign(row, "result");
            if (updates)
            {
                ConflictClause conflict = insert.OnConflict!;
                body.If(Expression.Equal(outcome, Expression.Constant(2)), () =>
                {
                    Expression existing = body.Hoist(("existing", state), typeof(long), () => Expression.Field(write, nameof(WriteState.Existing)));
                    Expression merged = body.Hoist(("merged", state), typeof(long), () => Expression.Field(write, nameof(WriteState.Merged)));
                    DefineNew(body, conflict.ExistingColumns, existing, layout);
                    if (conflict.Where is not null) body.EmitFilter(conflict.Where, body.Next);
                    var changes = conflict.Update.Select(update => (update.Ordinal, Code: body.Stable(body.EmitAs(update.Value, layout.Types[update.Ordinal])))).ToArray();
                    foreach ((int ordinal, Code code) in changes)
                    {
                        body.Add(MemoryCode.Call("ClearNull", merged, Expression.Constant(ordinal)));
                        body.Store(merged, layout, ordinal, code, null);
                    }

                    DefineNew(body, insert.NewColumns, merged, layout);
                    EmitChecks(body, insert.Checks, write, merged);
                    body.Add(Expression.IfThen(Expression.Not(Expression.Call(write, nameof(WriteState.UpdateExisting), null, body.Frame)), Expression.Goto(body.Exit)));
                    body.Add(Expression.Assign(result, merged));
                });
            }

            DefineNew(body, insert.NewColumns, result, layout);
            EmitReturning(body, insert.Returning, consume);
        });
        if (!inBatches) return;
        var rest = new BodyBuilder(this);
        rest.Add(Expression.Call(rest.State(state, typeof(WriteState)), nameof(WriteState.Flush), null, rest.Frame));
        AddPipeline(AddState(() => new OnceSource()), rest, new PhysicalValues([], []));
    }

    private void ProduceUpdate(PhysicalUpdate update, Action<BodyBuilder> consume)
    {
        TupleLayout layout = LayoutOf(update.Target);
        int state = AddState(() => new WriteState(update.Target, layout, update.Checks, null));
        Produce(update.Input, body =>
        {
            Expression write = body.State(state, typeof(WriteState));
            Expression row = body.Hoist(("row", state), typeof(long), () => Expression.Field(write, nameof(WriteState.Row)));
            var values = update.NewColumns.Select((column, i) => body.Stable(body.Coerce(body.Column(column.Id), column.Type, layout.Types[i]))).ToArray();
            StoreNewRow(body, write, row, layout, values);
            for (int i = 0; i < values.Length; i++) body.Define(update.NewColumns[i].Id, values[i]);
            EmitChecks(body, update.Checks, write, row);
            Finish(body, Expression.Call(write, nameof(WriteState.Update), null, body.Frame, body.Column(update.RowId).Value));
            foreach (LeftoverRow leftover in update.Leftovers) InsertLeftover(body, update.Target, layout, leftover);
            EmitReturning(body, update.Returning, consume);
        });
    }

    private void ProduceDelete(PhysicalDelete delete, Action<BodyBuilder> consume)
    {
        TupleLayout layout = LayoutOf(delete.Target);
        int state = AddState(() => new WriteState(delete.Target, layout, [], null));
        Produce(delete.Input, body =>
        {
            Expression write = body.State(state, typeof(WriteState));
            Finish(body, Expression.Call(write, nameof(WriteState.Delete), null, body.Frame, body.Column(delete.RowId).Value));
            foreach (LeftoverRow leftover in delete.Leftovers) InsertLeftover(body, delete.Target, layout, leftover);
            EmitReturning(body, delete.Returning, consume);
        });
    }

    /// <summary>Inserts what FOR PORTION OF leaves over at one side, where anything is.</summary>
    private void InsertLeftover(BodyBuilder body, IRelation target, TupleLayout layout, LeftoverRow leftover)
    {
        int state = AddState(() => new WriteState(target, layout, leftover.Checks, null));
        Code wanted = body.Column(leftover.IsWanted);
        body.If(wanted.IsNull is null ? wanted.Value : Expression.AndAlso(Expression.Not(wanted.IsNull), wanted.Value), () =>
        {
            Expression write = body.State(state, typeof(WriteState));
            Expression row = body.Assign(Expression.Field(write, nameof(WriteState.Row)));
            var values = leftover.Row.Select((column, i) => body.Stable(body.Coerce(body.Column(column.Id), column.Type, layout.Types[i]))).ToArray();
            StoreNewRow(body, write, row, layout, values);
            EmitChecks(body, leftover.Checks, write, row);
            body.Add(Expression.IfThen(Expression.Not(Expression.Call(write, nameof(WriteState.InsertLeftover), null, body.Frame)), Expression.Goto(body.Exit)));
        });
    }

    private void ProduceLockRows(PhysicalLockRows rows, Action<BodyBuilder> consume)
    {
        StorageTable[] tables = [.. rows.Targets.Select(target => (StorageTable)target.Relation.Source!)];
        int state = AddState(() => new LockState(tables, (RowLockMode)rows.Strength, rows.Policy switch { LockWaitPolicy.NoWait => LockWait.NoWait, LockWaitPolicy.SkipLocked => LockWait.SkipLocked, _ => LockWait.Wait }));
        Produce(rows.Input, body =>
        {
            Expression locks = body.State(state, typeof(LockState));
            for (int i = 0; i < rows.Targets.Length; i++)
            {
                Code rowId = body.Column(rows.Targets[i].RowId);
                Expression call = Expression.Call(locks, nameof(LockState.Lock), null, body.Frame, Expression.Constant(i), rowId.Value);
                // A row padded by an outer join has nothing to lock.
                if (rowId.IsNull is not null) call = Expression.Condition(rowId.IsNull, Expression.Constant(1), call);
                Finish(body, call);
            }

            consume(body);
        });
    }

    private static void Finish(BodyBuilder body, Expression call)
    {
        ParameterExpression outcome = body.Assign(call);
        body.Add(Expression.IfThen(Expression.LessThan(outcome, Expression.Constant(0)), Expression.Goto(body.Exit)));
        body.Add(Expression.IfThen(Expression.Equal(outcome, Expression.Constant(0)), Expression.Goto(body.Next)));
    }

    private static void StoreNewRow(BodyBuilder body, Expression write, Expression row, TupleLayout layout, Code[] values)
    {
        body.Add(Expression.Call(write, nameof(WriteState.Clear), null, row));
        for (int i = 0; i < values.Length; i++) body.Store(row, layout, i, values[i], null);
    }

    private static void DefineNew(BodyBuilder body, ImmutableArray<OutputColumn> columns, Expression row, TupleLayout layout)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            OutputColumn column = columns[i];
            Func<Code> read = BodyBuilder.TupleColumn(row, layout, i, nullable: true);
            SqlType stored = layout.Types[i];
            body.Define(column.Id, () => body.Coerce(read(), stored, column.Type));
        }
    }

    private static void EmitChecks(BodyBuilder body, ImmutableArray<CheckCondition> checks, Expression write, Expression row)
    {
        for (int i = 0; i < checks.Length; i++)
        {
            int check = i;
            body.Add(body.Nested(() =>
            {
                Code code = body.Emit(checks[check].Condition);
                Expression fails = code.IsNull is null ? Expression.Not(code.Value) : Expression.AndAlso(Expression.Not(code.IsNull), Expression.Not(code.Value));
                body.Add(Expression.IfThen(fails, Expression.Call(write, nameof(WriteState.ThrowCheck), null, body.Frame, Expression.Constant(check), row)));
            }));
        }
    }

    private static void EmitReturning(BodyBuilder body, ImmutableArray<Assignment> returning, Action<BodyBuilder> consume)
    {
        if (returning.IsDefault)
        {
            // Without RETURNING no row comes out.
            body.Add(Expression.Goto(body.Next));
            return;
        }

        foreach (Assignment assignment in returning)
        {
            Code code = body.Stable(body.EmitAs(assignment.Value, assignment.Column.Type));
            body.Define(assignment.Column.Id, code);
        }

        consume(body);
    }
}

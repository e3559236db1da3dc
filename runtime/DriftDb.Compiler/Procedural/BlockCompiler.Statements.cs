using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The statements of the block language.</summary>
internal sealed partial class BlockCompiler
{
    private void CompileStatement(BlockStatement statement)
    {
        switch (statement)
        {
            case BlockStatement.Nested nested: CompileBlock(nested.Block); break;
            case BlockStatement.Assign assign: Emit(new Assign(Target(assign.Target), Query(assign.Value)) { Span = assign.Span }); break;
            case BlockStatement.If branches: CompileIf(branches); break;
            case BlockStatement.Case branches: CompileCase(branches); break;
            case BlockStatement.Loop loop: CompileLoop(loop); break;
            case BlockStatement.While loop: CompileWhile(loop); break;
            case BlockStatement.ForInteger loop: CompileForInteger(loop); break;
            case BlockStatement.ForRows loop: CompileForRows(loop); break;
            case BlockStatement.ForEach loop: CompileForEach(loop); break;
            case BlockStatement.Leave leave: CompileLeave(leave); break;
            case BlockStatement.Return result: CompileReturn(result); break;
            case BlockStatement.ReturnNext row: CompileReturnNext(row); break;
            case BlockStatement.ReturnQuery query: CompileReturnQuery(query); break;
            case BlockStatement.Raise { Details: var raise }: CompileRaise(raise); break;
            case BlockStatement.Assert assert: Emit(new Assertion(Query(assert.Condition), assert.Message is { } message ? Query(message.Value) : null) { Span = assert.Span }); break;
            case BlockStatement.Sql sql: CompileSql(sql); break;
            case BlockStatement.Perform perform: Emit(new RunQuery(Query(DataStatement.NewQuery(perform.Query)), null, isPerform: true) { Span = perform.Span }); break;
            case BlockStatement.Execute execute:
                Emit(new RunDynamic(Query(execute.Command), execute.Into is { } into ? Targets(into.Value.Targets, into.Value.IsStrict) : null, Queries(execute.Using)) { Span = execute.Span });
                break;
            case BlockStatement.Diagnostics diagnostics:
                Emit(new Diagnostics(diagnostics.IsStacked, [.. diagnostics.Items.Select(item => (Target(item.Item1), item.Item2))]) { Span = diagnostics.Span });
                break;
            case BlockStatement.Open open: CompileOpen(open); break;
            case BlockStatement.Fetch fetch: CompileFetch(fetch); break;
            case BlockStatement.Close close: Emit(new CloseCursor(CursorVariable(close.Cursor)) { Span = close.Span }); break;
            case BlockStatement.EndTransaction end: Emit(new EndTransaction(end.IsCommit, end.Chain) { Span = end.Span }); break;
            case { IsNothing: true }: break;
            default: throw new InvalidOperationException("unknown statement");
        }
    }

    private void CompileIf(BlockStatement.If statement)
    {
        var end = new Place();
        CompileBranches(statement.Branches, end);
        CompileStatements(statement.Else);
        Mark(end);
    }

    private void CompileCase(BlockStatement.Case statement)
    {
        var around = _scope;
        var end = new Place();
        if (statement.Operand is { } operand)
        {
            var variable = NewVariable(operand.Value.Item1, SqlType.Text);
            Emit(new AssignOperand(variable, Query(operand.Value.Item2)) { Span = operand.Value.Item2.Span });
            _scope = new BlockScope(around, null);
            _scope.TryAdd(variable.Name, variable);
        }

        CompileBranches(statement.Branches, end);
        if (statement.Else is { } otherwise) CompileStatements(otherwise.Value);
        else Emit(new CaseNotFound { Span = statement.Span });
        Mark(end);
        _scope = around;
    }

    /// <summary>The first branch whose condition holds, and then <paramref name="end"/>; behind them where none does.</summary>
    private void CompileBranches(IEnumerable<Tuple<BlockExpr, Microsoft.FSharp.Collections.FSharpList<BlockStatement>>> branches, Place end)
    {
        foreach (var (condition, body) in branches)
        {
            var next = new Place();
            Emit(new JumpUnless(Query(condition), next) { Span = condition.Span });
            CompileStatements(body);
            Emit(new Jump(end));
            Mark(next);
        }
    }

    private void CompileReturn(BlockStatement.Return statement)
    {
        bool isRoutine = _routine is { IsProcedure: false };
        if (statement.Value is { } value)
        {
            string? reason = _routine is null ? "RETURN cannot have a parameter in function returning void"
                : _routine.IsProcedure ? "RETURN cannot have a parameter in a procedure"
                : _routine.ReturnsSet ? "RETURN cannot have a parameter in function returning set"
                : HasOutputs ? "RETURN cannot have a parameter in function with OUT parameters"
                : _routine.ReturnType.Id == TypeId.Void ? "RETURN cannot have a parameter in function returning void"
                : null;
            if (reason is not null)
                throw new SqlException(SqlState.DatatypeMismatch, reason, value.Value.Span, hint: isRoutine && _routine!.ReturnsSet ? "Use RETURN NEXT or RETURN QUERY." : null);
            Emit(new Return(Query(value.Value)) { Span = statement.Span });
            return;
        }

        if (isRoutine && !_routine!.ReturnsSet && !HasOutputs && _routine.ReturnType.Id != TypeId.Void)
            throw new SqlException(SqlState.SyntaxError, "missing expression at or near \";\"", new SourceSpan(statement.Span.End, 0));
        Emit(new Return(null) { Span = statement.Span });
    }

    /// <summary>The routine has OUT parameters, or is one of RETURNS TABLE.</summary>
    private bool HasOutputs => _routine is not null && _session.Catalog.Snapshot.AllRoutines.First(stored => stored.Oid == _routine.Oid).Parameters.Any(parameter => parameter.IsOutput || parameter.Mode == 't');

    private void RequireSet(string statement, SourceSpan span)
    {
        if (_routine is not { ReturnsSet: true }) throw new SqlException(SqlState.DatatypeMismatch, $"cannot use {statement} in a non-SETOF function", span);
    }

    private void CompileReturnNext(BlockStatement.ReturnNext statement)
    {
        RequireSet("RETURN NEXT", statement.Span);
        if (statement.Value is { } value && HasOutputs) throw new SqlException(SqlState.DatatypeMismatch, "RETURN NEXT cannot have a parameter in function with OUT parameters", value.Value.Span);
        if (statement.Value is null && !HasOutputs) throw new SqlException(SqlState.SyntaxError, "missing expression at or near \";\"", new SourceSpan(statement.Span.End, 0));
        Emit(new ReturnNext(statement.Value is { } row ? Query(row.Value) : null) { Span = statement.Span });
    }

    private void CompileReturnQuery(BlockStatement.ReturnQuery statement)
    {
        RequireSet("RETURN QUERY", statement.Span);
        Emit(new ReturnQuery(Rows(statement.Rows)) { Span = statement.Span });
    }

    private RowQuery Rows(BlockRows rows) => rows switch
    {
        BlockRows.Query query => new StaticRows(Query(query.Statement)),
        BlockRows.Dynamic dynamic => new DynamicRows(Query(dynamic.Command), Queries(dynamic.Using)),
        BlockRows.Cursor cursor => CursorRows(CursorVariable(cursor.Name), cursor.Arguments, cursor.Name.Span),
        _ => throw new InvalidOperationException("unknown rows"),
    };

    private void CompileRaise(BlockRaise raise)
    {
        if (raise.Condition is { } condition) _ = States(condition.Value, raise.Span).First();
        foreach (var (name, value) in raise.Options)
            if (name is not ("message" or "detail" or "hint" or "errcode" or "column" or "constraint" or "datatype" or "table" or "schema"))
                throw new SqlException(SqlState.SyntaxError, "unrecognized RAISE statement option", value.Span);
        Emit(new Raise(raise, Queries(raise.Arguments), [.. raise.Options.Select(option => (option.Item1, Query(option.Item2)))]) { Span = raise.Span });
    }

    private void CompileSql(BlockStatement.Sql sql)
    {
        var into = sql.Into is { } given ? Targets(given.Value.Targets, given.Value.IsStrict) : null;
        if (Session.AsData(sql.Statement.Node) is { } data) Emit(new RunQuery(Query(data), into, isPerform: false) { Span = sql.Span });
        else if (into is not null) throw new SqlException(SqlState.SyntaxError, "INTO used with a command that cannot return data", sql.Into!.Value.Span);
        else if (sql.Statement.Node is StatementNode.Call { Call: var call })
        {
            ImmutableArray<AssignmentTarget?> targets = [.. call.Arguments.Select(argument => argument.Value is Expr.Column or Expr.Parameter or Expr.Field or Expr.Subscript && IsVariable(argument.Value) ? Target(argument.Value) : null)];
            Emit(new Call(call, targets, _scope, _body.Conflict) { Span = sql.Span });
        }
        else Emit(new RunUtility(_body.Text, sql.Statement) { Span = sql.Span });
    }

    private bool IsVariable(Expr expression) => expression switch
    {
        Expr.Column { Name: var name } => _scope.Find([.. name.Texts]) is var (variable, _) && !variable.IsConstant,
        Expr.Parameter parameter => _scope.FindParameter(parameter.Index) is not null,
        Expr.Field field => IsVariable(field.Operand),
        Expr.Subscript subscript => IsVariable(subscript.Operand),
        _ => false,
    };
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A block's tree → its list of instructions: names of variables and labels are resolved, loops and branches become jumps. SQL is left as it is; it is bound when it is run first.</summary>
internal sealed partial class BlockCompiler
{
    private readonly Session _session;
    private readonly ProcedureBody _body;
    private readonly Routine? _routine;
    private readonly List<BlockInstruction> _instructions = [];
    private readonly List<BlockVariable> _variables = [];
    private readonly Stack<Region> _regions = new();
    private BlockScope _scope;
    private int _loops, _mostLoops;

    private BlockCompiler(Session session, ProcedureBody body, Routine? routine)
    {
        (_session, _body, _routine) = (session, body, routine);
        _scope = new BlockScope(null, null);
        var found = NewVariable("found", SqlType.Bool);
        _scope.TryAdd("found", found);
    }

    /// <summary>What EXIT, CONTINUE and RETURN lead out of, from the inside: a loop or a block that has a label, a block with handlers, a handler.</summary>
    /// <param name="Label">The label; null for none.</param>
    /// <param name="Exit">Where EXIT goes; null for what can't be left by it.</param>
    /// <param name="Continue">Where CONTINUE goes: loops only.</param>
    /// <param name="Leave">What has to be done on the way out.</param>
    private sealed record Region(string? Label, Place? Exit, Place? Continue, Func<BlockInstruction>? Leave);

    /// <summary>The body of DO.</summary>
    /// <param name="session">The session, whose catalog the types are of.</param>
    /// <param name="body">The block.</param>
    /// <param name="offset">Where it lies in the statement; -1 when it isn't known.</param>
    public static BlockProgram Compile(Session session, ProcedureBody body, int offset)
    {
        var compiler = new BlockCompiler(session, body, null);
        try
        {
            compiler.CompileBlock(body.Block);
        }
        catch (SqlException error) when (!error.Span.IsNone)
        {
            throw error.At(offset < 0 ? SourceSpan.None : error.Span with { Start = error.Span.Start + offset });
        }

        return compiler.Finish([], [], offset);
    }

    /// <summary>A stored routine's body. Errors have their place in the body.</summary>
    public static BlockProgram Compile(Session session, ProcedureBody body, RoutineObject stored)
    {
        var routine = session.Catalog.Snapshot.Planned(stored);
        var compiler = new BlockCompiler(session, body, routine);
        var all = compiler.DeclareParameters(stored);
        compiler.CompileBlock(body.Block);
        var parameters = stored.Parameters.Zip(all).Where(pair => pair.First.IsInput || stored.IsProcedure).Select(pair => pair.Second);
        var outputs = stored.Parameters.Zip(all).Where(pair => pair.First.IsOutput || pair.First.Mode == 't').Select(pair => pair.Second);
        return compiler.Finish([.. parameters], [.. outputs], -1);
    }

    private BlockProgram Finish(ImmutableArray<BlockVariable> parameters, ImmutableArray<BlockVariable> outputs, int offset) => new()
    {
        Instructions = [.. _instructions], Variables = [.. _variables], Parameters = parameters, Outputs = outputs, Text = _body.Text, Offset = offset, Routine = _routine, LoopCount = _mostLoops,
    };

    private List<BlockVariable> DeclareParameters(RoutineObject stored)
    {
        var all = stored.Parameters.Select(parameter => NewVariable(parameter.Name, parameter.Type.ToSqlType())).ToList();
        // $1 counts all parameters, those of RETURNS TABLE included.
        var outermost = new BlockScope(null, null) { Parameters = [.. all] };
        outermost.TryAdd("found", _variables[0]);
        var named = new BlockScope(outermost, stored.Name);
        foreach (var (parameter, variable) in stored.Parameters.Zip(all))
            if (parameter.Name.Length > 0) named.TryAdd(parameter.Name, variable);
        _scope = named;
        return all;
    }

    private BlockVariable NewVariable(string name, SqlType type) => Add(new BlockVariable(_variables.Count, name, type) { IsRecord = type.Id == TypeId.Record && type.Row is null });

    private BlockVariable Add(BlockVariable variable)
    {
        _variables.Add(variable);
        return variable;
    }

    private void Emit(BlockInstruction instruction) => _instructions.Add(instruction);

    /// <summary>The next instruction is what jumps to the place come to.</summary>
    private void Mark(Place place) => place.Index = _instructions.Count;

    private EmbeddedQuery Query(DataStatement statement) => new(statement, _scope, _body.Conflict);

    private EmbeddedQuery Query(BlockExpr expression) => Query(DataStatement.NewQuery(expression.Query));

    private ImmutableArray<EmbeddedQuery> Queries(IEnumerable<BlockExpr> expressions) => [.. expressions.Select(Query)];

    /// <summary>A block: its variables, its statements, its handlers.</summary>
    private void CompileBlock(Block block)
    {
        var around = _scope;
        _scope = new BlockScope(_scope, block.Label?.Value);
        foreach (var declaration in block.Declarations) CompileDeclaration(declaration);
        var exit = new Place();
        _regions.Push(new Region(block.Label?.Value, exit, null, null));
        if (block.Handlers.IsEmpty) CompileStatements(block.Body);
        else CompileHandled(block);
        _regions.Pop();
        Mark(exit);
        _scope = around;
    }

    private void CompileHandled(Block block)
    {
        var end = new Place();
        var around = _scope;
        var handlers = block.Handlers.Select(handler => (Handler: handler, States: handler.Conditions.SelectMany(condition => States(condition, handler.Span)).ToImmutableArray(), Start: new Place())).ToList();
        var (state, message) = (NewVariable("sqlstate", SqlType.Text), NewVariable("sqlerrm", SqlType.Text));
        Emit(new EnterHandler([.. handlers.Select(handler => (handler.States, handler.Start))], state, message, _loops) { Span = block.Span });
        _regions.Push(new Region(null, null, null, static () => new LeaveHandled()));
        CompileStatements(block.Body);
        _regions.Pop();
        Emit(new LeaveHandled());
        Emit(new Jump(end));
        foreach (var (handler, _, start) in handlers)
        {
            Mark(start);
            _scope = new BlockScope(around, null);
            _scope.TryAdd("sqlstate", state);
            _scope.TryAdd("sqlerrm", message);
            _regions.Push(new Region(null, null, null, static () => new EndHandling()));
            CompileStatements(handler.Body);
            _regions.Pop();
            Emit(new EndHandling());
            Emit(new Jump(end));
        }

        _scope = around;
        Mark(end);
    }

    private static IEnumerable<string?> States(BlockCondition condition, SourceSpan span)
    {
        if (condition is BlockCondition.Named { Name: "others" }) return [null];
        try
        {
            return ConditionNames.Of(condition);
        }
        catch (SqlException error)
        {
            throw error.At(span);
        }
    }

    private void CompileStatements(IEnumerable<BlockStatement> statements)
    {
        foreach (var statement in statements) CompileStatement(statement);
    }

    /// <summary>EXIT and CONTINUE.</summary>
    private void CompileLeave(BlockStatement.Leave leave)
    {
        string? label = leave.Label?.Value.Name;
        var region = label is null
            ? _regions.FirstOrDefault(region => region.Continue is not null)
            : _regions.FirstOrDefault(region => region.Label == label && region.Exit is not null);
        string word = leave.IsContinue ? "CONTINUE" : "EXIT";
        if (region is null && label is not null) throw new SqlException(SqlState.SyntaxError, $"there is no label \"{label}\" attached to any block or loop enclosing this statement", leave.Label!.Value.Span);
        if (region is null) throw new SqlException(SqlState.SyntaxError, leave.IsContinue ? "CONTINUE cannot be used outside a loop" : "EXIT cannot be used outside a loop, unless it has a label", leave.Span);
        if (leave.IsContinue && region.Continue is null) throw new SqlException(SqlState.SyntaxError, $"block label \"{label}\" cannot be used in {word}", leave.Label!.Value.Span);
        var stays = new Place();
        if (leave.Condition is { } condition) Emit(new JumpUnless(Query(condition.Value), stays) { Span = leave.Span });
        // What lies between here and the loop is left; the loop itself closes at its own end.
        foreach (var inner in _regions.TakeWhile(inner => inner != region))
            if (inner.Leave is { } close) Emit(close());
        Emit(new Jump(leave.IsContinue ? region.Continue! : region.Exit!));
        Mark(stays);
    }

    /// <summary>What an assignment or INTO names.</summary>
    private AssignmentTarget Target(Expr target)
    {
        var path = new List<TargetStep>();
        var at = target;
        while (true)
        {
            switch (at)
            {
                case Expr.Field field:
                    path.Insert(0, TargetStep.NewField(field.Name));
                    at = field.Operand;
                    continue;
                case Expr.Subscript subscript:
                    path.InsertRange(0, subscript.Subscripts.Select(TargetStep.NewSubscript));
                    at = subscript.Operand;
                    continue;
                case Expr.Parameter parameter:
                    return Target(_scope.FindParameter(parameter.Index) ?? throw Unknown($"${parameter.Index}", target), path, target);
                case Expr.Column { Name: var name }:
                    if (_scope.Find([.. name.Texts]) is not var (variable, parts)) throw Unknown(string.Join(".", name.Texts), target);
                    path.InsertRange(0, name.Parts.Skip(parts).Select(TargetStep.NewField));
                    return Target(variable, path, target);
                default: throw Unknown(SqlPrinter.PrintExpr(target), target);
            }
        }
    }

    private AssignmentTarget Target(BlockVariable variable, List<TargetStep> path, Expr target)
    {
        if (variable.IsConstant) throw new SqlException(SqlState.ErrorInAssignment, $"variable \"{variable.Name}\" is declared CONSTANT", target.Span);
        return new AssignmentTarget(variable, [.. path], _scope, _body.Conflict, target.Span);
    }

    private static SqlException Unknown(string name, Expr target) => new(SqlState.SyntaxError, $"\"{name}\" is not a known variable", target.Span);

    /// <summary>The targets of a row: one that is a row itself, or any number of others.</summary>
    private RowTarget Targets(IEnumerable<Expr> targets, bool isStrict)
    {
        var found = targets.Select(Target).ToImmutableArray();
        if (found.Length > 1 && found.FirstOrDefault(target => target.IsRow) is { } row)
            throw new SqlException(SqlState.SyntaxError, $"\"{row.Variable.Name}\" is not a scalar variable", targets.First().Span);
        return new RowTarget(found, isStrict);
    }

}

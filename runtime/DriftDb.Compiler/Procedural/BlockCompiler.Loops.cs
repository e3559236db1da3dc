using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>LOOP, WHILE, FOR, FOREACH.</summary>
internal sealed partial class BlockCompiler
{
    private void CompileLoop(BlockStatement.Loop loop)
    {
        var (begin, end) = (new Place(), new Place());
        Mark(begin);
        CompileBody(loop.Label?.Value, loop.Body, end, begin, null);
        Emit(new Jump(begin));
        Mark(end);
    }

    private void CompileWhile(BlockStatement.While loop)
    {
        var (begin, end) = (new Place(), new Place());
        Mark(begin);
        Emit(new JumpUnless(Query(loop.Condition), end) { Span = loop.Condition.Span });
        CompileBody(loop.Label?.Value, loop.Body, end, begin, null);
        Emit(new Jump(begin));
        Mark(end);
    }

    private void CompileForInteger(BlockStatement.ForInteger loop)
    {
        var (body, next, end) = (new Place(), new Place(), new Place());
        int number = OpenLoop();
        var around = _scope;
        var (from, to, step) = (Query(loop.From), Query(loop.To), loop.Step is { } given ? Query(given.Value) : null);
        // The loop's variable is the loop's own, and hides others of its name.
        var variable = NewVariable(loop.Variable.Name, SqlType.Int4);
        _scope = new BlockScope(around, loop.Label?.Value);
        _scope.TryAdd(variable.Name, variable);
        var target = new AssignmentTarget(variable, [], _scope, _body.Conflict, loop.Variable.Span);
        Emit(new BeginIntegerLoop(number, target, from, to, step, loop.IsReverse, end) { Span = loop.Span });
        Mark(body);
        CompileBody(loop.Label?.Value, loop.Body, end, next, () => new CloseLoop(number));
        Mark(next);
        Emit(new NextInteger(number, target, body));
        Mark(end);
        CloseLoop(number);
        _scope = around;
    }

    private void CompileForRows(BlockStatement.ForRows loop)
    {
        var (next, end) = (new Place(), new Place());
        var around = _scope;
        int number = OpenLoop();
        Emit(new BeginRowLoop(number, Rows(loop.Rows)) { Span = loop.Span });
        if (loop.Rows is BlockRows.Cursor)
        {
            // The variable of a loop over a cursor is the loop's own.
            if (loop.Targets.ToList() is not [Expr.Column { Name.Parts: { Length: 1 } names }]) throw new SqlException(SqlState.SyntaxError, "cursor FOR loop must have only one target variable", loop.Targets.Head.Span);
            var variable = NewVariable(names.Head.Name, SqlType.Record);
            _scope = new BlockScope(around, null);
            _scope.TryAdd(variable.Name, variable);
        }

        var target = Targets(loop.Targets, isStrict: false);
        Mark(next);
        Emit(new NextRow(number, target, end) { Span = loop.Span });
        CompileBody(loop.Label?.Value, loop.Body, end, next, () => new CloseLoop(number));
        Emit(new Jump(next));
        Mark(end);
        CloseLoop(number);
        _scope = around;
    }

    private void CompileForEach(BlockStatement.ForEach loop)
    {
        var (next, end) = (new Place(), new Place());
        var target = Targets(loop.Targets, isStrict: false);
        int number = OpenLoop();
        Emit(new BeginArrayLoop(number, Query(loop.Array), loop.Slice) { Span = loop.Span });
        Mark(next);
        Emit(new NextElement(number, target, end) { Span = loop.Span });
        CompileBody(loop.Label?.Value, loop.Body, end, next, () => new CloseLoop(number));
        Emit(new Jump(next));
        Mark(end);
        CloseLoop(number);
    }

    private void CompileBody(string? label, IEnumerable<BlockStatement> body, Place end, Place next, Func<BlockInstruction>? leave)
    {
        _regions.Push(new Region(label, end, next, leave));
        CompileStatements(body);
        _regions.Pop();
    }

    /// <summary>A number for a loop that holds something while it runs.</summary>
    private int OpenLoop()
    {
        int number = _loops++;
        _mostLoops = Math.Max(_mostLoops, _loops);
        return number;
    }

    private void CloseLoop(int number)
    {
        _loops = number;
        Emit(new CloseLoop(number));
    }
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Cursors: their declarations, OPEN, FETCH, MOVE, CLOSE.</summary>
internal sealed partial class BlockCompiler
{
    private void CompileCursor(BlockDeclaration.Cursor declared)
    {
        var around = _scope;
        _scope = new BlockScope(around, declared.Name.Name);
        var parameters = declared.Parameters.Select(parameter =>
        {
            var (type, _) = Resolve(parameter.Type);
            var variable = NewVariable(parameter.Name.Name, type);
            AddName(parameter.Name, variable);
            return variable;
        }).ToImmutableArray();
        var query = Query(DataStatement.NewQuery(declared.Query));
        _scope = around;
        var cursor = Add(new BlockVariable(_variables.Count, declared.Name.Name, SqlType.Of(TypeId.RefCursor)) { Cursor = new BoundCursor(parameters, query, declared.Scroll?.Value) });
        Emit(new DeclareCursor(cursor) { Span = declared.Name.Span });
        AddName(declared.Name, cursor);
    }

    private void CompileOpen(BlockStatement.Open open)
    {
        var variable = CursorVariable(open.Cursor);
        bool isScrollable = open.Scroll?.Value ?? variable.Cursor?.Scroll ?? false;
        RowQuery rows;
        if (variable.Cursor is not null)
        {
            if (open.Rows is not null) throw new SqlException(SqlState.SyntaxError, $"syntax error at or near \"FOR\"", open.Span);
            rows = CursorRows(variable, open.Arguments, open.Span);
        }
        else
        {
            rows = open.Rows is { } given ? Rows(given.Value) : throw new SqlException(SqlState.SyntaxError, "syntax error at or near \";\", expected \"FOR\"", new SourceSpan(open.Span.End, 0));
        }

        Emit(new OpenCursor(variable, rows, isScrollable) { Span = open.Span });
    }

    private void CompileFetch(BlockStatement.Fetch fetch)
    {
        var variable = CursorVariable(fetch.Cursor);
        bool isMany = fetch.Direction.IsForwardAll || fetch.Direction.IsBackwardAll || fetch.Direction is FetchDirection.Forward { Count: > 1 or < -1 };
        if (fetch.Into is not null && isMany) throw new SqlException(SqlState.FeatureNotSupported, "FETCH statement cannot return multiple rows", fetch.Span);
        Emit(new FetchCursor(variable, fetch.Direction, fetch.Into is { } into ? Targets(into.Value.Targets, isStrict: false) : null) { Span = fetch.Span });
    }

    /// <summary>The query of a bound cursor with values for its parameters: by their places, or by their names.</summary>
    private CursorRows CursorRows(BlockVariable variable, IEnumerable<Tuple<Microsoft.FSharp.Core.FSharpOption<Identifier>?, BlockExpr>> given, SourceSpan span)
    {
        if (variable.Cursor is not { } cursor) throw new SqlException(SqlState.SyntaxError, "cursor FOR loop must use a bound cursor variable", span);
        var arguments = given.ToList();
        if (cursor.Parameters.IsEmpty && arguments.Count > 0) throw new SqlException(SqlState.SyntaxError, $"cursor \"{variable.Name}\" has no arguments", span);
        if (arguments.Count == 0 && !cursor.Parameters.IsEmpty) throw new SqlException(SqlState.SyntaxError, $"cursor \"{variable.Name}\" has arguments", span);
        if (arguments.Count > cursor.Parameters.Length) throw new SqlException(SqlState.SyntaxError, $"too many arguments for cursor \"{variable.Name}\"", span);
        var values = new EmbeddedQuery?[cursor.Parameters.Length];
        for (int i = 0; i < arguments.Count; i++)
        {
            int place = i;
            if (arguments[i].Item1 is { } named)
            {
                place = cursor.Parameters.ToList().FindIndex(parameter => parameter.Name == named.Value.Name);
                if (place < 0) throw new SqlException(SqlState.SyntaxError, $"cursor \"{variable.Name}\" has no argument named \"{named.Value.Name}\"", named.Value.Span);
            }

            if (values[place] is not null) throw new SqlException(SqlState.SyntaxError, $"value for parameter \"{cursor.Parameters[place].Name}\" of cursor \"{variable.Name}\" specified more than once", span);
            values[place] = Query(arguments[i].Item2);
        }

        if (values.Contains(null)) throw new SqlException(SqlState.SyntaxError, $"not enough arguments for cursor \"{variable.Name}\"", span);
        return new CursorRows(cursor, [.. cursor.Parameters.Zip(values, (parameter, value) => (parameter, value!))]);
    }

    private BlockVariable CursorVariable(Identifier name)
    {
        if (_scope.Find([name.Name]) is not var (variable, _)) throw new SqlException(SqlState.SyntaxError, $"\"{name.Name}\" is not a known variable", name.Span);
        if (variable.Type.Id != TypeId.RefCursor) throw new SqlException(SqlState.DatatypeMismatch, $"variable \"{name.Name}\" must be of type cursor or refcursor", name.Span);
        return variable;
    }
}

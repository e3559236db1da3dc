using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DECLARE.</summary>
internal sealed partial class BlockCompiler
{
    private void CompileDeclaration(BlockDeclaration declaration)
    {
        switch (declaration)
        {
            case BlockDeclaration.Variable variable: CompileVariable(variable); break;
            case BlockDeclaration.Alias alias: AddName(alias.Name, Aliased(alias.Of)); break;
            case BlockDeclaration.Cursor cursor: CompileCursor(cursor); break;
            default: throw new InvalidOperationException("unknown declaration");
        }
    }

    private void CompileVariable(BlockDeclaration.Variable declared)
    {
        var (type, isRecord) = Resolve(declared.Type);
        var variable = Add(new BlockVariable(_variables.Count, declared.Name.Name, type) { IsRecord = isRecord, IsConstant = declared.IsConstant, IsNotNull = declared.IsNotNull });
        // A default can use the variables before it, not its own.
        var target = new AssignmentTarget(variable, [], _scope, _body.Conflict, declared.Name.Span);
        Emit(new Declare(variable, target, declared.Default is { } value ? Query(value.Value) : null) { Span = declared.Name.Span });
        AddName(declared.Name, variable);
    }

    /// <summary>The variable or parameter that ALIAS gives another name.</summary>
    private BlockVariable Aliased(Expr of) => of switch
    {
        Expr.Parameter parameter when _scope.FindParameter(parameter.Index) is { } found => found,
        Expr.Column { Name: var name } when _scope.Find([.. name.Texts]) is var (found, parts) && parts == name.Parts.Length => found,
        _ => throw new SqlException(SqlState.UndefinedObject, $"variable \"{SqlPrinter.PrintExpr(of)}\" does not exist", of.Span),
    };

    private void AddName(Identifier name, BlockVariable variable)
    {
        if (!_scope.TryAdd(name.Name, variable)) throw new SqlException(SqlState.SyntaxError, $"duplicate declaration at or near \"{name.Name}\"", name.Span);
    }

    /// <summary>The type that a declaration names; a record has none until a value is assigned.</summary>
    private (SqlType Type, bool IsRecord) Resolve(BlockType type)
    {
        switch (type)
        {
            case BlockType.Named named:
                var resolved = Binder.TypeResolution.resolve(_session.Catalog, named.Name);
                if (resolved.Id is TypeId.Void or TypeId.Unknown or TypeId.Any or TypeId.AnyElement or TypeId.AnyNonArray or TypeId.AnyCompatible)
                    throw new SqlException(SqlState.FeatureNotSupported, $"variable cannot have pseudo-type {resolved}", named.Name.Span);
                return (resolved, resolved.Id == TypeId.Record && resolved.Row is null);
            case BlockType.RowTypeOf row: return (RowTypeOf(row.Name), false);
            case BlockType.TypeOf copied: return TypeOf(copied.Name);
            default: return (SqlType.Record, true);
        }
    }

    private SqlType RowTypeOf(QualifiedName name)
    {
        var (schema, last) = Split(name.Texts.ToList());
        return _session.Catalog.FindType(schema, last) is { IsComposite: true } type
            ? type
            : throw new SqlException(SqlState.UndefinedTable, $"relation \"{string.Join(".", name.Texts)}\" does not exist", name.Span);
    }

    /// <summary><c>variable%TYPE</c>, <c>table.column%TYPE</c></summary>
    private (SqlType Type, bool IsRecord) TypeOf(QualifiedName name)
    {
        var texts = name.Texts.ToList();
        if (_scope.Find([.. texts]) is var (variable, parts) && parts == texts.Count) return (variable.Type, variable.IsRecord);
        if (texts.Count == 1) throw new SqlException(SqlState.SyntaxError, $"invalid type name \"{texts[0]}%TYPE\"", name.Span);
        var (schema, table) = Split(texts[..^1]);
        var relation = _session.Catalog.FindRelation(schema, table)
            ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{string.Join(".", texts[..^1])}\" does not exist", name.Span);
        foreach (var column in relation.Columns)
            if (column.Name == texts[^1]) return (column.Type, false);
        throw new SqlException(SqlState.UndefinedColumn, $"column \"{texts[^1]}\" of relation \"{table}\" does not exist", name.Span);
    }

    private static (string? Schema, string Name) Split(List<string> names) => names is [.., var schema, var name] ? (schema, name) : (null, names[^1]);
}

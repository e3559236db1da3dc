using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What a value is assigned to: a variable, or a field or an element of one.</summary>
internal sealed class AssignmentTarget(BlockVariable variable, ImmutableArray<TargetStep> path, BlockScope scope, VariableConflict conflict, SourceSpan span)
{
    private BoundExpression? _part;
    private SqlType? _whole, _partType;
    private ImmutableArray<int> _used = [];

    public BlockVariable Variable => variable;

    /// <summary>The variable itself, and it is a row.</summary>
    public bool IsRow => path.IsEmpty && variable.IsRow;

    public void Assign(BlockRun run, object? value, SqlType type)
    {
        if (path.IsEmpty) AssignWhole(run, value, type);
        else AssignPart(run, value, type);
    }

    /// <summary>A row's columns become the fields, by their places; of a record also by their names and types. Null for no row.</summary>
    public void AssignRow(BlockRun run, object?[]? values, ImmutableArray<OutputColumn> columns)
    {
        if (variable.IsRecord)
        {
            var row = RowType.Anonymous(columns.Select(column => new RowField(column.Name, column.Type)));
            run.Types[variable.Number] = SqlType.RowOf(row);
            Set(run, values is null ? null : ValueConversions.Encode(values, ValueConversions.TypesOf(row)));
            return;
        }

        var fields = variable.Type.Row!.Fields;
        if (values is null)
        {
            Set(run, null);
            return;
        }

        var converted = new object?[fields.Length];
        for (int i = 0; i < fields.Length && i < values.Length; i++) converted[i] = run.Session.Conversions.Convert(values[i], columns[i].Type, fields[i].Type);
        Set(run, ValueConversions.Encode(converted, ValueConversions.TypesOf(variable.Type.Row)));
    }

    private void AssignWhole(BlockRun run, object? value, SqlType type)
    {
        if (variable.IsRow && type.Id != TypeId.Record && value is not null)
            throw new SqlException(SqlState.DatatypeMismatch, $"cannot assign non-composite value to a {(variable.IsRecord ? "record" : "row")} variable");
        if (variable.IsRecord)
        {
            if (type.Row is not null) run.Types[variable.Number] = type;
            Set(run, value);
        }
        else
        {
            Set(run, run.Session.Conversions.Convert(value, type, variable.Type));
        }
    }

    private void AssignPart(BlockRun run, object? value, SqlType type)
    {
        var whole = run.Types[variable.Number];
        if (variable.IsRecord && path[0] is TargetStep.Field field)
        {
            if (whole.Row is not { } row) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"record \"{variable.Name}\" is not assigned yet", detail: "The tuple structure of a not-yet-assigned record is indeterminate.");
            if (row.IndexOf(field.Name.Name) < 0) throw new SqlException(SqlState.UndefinedColumn, $"record \"{variable.Name}\" has no field \"{field.Name.Name}\"");
        }

        if (_part is null || !whole.Equals(_whole))
        {
            var resolver = new VariableResolver(scope, run.Types, conflict, firstParameter: 3);
            var options = (run.Session.Environment with { Routine = run.Program.Around(resolver) }).BindOptions([]);
            var (expression, partType) = Binder.Binder.BindPart(variable.Name, whole, path, options, span);
            _used = [.. resolver.Used];
            _part = new BoundExpression(expression, [whole.WithoutTypmod(), partType, .. _used.Select(number => run.Types[number].WithoutTypmod())]);
            (_whole, _partType) = (whole, partType);
        }

        object?[] values = [run.Values[variable.Number], run.Session.Conversions.Convert(value, type, _partType!), .. _used.Select(number => run.Values[number])];
        Set(run, _part.Evaluate(run.Session, values));
    }

    private void Set(BlockRun run, object? value)
    {
        if (value is null && variable.IsNotNull) throw new SqlException(SqlState.NullValueNotAllowed, $"null value cannot be assigned to variable \"{variable.Name}\" declared NOT NULL");
        run.Values[variable.Number] = value;
    }
}

/// <summary>INTO: the targets of a row.</summary>
internal sealed class RowTarget(ImmutableArray<AssignmentTarget> targets, bool isStrict)
{
    public bool IsStrict => isStrict;

    public ImmutableArray<AssignmentTarget> Targets => targets;

    /// <summary>Assigns a row, or NULLs where there is none.</summary>
    public void Assign(BlockRun run, object?[]? values, ImmutableArray<OutputColumn> columns)
    {
        if (targets is [{ IsRow: true } row])
        {
            row.AssignRow(run, values, columns);
            return;
        }

        for (int i = 0; i < targets.Length; i++)
        {
            bool isThere = values is not null && i < values.Length;
            targets[i].Assign(run, isThere ? values![i] : null, i < columns.Length ? columns[i].Type : SqlType.Text);
        }
    }
}

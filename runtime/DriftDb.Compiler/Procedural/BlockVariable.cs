using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A variable as it is declared. Its value is an object as constants have it, in the run of the block.</summary>
/// <param name="Number">Its place among the block's variables.</param>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Type">Its type; for a record, which takes the type of what is assigned to it, a record of unknown fields.</param>
internal sealed record BlockVariable(int Number, string Name, SqlType Type)
{
    /// <summary>Declared as <c>record</c>.</summary>
    public bool IsRecord { get; init; }

    public bool IsConstant { get; init; }

    public bool IsNotNull { get; init; }

    /// <summary>Where its value is a cursor's name: the query that it was declared with; null for a refcursor, and all else.</summary>
    public BoundCursor? Cursor { get; init; }

    /// <summary>A row: of fields known by its type, or a record.</summary>
    public bool IsRow => IsRecord || Type.IsComposite;
}

/// <summary>What a cursor's declaration says.</summary>
/// <param name="Parameters">Variables that OPEN gives values to.</param>
internal sealed record BoundCursor(ImmutableArray<BlockVariable> Parameters, EmbeddedQuery Query, bool? Scroll);

/// <summary>The names that a place in a block can use: those of its block, and of the blocks around.</summary>
internal sealed class BlockScope(BlockScope? around, string? label)
{
    private readonly Dictionary<string, BlockVariable> _names = [];

    public BlockScope? Around => around;

    public string? Label => label;

    /// <summary>False when the block itself has the name already.</summary>
    public bool TryAdd(string name, BlockVariable variable) => _names.TryAdd(name, variable);

    /// <summary>The parameters of the routine, from $1; in its outermost scope.</summary>
    public ImmutableArray<BlockVariable> Parameters { get; init; } = [];

    /// <summary>The variable that the first names stand for, alone or behind the label of its block. A variable that is no row has no fields: it is passed over where names are left.</summary>
    public (BlockVariable Variable, int Parts)? Find(ImmutableArray<string> names)
    {
        for (var scope = this; scope is not null; scope = scope.Around)
        {
            if (scope._names.TryGetValue(names[0], out var variable) && (names.Length == 1 || variable.IsRow)) return (variable, 1);
            if (names.Length > 1 && scope.Label == names[0] && scope._names.TryGetValue(names[1], out variable) && (names.Length == 2 || variable.IsRow)) return (variable, 2);
        }

        return null;
    }

    public BlockVariable? FindParameter(int number)
    {
        var outermost = this;
        while (outermost.Around is { } next) outermost = next;
        return number >= 1 && number <= outermost.Parameters.Length ? outermost.Parameters[number - 1] : null;
    }
}

/// <summary>A block's variables as one statement in it sees them while it is bound: notes which of them it uses, in the order of the parameters that stand for them.</summary>
internal sealed class VariableResolver(BlockScope scope, SqlType[] types, VariableConflict conflict, int firstParameter = 1) : IVariableScope
{
    private readonly List<int> _used = [];

    public NameConflict Conflict => conflict.IsUseColumn ? NameConflict.UseColumn : conflict.IsUseVariable ? NameConflict.UseVariable : NameConflict.Error;

    /// <summary>Numbers of the variables used so far.</summary>
    public IReadOnlyList<int> Used => _used;

    public VariableReference? Find(ImmutableArray<string> names)
    {
        if (scope.Find(names) is not var (variable, parts)) return null;
        if (variable.IsRecord && names.Length > parts)
        {
            // The fields of a record are those of its value.
            if (types[variable.Number].Row is not { } row)
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"record \"{variable.Name}\" is not assigned yet", detail: "The tuple structure of a not-yet-assigned record is indeterminate.");
            if (row.IndexOf(names[parts]) < 0) throw new SqlException(SqlState.UndefinedColumn, $"record \"{variable.Name}\" has no field \"{names[parts]}\"");
        }

        return new VariableReference(variable.Number, parts);
    }

    public VariableReference? Find(int number) => scope.FindParameter(number) is { } variable ? new VariableReference(variable.Number, 1) : null;

    public ScalarParameter Use(VariableReference reference)
    {
        int index = _used.IndexOf(reference.Variable);
        if (index < 0)
        {
            index = _used.Count;
            _used.Add(reference.Variable);
        }

        return new ScalarParameter(firstParameter + index, types[reference.Variable].WithoutTypmod());
    }
}

using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

public enum FunctionKind
{
    Scalar,
    Aggregate,
    /// <summary>A function that returns rows: generate_series, unnest.</summary>
    Table,
    Window,
}

/// <summary>What a function's result may depend on, as in pg_proc.provolatile.</summary>
public enum Volatility
{
    Immutable,
    /// <summary>Constant within a statement: now(), current_setting().</summary>
    Stable,
    Volatile,
}

/// <summary>One overload of an SQL function, or of an operator.</summary>
public sealed class FunctionSignature
{
    public required string Name { get; init; }

    /// <summary>The operator's symbol when this is the function behind an operator, else null. A prefix operator has one parameter.</summary>
    public string? Operator { get; init; }

    public required ImmutableArray<SqlType> ParameterTypes { get; init; }

    /// <summary>Trailing parameters that a call may leave out, with their default values.</summary>
    public ImmutableArray<object?> DefaultValues { get; init; } = [];

    /// <summary>True when the last parameter may come any number of times.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>Names of the parameters for calls by name; empty where there is no such call.</summary>
    public ImmutableArray<string> ParameterNames { get; init; } = [];

    /// <summary>A variadic function as VARIADIC calls it, with an array in place of the last parameters; null for others.</summary>
    public FunctionSignature? Spread => IsVariadic ? _spread ??= CreateSpread() : null;

    /// <summary>This is the <see cref="Spread"/> of another signature: what the runtime calls gets the elements of the last argument, and NULL for the array is NULL.</summary>
    public bool SpreadsArray { get; private init; }

    private FunctionSignature? _spread;

    public required SqlType ReturnType { get; init; }

    /// <summary>For a table function: its columns' names and types; empty means one column named as the function.</summary>
    public ImmutableArray<(string Name, SqlType Type)> ReturnColumns { get; init; } = [];

    public required FunctionKind Kind { get; init; }

    public Volatility Volatility { get; init; }

    /// <summary>NULL for any NULL argument, without being called.</summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>An aggregate that is called with WITHIN GROUP (ORDER BY …): its last arguments are what is ordered by.</summary>
    public bool IsOrderedSet { get; init; }

    /// <summary>An aggregate that keeps all values of its group until the end.</summary>
    public bool CollectsValues { get; init; }

    /// <summary>Never NULL where it is called (for a strict function: with arguments that aren't NULL).</summary>
    public bool NeverNull { get; init; }

    /// <summary>The routine with a body of SQL that this is the signature of; null for a function of the program.</summary>
    public Routine? Routine { get; init; }

    /// <summary>pg_proc.oid.</summary>
    public int Oid { get; init; }

    /// <summary>What the runtime calls; the planner doesn't look into it.</summary>
    public object? Implementation { get; init; }

    private FunctionSignature CreateSpread()
    {
        SqlType last = ParameterTypes[^1];
        return new FunctionSignature
        {
            Name = Name, ParameterTypes = [.. ParameterTypes[..^1], SqlType.ArrayOf(last.Id == TypeId.Any ? SqlType.Of(TypeId.AnyElement) : last)], DefaultValues = DefaultValues, ReturnType = ReturnType,
            ReturnColumns = ReturnColumns, Kind = Kind, Volatility = Volatility, IsStrict = IsStrict, NeverNull = NeverNull, Routine = Routine, Oid = Oid, Implementation = Implementation, SpreadsArray = true,
        };
    }

    public override string ToString() => $"{Name}({string.Join(", ", ParameterTypes)})";
}

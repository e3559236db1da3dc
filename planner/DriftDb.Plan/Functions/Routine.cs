using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>A function or procedure made by CREATE FUNCTION or CREATE PROCEDURE.</summary>
public sealed record Routine
{
    /// <summary>pg_proc.oid.</summary>
    public required int Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public required bool IsProcedure { get; init; }

    /// <summary>What a call gives: IN parameters, in order.</summary>
    public required ImmutableArray<RoutineParameter> Parameters { get; init; }

    /// <summary>Void for a procedure and for RETURNS void.</summary>
    public required SqlType ReturnType { get; init; }

    /// <summary>SETOF, or RETURNS TABLE.</summary>
    public bool ReturnsSet { get; init; }

    /// <summary>Columns of RETURNS TABLE and OUT parameters; empty for a single value.</summary>
    public ImmutableArray<(string Name, SqlType Type)> ReturnColumns { get; init; } = [];

    public Volatility Volatility { get; init; } = Volatility.Volatile;

    /// <summary>NULL for any NULL argument, without running the body.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The statements of the body, each as SQL. A RETURN is a query of one value.</summary>
    public required ImmutableArray<string> Body { get; init; }

    /// <summary>Its body, one query of SQL, takes the place of its call, unless that is within itself.</summary>
    public bool IsInlined { get; init; }

    /// <summary>What the runtime calls to run the body; null for a procedure of SQL, which CALL runs.</summary>
    public object? Implementation { get; init; }

    /// <summary>The same for its rows in FROM.</summary>
    public object? RowsImplementation { get; init; }

    /// <summary>The variables around the statement that is being bound, in the body of a routine in a procedural language; null for none.</summary>
    public IVariableScope? Variables { get; init; }

    /// <summary>How the overloads' resolution sees it.</summary>
    public FunctionSignature Signature => _signature ??= new FunctionSignature
    {
        Name = Name,
        ParameterTypes = [.. Parameters.Select(parameter => parameter.IsVariadic ? parameter.Type.Element! : parameter.Type)],
        IsVariadic = Parameters is [.., { IsVariadic: true }],
        DefaultValues = [.. Parameters.Where(parameter => parameter.DefaultText is not null).Select(_ => (object?)null)],
        ReturnType = ReturnType,
        ReturnColumns = ReturnColumns,
        Kind = ReturnsSet || !ReturnColumns.IsEmpty ? FunctionKind.Table : FunctionKind.Scalar,
        Volatility = Volatility,
        IsStrict = IsStrict,
        Oid = Oid,
        Routine = this,
    };

    private FunctionSignature? _signature;

    /// <summary>
    /// The function of the runtime that a call of a routine in a procedural language is: it takes the routine's oid before the arguments. It is never computed while planning, whatever it was declared as: it runs statements.
    /// </summary>
    /// <param name="kind">A value, or rows in FROM.</param>
    /// <param name="returnType">What this call gives.</param>
    public FunctionSignature CallSignature(FunctionKind kind, SqlType returnType) => new()
    {
        Name = Name,
        ParameterTypes = [SqlType.Int4, .. Parameters.Select(parameter => parameter.Type)],
        ReturnType = returnType,
        Kind = kind,
        Volatility = Volatility == Volatility.Volatile ? Volatility.Volatile : Volatility.Stable,
        // Rows of a strict function without arguments are none, its one row is NULLs: the runtime tells them apart.
        IsStrict = IsStrict && kind == FunctionKind.Scalar,
        Oid = Oid,
        Implementation = kind == FunctionKind.Scalar ? Implementation : RowsImplementation,
    };
}

/// <param name="Name">Empty for one without a name, which the body reaches as $n.</param>
/// <param name="Type">Its type.</param>
/// <param name="DefaultText">The default's SQL; null for none.</param>
/// <param name="IsVariadic">VARIADIC: an array of whatever a call gives beyond the other parameters.</param>
public sealed record RoutineParameter(string Name, SqlType Type, string? DefaultText, bool IsVariadic = false);

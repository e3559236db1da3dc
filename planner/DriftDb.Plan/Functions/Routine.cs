using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>A function or procedure whose body is SQL: made by CREATE FUNCTION or CREATE PROCEDURE.</summary>
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
}

/// <param name="Name">Empty for one without a name, which the body reaches as $n.</param>
/// <param name="Type">Its type.</param>
/// <param name="DefaultText">The default's SQL; null for none.</param>
/// <param name="IsVariadic">VARIADIC: an array of whatever a call gives beyond the other parameters.</param>
public sealed record RoutineParameter(string Name, SqlType Type, string? DefaultText, bool IsVariadic = false);

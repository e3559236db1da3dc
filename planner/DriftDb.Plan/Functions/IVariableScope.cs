using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>What a name means that is both a variable and a column: PL/pgSQL's variable_conflict.</summary>
public enum NameConflict
{
    /// <summary>42702.</summary>
    Error,
    UseVariable,
    UseColumn,
}

/// <summary>The variables that a statement in a block of a procedural language can name. What a name stands for is a parameter of the statement.</summary>
public interface IVariableScope
{
    NameConflict Conflict { get; }

    /// <summary>The variable that the first of these names stand for, alone or behind the label of its block; null when there is none.</summary>
    VariableReference? Find(ImmutableArray<string> names);

    /// <summary>The parameter <c>$n</c> of the routine; null when there is none.</summary>
    VariableReference? Find(int number);

    /// <summary>The statement uses the variable: gives it the parameter that its value comes in.</summary>
    ScalarParameter Use(VariableReference reference);
}

/// <param name="Variable">The variable's number.</param>
/// <param name="Parts">How many of the names it took; the rest are fields of the row that it is.</param>
public sealed record VariableReference(int Variable, int Parts);

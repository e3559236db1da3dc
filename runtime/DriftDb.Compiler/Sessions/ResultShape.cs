using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A result's columns and how its rows lie in the buffers.</summary>
public sealed class ResultShape(ImmutableArray<OutputColumn> columns, TupleLayout layout)
{
    public ImmutableArray<OutputColumn> Columns { get; } = columns;

    public TupleLayout Layout { get; } = layout;

    /// <summary>A result of named columns that no table stands behind: SHOW, EXPLAIN.</summary>
    public static ResultShape Of(params (string Name, SqlType Type)[] columns)
    {
        ImmutableArray<OutputColumn> output = [.. columns.Select((column, i) => new OutputColumn(i + 1, column.Name, column.Type, true))];
        return new ResultShape(output, new TupleLayout([.. output.Select(column => column.Type)]));
    }
}

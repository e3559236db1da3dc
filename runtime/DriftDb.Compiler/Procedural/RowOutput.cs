using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The rows that a routine returns: each value in the type that the call wants it in.</summary>
internal sealed unsafe class RowOutput(Session session, Routine routine, RowWriter writer)
{
    private ImmutableArray<SqlType> Types => writer.Layout.Types;

    /// <summary>The call's columns, without a number that it counts itself.</summary>
    private int ColumnCount => !routine.ReturnColumns.IsEmpty ? routine.ReturnColumns.Length : routine.ReturnType.Id == TypeId.Record ? routine.ReturnType.Row?.Fields.Length ?? Types.Length : 1;

    public void Add(ReadOnlySpan<object?> values, ImmutableArray<SqlType> types)
    {
        writer.BeginRow();
        byte* slot = stackalloc byte[16];
        for (int i = 0; i < values.Length && i < ColumnCount; i++)
        {
            if (session.Conversions.Convert(values[i], types[i], Types[i]) is not { } value) continue;
            if (value is byte[] bytes && Types[i].Kind == PhysicalKind.Bytes)
            {
                writer.SetBytes(i, bytes);
                continue;
            }

            BoxedValue.Store(value, Types[i], slot, writer.Arena);
            writer.Set(i, Datum.FromSlot(Types[i], slot));
        }
    }

    /// <summary>A row of one value, or the fields of a value that is a row.</summary>
    public void AddValue(object? value, SqlType type)
    {
        if (type.Row is { } row && routine.ReturnType.Id == TypeId.Record)
        {
            Add(value is null ? [] : session.Conversions.Decode((byte[])value, row), ValueConversions.TypesOf(row));
            return;
        }

        if (routine.ReturnType.IsComposite) throw new SqlException(SqlState.DatatypeMismatch, "cannot return non-composite value from function returning composite type");
        Add([value], [type]);
    }

    /// <summary>42804 unless a query's columns are those that the routine returns.</summary>
    public void Require(ImmutableArray<OutputColumn> columns)
    {
        const string Message = "structure of query does not match function result type";
        if (columns.Length != ColumnCount)
            throw new SqlException(SqlState.DatatypeMismatch, Message, detail: $"Number of returned columns ({columns.Length}) does not match expected column count ({ColumnCount}).");
        for (int i = 0; i < columns.Length; i++)
            if (!columns[i].Type.SameTypeAs(Types[i]))
                throw new SqlException(SqlState.DatatypeMismatch, Message, detail: $"Returned type {columns[i].Type.WithoutTypmod()} does not match expected type {Types[i].WithoutTypmod()} in column {i + 1}.");
    }
}

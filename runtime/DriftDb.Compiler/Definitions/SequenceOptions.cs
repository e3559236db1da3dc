using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The options of CREATE and ALTER SEQUENCE, with PostgreSQL's defaults and checks.</summary>
internal static class SequenceOptions
{
    public static long MaximumOf(SqlType type) => type.Id switch { TypeId.Int2 => short.MaxValue, TypeId.Int4 => int.MaxValue, _ => long.MaxValue };

    private static long MinimumOf(SqlType type) => type.Id switch { TypeId.Int2 => short.MinValue, TypeId.Int4 => int.MinValue, _ => long.MinValue };

    public static SequenceObject Apply(SequenceObject sequence, IEnumerable<SequenceOption> options, Session session)
    {
        bool minGiven = false, maxGiven = false, startGiven = false;
        foreach (var option in options)
        {
            switch (option)
            {
                case SequenceOption.As type:
                    var resolved = Binder.TypeResolution.resolve(session.Catalog, type.Type);
                    if (!resolved.IsInteger) throw new SqlException(SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint");
                    sequence = sequence with { Type = StoredType.From(resolved), Maximum = MaximumOf(resolved) };
                    break;
                case SequenceOption.Increment increment:
                    if (increment.Value == 0) throw new SqlException(SqlState.InvalidParameterValue, "INCREMENT must not be zero");
                    sequence = sequence with { Increment = increment.Value };
                    break;
                case SequenceOption.MinValue { Value: { } value }:
                    sequence = sequence with { Minimum = value.Value };
                    minGiven = true;
                    break;
                case SequenceOption.MaxValue { Value: { } value }:
                    sequence = sequence with { Maximum = value.Value };
                    maxGiven = true;
                    break;
                case SequenceOption.Start start:
                    sequence = sequence with { Start = start.Value };
                    startGiven = true;
                    break;
                case SequenceOption.Cache cache: sequence = sequence with { Cache = cache.Value }; break;
                case SequenceOption.Cycle cycle: sequence = sequence with { Cycle = cycle.Cycle }; break;
                case SequenceOption.OwnedBy { Column: null }: sequence = sequence with { OwnerTable = 0, OwnerColumn = 0 }; break;
                case SequenceOption.OwnedBy { Column: { } column }: sequence = WithOwner(sequence, column.Value, session); break;
            }
        }

        var type2 = sequence.Type.ToSqlType();
        if (sequence.Increment < 0)
        {
            if (!maxGiven && sequence.Maximum == MaximumOf(type2)) sequence = sequence with { Maximum = -1 };
            if (!minGiven && sequence.Minimum == 1) sequence = sequence with { Minimum = MinimumOf(type2) };
        }

        if (!startGiven && (sequence.Start < sequence.Minimum || sequence.Start > sequence.Maximum || minGiven || maxGiven || sequence.Increment < 0))
            sequence = sequence with { Start = sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum };
        if (sequence.Minimum >= sequence.Maximum) throw new SqlException(SqlState.InvalidParameterValue, $"MINVALUE ({sequence.Minimum}) must be less than MAXVALUE ({sequence.Maximum})");
        if (sequence.Start < sequence.Minimum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({sequence.Start}) cannot be less than MINVALUE ({sequence.Minimum})");
        if (sequence.Start > sequence.Maximum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({sequence.Start}) cannot be greater than MAXVALUE ({sequence.Maximum})");
        return sequence;
    }

    private static SequenceObject WithOwner(SequenceObject sequence, QualifiedName name, Session session)
    {
        var parts = name.Texts.ToList();
        if (session.Catalog.Find(parts.Count > 2 ? parts[^3] : null, parts[^2]) is not TableRelation table) throw new SqlException(SqlState.UndefinedTable, $"relation \"{parts[^2]}\" does not exist", name.Span);
        var column = table.Definition.LiveColumns().FirstOrDefault(candidate => candidate.Name == parts[^1])
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{parts[^1]}\" of relation \"{parts[^2]}\" does not exist", name.Span);
        return sequence with { OwnerTable = table.Oid, OwnerColumn = column.Number };
    }
}

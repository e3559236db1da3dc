using System.Text;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A foreign key with its two tables, as one catalog knows them.</summary>
internal sealed unsafe class ForeignKey
{
    private readonly int[] _columns, _referenced;

    public ForeignKey(ConstraintObject definition, TableRelation referencing, TableRelation referenced)
    {
        Definition = definition;
        Referencing = referencing;
        Referenced = referenced;
        _columns = [.. definition.Columns.Select(number => OrdinalOf(referencing, number))];
        _referenced = [.. definition.ReferencedColumns.Select(number => OrdinalOf(referenced, number))];
    }

    public ConstraintObject Definition { get; }

    public TableRelation Referencing { get; }

    public TableRelation Referenced { get; }

    /// <summary>The key's columns in the referencing table, by ordinal, as the constraint lists them.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <summary>The columns that they refer to, in the same order.</summary>
    public ReadOnlySpan<int> ReferencedColumns => _referenced;

    public string ColumnNames => string.Join(", ", _columns.Select(ordinal => Referencing.Columns[ordinal].Name));

    public string ReferencedNames => string.Join(", ", _referenced.Select(ordinal => Referenced.Columns[ordinal].Name));

    /// <summary>The unique index that finds the referenced row.</summary>
    public StorageIndex Index => (StorageIndex)(Referenced.Indexes.FirstOrDefault(index => index.Oid == Definition.IndexOid)?.Source
        ?? throw new SqlException(SqlState.InternalError, $"the index of foreign key \"{Definition.Name}\" is missing"));

    /// <summary>How many of the key's columns are NULL in the referencing row.</summary>
    public int NullsIn(byte* tuple)
    {
        int nulls = 0;
        foreach (int ordinal in _columns)
            if (TupleLayout.IsNull(tuple, ordinal)) nulls++;
        return nulls;
    }

    /// <summary>Builds the key of the row that a referencing row means. No column may be NULL.</summary>
    public void BuildReferenced(byte* tuple, TupleLayout layout, StorageIndex index, KeyBuilder key) => Build(tuple, layout, _columns, index, key);

    /// <summary>Builds the referenced row's own key.</summary>
    public void BuildOwn(byte* tuple, TupleLayout layout, StorageIndex index, KeyBuilder key) => Build(tuple, layout, _referenced, index, key);

    private void Build(byte* tuple, TupleLayout layout, int[] ordinals, StorageIndex index, KeyBuilder key)
    {
        key.Reset();
        foreach (KeyColumn part in index.Definition.Key)
        {
            int ordinal = ordinals[Array.FindIndex(_referenced, referenced => Referenced.Columns[referenced].ColumnId == part.ColumnId)];
            byte* slot = tuple + layout.Offset(ordinal);
            // Integers of all widths have one encoding; every other pair of types has the same representation (see ForeignKeyTypes).
            switch (layout.Types[ordinal].Kind)
            {
                case PhysicalKind.Int16 when part.Type.Kind != PhysicalKind.Int16: key.AppendInt64(part, *(short*)slot); break;
                case PhysicalKind.Int32 when part.Type.Kind != PhysicalKind.Int32: key.AppendInt64(part, *(int*)slot); break;
                case PhysicalKind.Int64 when part.Type.Kind != PhysicalKind.Int64: key.AppendInt64(part, System.Runtime.CompilerServices.Unsafe.ReadUnaligned<long>(slot)); break;
                default: key.AppendSlot(part, slot); break;
            }
        }
    }

    /// <summary>The key's values in a referencing row, for messages.</summary>
    public string ValuesOf(byte* tuple, TupleLayout layout, FormatSettings format)
    {
        var text = new StringBuilder();
        foreach (int ordinal in _columns)
        {
            if (text.Length > 0) text.Append(", ");
            text.Append(TupleLayout.IsNull(tuple, ordinal) ? "null" : ValueText.Format(layout.Types[ordinal], tuple + layout.Offset(ordinal), format));
        }

        return text.ToString();
    }

    public SqlException NotPresent(string values) => Violation($"Key ({ColumnNames})=({values}) is not present in table \"{Referenced.Name}\".");

    public SqlException MixesNulls() => Violation("MATCH FULL does not allow mixing of null and nonnull key values.");

    public SqlException StillReferenced(string values) =>
        new(SqlState.ForeignKeyViolation, $"update or delete on table \"{Referenced.Name}\" violates foreign key constraint \"{Definition.Name}\" on table \"{Referencing.Name}\"",
            detail: $"Key ({ReferencedNames})=({values}) is still referenced from table \"{Referencing.Name}\".")
        {
            SchemaName = Referencing.Schema, TableName = Referencing.Name, ConstraintName = Definition.Name,
        };

    private SqlException Violation(string detail) =>
        new(SqlState.ForeignKeyViolation, $"insert or update on table \"{Referencing.Name}\" violates foreign key constraint \"{Definition.Name}\"", detail: detail)
        {
            SchemaName = Referencing.Schema, TableName = Referencing.Name, ConstraintName = Definition.Name,
        };

    private static int OrdinalOf(TableRelation table, short number)
    {
        for (int i = 0; i < table.Columns.Length; i++)
            if (table.Columns[i].AttributeNumber == number) return i;
        throw new SqlException(SqlState.DataCorrupted, $"a foreign key names column {number} of table \"{table.Name}\", which doesn't exist");
    }
}

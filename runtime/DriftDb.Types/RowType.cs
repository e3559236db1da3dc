using System.Collections.Immutable;

namespace DriftDb.Types;

/// <summary>A field of a row type.</summary>
public sealed record RowField(string Name, SqlType Type);

/// <summary>
/// What a record consists of: a composite type, a relation's row type, or the row that a query makes, which has names and types but no name of its own (<see cref="Oid"/> = 0).
/// </summary>
public sealed class RowType : IEquatable<RowType>
{
    public RowType(int oid, int arrayOid, string name, ImmutableArray<RowField> fields)
    {
        Oid = oid;
        ArrayOid = arrayOid;
        Name = name;
        Fields = fields;
    }

    /// <summary>pg_type.oid; 0 for a record without a type of its own.</summary>
    public int Oid { get; }

    public int ArrayOid { get; }

    public string Name { get; }

    public ImmutableArray<RowField> Fields { get; }

    /// <summary>True for a composite type and the row type of a relation.</summary>
    public bool IsNamed => Oid != 0;

    /// <summary>A record with these fields.</summary>
    public static RowType Anonymous(IEnumerable<RowField> fields) => new(0, 0, "record", [.. fields]);

    /// <summary>What ROW(…) makes: fields called f1, f2 …</summary>
    public static RowType Of(IEnumerable<SqlType> types) => Anonymous(types.Select((type, i) => new RowField($"f{i + 1}", type)));

    /// <summary>The field's place; -1 when there is none of this name.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Fields.Length; i++)
            if (Fields[i].Name == name) return i;
        return -1;
    }

    public bool Equals(RowType? other) => ReferenceEquals(this, other) || (other is not null && Oid == other.Oid && Name == other.Name && Fields.SequenceEqual(other.Fields));

    public override bool Equals(object? obj) => Equals(obj as RowType);

    public override int GetHashCode() => HashCode.Combine(Oid, Fields.Length);
}

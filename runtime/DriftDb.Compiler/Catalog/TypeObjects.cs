using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>A label of a stored enum. Its key is what values are (see <see cref="EnumKeys"/>) and never changes.</summary>
[MessagePackObject]
public sealed record EnumLabelObject
{
    /// <summary>pg_enum.oid.</summary>
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required byte[] Key { get; init; }

    [Key(2)] public required string Text { get; init; }

    /// <summary>pg_enum.enumsortorder.</summary>
    [Key(3)] public float SortOrder { get; init; }
}

/// <summary>An enum as it is stored.</summary>
[MessagePackObject]
public sealed record EnumObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required int ArrayOid { get; init; }

    [Key(2)] public required string Schema { get; init; }

    [Key(3)] public required string Name { get; init; }

    /// <summary>In their order.</summary>
    [Key(4)] public required EnumLabelObject[] Labels { get; init; }

    [Key(20)] public int Owner { get; init; }

    [Key(21)] public AclEntry[]? Acl { get; init; }

    [IgnoreMember] public int OwnerOid => Owner == 0 ? WellKnownOids.Superuser : Owner;

    internal SqlType ToSqlType() => SqlType.EnumOf(new EnumType(Oid, ArrayOid, ObjectNames.QuoteIfNeeded(Name), [.. Labels.Select(label => new EnumLabel(label.Key, label.Text))]));
}

/// <summary>A composite type as it is stored: to clients a relation of kind 'c' and its row type.</summary>
[MessagePackObject]
public sealed record CompositeObject
{
    /// <summary>pg_type.oid.</summary>
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required int ArrayOid { get; init; }

    /// <summary>pg_class.oid.</summary>
    [Key(2)] public required int RelationOid { get; init; }

    [Key(3)] public required string Schema { get; init; }

    [Key(4)] public required string Name { get; init; }

    /// <summary>Attributes; a dropped one keeps its number.</summary>
    [Key(5)] public required ColumnObject[] Columns { get; init; }

    [Key(20)] public int Owner { get; init; }

    [Key(21)] public AclEntry[]? Acl { get; init; }

    [IgnoreMember] public int OwnerOid => Owner == 0 ? WellKnownOids.Superuser : Owner;

    public IEnumerable<ColumnObject> LiveColumns() => Columns.Where(column => !column.IsDropped);
}

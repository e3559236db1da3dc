using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>
/// A type as it is stored: the oid of its kind (an array's is its own) and modifier; the distinct type, where it is one, or its elements are; and the oid of the enum or composite type, whose
/// labels and attributes are the catalog's to say: <see cref="UserTypes"/> adds them when the catalog is read.
/// </summary>
[MessagePackObject]
public readonly record struct StoredType([property: Key(0)] int Oid, [property: Key(1)] int Typmod, [property: Key(2)] int DistinctOid = 0, [property: Key(3)] string? DistinctName = null, [property: Key(4)] int UserOid = 0)
{
    /// <summary>The enum or composite type of <see cref="UserOid"/>, at the version of the catalog that this was read from.</summary>
    [IgnoreMember] public SqlType? Resolved { get; init; }

    /// <summary>pg_type.oid.</summary>
    [IgnoreMember] public int TypeOid => Resolved is null ? Oid : TypeNames.Oid(ToSqlType());

    public bool Equals(StoredType other) => Oid == other.Oid && Typmod == other.Typmod && DistinctOid == other.DistinctOid && UserOid == other.UserOid;

    public override int GetHashCode() => HashCode.Combine(Oid, Typmod, DistinctOid, UserOid);

    public static StoredType From(SqlType type)
    {
        var item = type.Element ?? type;
        var distinct = type.Distinct ?? item.Distinct;
        int user = item.Enum?.Oid ?? (item.IsComposite ? item.Row!.Oid : 0);
        return new StoredType(TypeNames.PlainOid(type), item.Typmod, distinct?.Oid ?? 0, distinct?.Name, user) { Resolved = user == 0 ? null : item };
    }

    public SqlType ToSqlType()
    {
        var type = Plain();
        if (UserOid != 0)
        {
            var user = Resolved ?? throw new SqlException(SqlState.DataCorrupted, $"the catalog names type {UserOid}, which doesn't exist");
            return type.IsArray ? SqlType.ArrayOf(user) : user;
        }

        if (DistinctOid == 0) return type;
        var distinct = new DistinctType(DistinctOid, DistinctName!);
        return type.IsArray ? SqlType.ArrayOf(type.Element!.AsDistinct(distinct)) : type.AsDistinct(distinct);
    }

    private SqlType Plain()
    {
        var type = TypeNames.FromOid(Oid) ?? throw new SqlException(SqlState.DataCorrupted, $"the catalog names type {Oid}, which doesn't exist");
        if (Typmod < 0) return type;
        return type.IsArray ? SqlType.ArrayOf(SqlType.Of(type.Element!.Id, Typmod)) : SqlType.Of(type.Id, Typmod);
    }
}

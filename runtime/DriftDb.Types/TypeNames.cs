using System.Collections.Frozen;

namespace DriftDb.Types;

/// <summary>Names of types: what pg_type.typname has, what format_type displays, and what a user may write.</summary>
public static class TypeNames
{
    private static readonly (TypeId Id, string TypName, string Display, int ArrayOid)[] Table =
    [
        (TypeId.Bool, "bool", "boolean", 1000), (TypeId.Bytea, "bytea", "bytea", 1001), (TypeId.Char, "char", "\"char\"", 1002),
        (TypeId.Name, "name", "name", 1003), (TypeId.Int8, "int8", "bigint", 1016), (TypeId.Int2, "int2", "smallint", 1005),
        (TypeId.Int2Vector, "int2vector", "int2vector", 1006), (TypeId.Int4, "int4", "integer", 1007), (TypeId.RegProc, "regproc", "regproc", 1008),
        (TypeId.Text, "text", "text", 1009), (TypeId.Oid, "oid", "oid", 1028), (TypeId.Tid, "tid", "tid", 1010), (TypeId.Xid, "xid", "xid", 1011),
        (TypeId.Cid, "cid", "cid", 1012), (TypeId.OidVector, "oidvector", "oidvector", 1013), (TypeId.Json, "json", "json", 199),
        (TypeId.Xml, "xml", "xml", 143), (TypeId.PgNodeTree, "pg_node_tree", "pg_node_tree", 0), (TypeId.Float4, "float4", "real", 1021),
        (TypeId.Float8, "float8", "double precision", 1022), (TypeId.Money, "money", "money", 791), (TypeId.Inet, "inet", "inet", 1041), (TypeId.Cidr, "cidr", "cidr", 651), (TypeId.MacAddr, "macaddr", "macaddr", 1040),
        (TypeId.AclItem, "aclitem", "aclitem", 1034), (TypeId.BpChar, "bpchar", "character", 1014), (TypeId.VarChar, "varchar", "character varying", 1015),
        (TypeId.Date, "date", "date", 1182), (TypeId.Time, "time", "time without time zone", 1183), (TypeId.Timestamp, "timestamp", "timestamp without time zone", 1115),
        (TypeId.TimestampTz, "timestamptz", "timestamp with time zone", 1185), (TypeId.Interval, "interval", "interval", 1187),
        (TypeId.TimeTz, "timetz", "time with time zone", 1270), (TypeId.Bit, "bit", "bit", 1561), (TypeId.VarBit, "varbit", "bit varying", 1563),
        (TypeId.Numeric, "numeric", "numeric", 1231), (TypeId.RefCursor, "refcursor", "refcursor", 2201), (TypeId.RegProcedure, "regprocedure", "regprocedure", 2207),
        (TypeId.RegOper, "regoper", "regoper", 2208), (TypeId.RegOperator, "regoperator", "regoperator", 2209), (TypeId.RegClass, "regclass", "regclass", 2210),
        (TypeId.RegType, "regtype", "regtype", 2211), (TypeId.RegRole, "regrole", "regrole", 4097), (TypeId.RegNamespace, "regnamespace", "regnamespace", 4090),
        (TypeId.RegCollation, "regcollation", "regcollation", 4192), (TypeId.RegConfig, "regconfig", "regconfig", 3735), (TypeId.RegDictionary, "regdictionary", "regdictionary", 3770),
        (TypeId.Uuid, "uuid", "uuid", 2951), (TypeId.PgLsn, "pg_lsn", "pg_lsn", 3221), (TypeId.Jsonb, "jsonb", "jsonb", 3807),
        (TypeId.Record, "record", "record", 2287), (TypeId.Void, "void", "void", 0), (TypeId.Trigger, "trigger", "trigger", 0), (TypeId.Unknown, "unknown", "unknown", 0),
        (TypeId.Any, "any", "\"any\"", 0), (TypeId.Array, "anyarray", "anyarray", 0), (TypeId.AnyElement, "anyelement", "anyelement", 0),
        (TypeId.AnyNonArray, "anynonarray", "anynonarray", 0), (TypeId.Enum, "anyenum", "anyenum", 0), (TypeId.AnyRange, "anyrange", "anyrange", 0),
        (TypeId.AnyCompatible, "anycompatible", "anycompatible", 0), (TypeId.AnyCompatibleArray, "anycompatiblearray", "anycompatiblearray", 0),
    ];

    private static readonly FrozenDictionary<TypeId, (string TypName, string Display, int ArrayOid)> ById =
        Table.ToFrozenDictionary(row => row.Id, row => (row.TypName, row.Display, row.ArrayOid));

    private static readonly FrozenDictionary<string, TypeId> ByTypName = Table.ToFrozenDictionary(row => row.TypName, row => row.Id);

    private static readonly FrozenDictionary<int, TypeId> ByArrayOid =
        Table.Where(row => row.ArrayOid != 0).ToFrozenDictionary(row => row.ArrayOid, row => row.Id);

    /// <summary>Names that SQL allows beside pg_type's (multi-word names with single spaces).</summary>
    private static readonly FrozenDictionary<string, TypeId> Synonyms = new Dictionary<string, TypeId>
    {
        ["boolean"] = TypeId.Bool, ["smallint"] = TypeId.Int2, ["int"] = TypeId.Int4, ["integer"] = TypeId.Int4, ["bigint"] = TypeId.Int8,
        ["real"] = TypeId.Float4, ["float"] = TypeId.Float8, ["double precision"] = TypeId.Float8, ["decimal"] = TypeId.Numeric, ["dec"] = TypeId.Numeric,
        ["character varying"] = TypeId.VarChar, ["char varying"] = TypeId.VarChar, ["character"] = TypeId.BpChar, ["nchar"] = TypeId.BpChar,
        ["national character"] = TypeId.BpChar, ["national char"] = TypeId.BpChar, ["national character varying"] = TypeId.VarChar,
        ["national char varying"] = TypeId.VarChar, ["string"] = TypeId.Text, ["bit varying"] = TypeId.VarBit, ["blob"] = TypeId.Bytea, ["clob"] = TypeId.Text, ["nclob"] = TypeId.Text,
        ["time without time zone"] = TypeId.Time, ["time with time zone"] = TypeId.TimeTz, ["timestamp without time zone"] = TypeId.Timestamp,
        ["timestamp with time zone"] = TypeId.TimestampTz,
    }.ToFrozenDictionary();

    /// <summary>Arrays of enums within records and in the catalog's objects; no type of PostgreSQL has this number.</summary>
    private const int EnumArrayOid = 3499;

    /// <summary>pg_type.typname.</summary>
    public static string TypName(TypeId id) => ById.TryGetValue(id, out var row) ? row.TypName : id.ToString();

    /// <summary>pg_type.typname of a type; arrays have an underscore before their element's.</summary>
    public static string TypName(SqlType type) => type.IsArray ? "_" + TypName(type.Element!) : type.Enum?.Name ?? (type.IsComposite ? type.Row!.Name : TypName(type.Id));

    public static string Display(TypeId id) => ById.TryGetValue(id, out var row) ? row.Display : id.ToString();

    /// <summary>All base types, for pg_type.</summary>
    public static IEnumerable<(TypeId Id, string TypName, int ArrayOid)> All => Table.Select(row => (row.Id, row.TypName, row.ArrayOid));

    /// <summary>The type's object id on the wire: arrays, enums and composite types have their own.</summary>
    public static int Oid(SqlType type)
    {
        if (type.Enum is { } labels) return labels.Oid;
        if (type.Row is { IsNamed: true } row) return row.Oid;
        if (type.Element?.Enum is { } elements) return elements.ArrayOid;
        if (type.Element?.Row is { IsNamed: true } rows) return rows.ArrayOid;
        return PlainOid(type);
    }

    /// <summary>The object id of the kind of type, which says how a value's bytes compare: all enums have one, and all records.</summary>
    public static int PlainOid(SqlType type) => type.IsArray && type.Element!.Id == TypeId.Enum ? EnumArrayOid : !type.IsArray ? (int)type.Id : ById.TryGetValue(type.Element!.Id, out var row) && row.ArrayOid != 0 ? row.ArrayOid : (int)TypeId.Array;

    /// <summary>The type with this object id; null when unknown.</summary>
    public static SqlType? FromOid(int oid)
    {
        if (oid == (int)TypeId.Array) return null;
        if (oid == EnumArrayOid) return SqlType.ArrayOf(SqlType.Of(TypeId.Enum));
        if (ById.ContainsKey((TypeId)oid)) return SqlType.Of((TypeId)oid);
        return ByArrayOid.TryGetValue(oid, out TypeId element) ? SqlType.ArrayOf(SqlType.Of(element)) : null;
    }

    /// <summary>Looks a type name up, lower case; an underscore before a name asks for the array. Returns null when there is none.</summary>
    public static SqlType? Find(string name)
    {
        // "char" (quoted) is the catalogs' one-byte type; the front-end maps the keyword CHAR to bpchar before it comes here.
        if (Synonyms.TryGetValue(name, out TypeId id) || ByTypName.TryGetValue(name, out id)) return id == TypeId.Array ? null : SqlType.Of(id);
        return name.StartsWith('_') && ByTypName.TryGetValue(name[1..], out id) ? SqlType.ArrayOf(SqlType.Of(id)) : null;
    }
}

using System.Globalization;

namespace DriftDb.Types;

/// <summary>
/// A type of the typed IRs: its identity, its modifier as PostgreSQL encodes it (atttypmod), the element of an array, and for numeric the
/// precision and scale that the compiler has proved, which choose the representation.
/// </summary>
/// <remarks>
/// A <i>computed</i> numeric such as <c>l_extendedprice * (1 - l_discount)</c> has no modifier for clients (<see cref="Typmod"/> is -1) but a
/// proven precision and scale; as long as the precision is at most 38 it is computed in scaled integers, exactly and with the display scale
/// that PostgreSQL gives. Where nothing is proven (<see cref="Precision"/> = 0) a numeric is <see cref="SqlNumeric"/>-encoded bytes.
/// </remarks>
public sealed record SqlType
{
    private SqlType(TypeId id, int typmod, SqlType? element, byte precision, byte scale, DistinctType? distinct = null, EnumType? labels = null, RowType? row = null)
    {
        Distinct = distinct;
        Enum = labels;
        Row = row;
        Id = id;
        Typmod = typmod;
        Element = element;
        Precision = precision;
        Scale = scale;
        Kind = KindOf(id, precision);
    }

    public TypeId Id { get; }

    /// <summary>The modifier as atttypmod has it: -1 for none; varchar(n) and char(n): n + 4, with <see cref="OctetsFlag"/> where n counts bytes; numeric(p, s): ((p &lt;&lt; 16) | s) + 4; timestamp(p): p.</summary>
    public int Typmod { get; }

    /// <summary>The element type of an array; null for everything else.</summary>
    public SqlType? Element { get; }

    /// <summary>Numeric: the digits that suffice for every value, 1 to 38; 0 when nothing is proven.</summary>
    public byte Precision { get; }

    /// <summary>Numeric with <see cref="Precision"/> &gt; 0: the digits after the point, which every value has exactly.</summary>
    public byte Scale { get; }

    public PhysicalKind Kind { get; }

    /// <summary>Which distinct type it is; null for a predefined type. Values lie, compare, sort and print as those of the source type, which all else here describes: what may meet what is the binder's to decide.</summary>
    public DistinctType? Distinct { get; }

    /// <summary>Which enum it is, as it is at the moment that the statement asks about; null for everything else, and for anyenum.</summary>
    public EnumType? Enum { get; }

    /// <summary>What a record's fields are; null for everything else, and for a record of which nothing is known.</summary>
    public RowType? Row { get; }

    /// <summary>True for a composite type and for the row type of a relation.</summary>
    public bool IsComposite => Row is { IsNamed: true };

    /// <summary>The type of an enum's values.</summary>
    public static SqlType EnumOf(EnumType type) => new(TypeId.Enum, -1, null, 0, 0, labels: type);

    /// <summary>The type of records with these fields.</summary>
    public static SqlType RowOf(RowType row) => new(TypeId.Record, -1, null, 0, 0, row: row);

    /// <summary>The distinct type over this type's values.</summary>
    public SqlType AsDistinct(DistinctType distinct) => new(Id, Typmod, Element, Precision, Scale, distinct, Enum, Row);

    /// <summary>The type whose values a distinct type has; the type itself for others.</summary>
    public SqlType Source => Distinct is null ? this : new SqlType(Id, Typmod, Element, Precision, Scale, null, Enum, Row);

    public static readonly SqlType Unknown = new(TypeId.Unknown, -1, null, 0, 0);
    public static readonly SqlType Bool = new(TypeId.Bool, -1, null, 0, 0);
    public static readonly SqlType Bytea = new(TypeId.Bytea, -1, null, 0, 0);
    public static readonly SqlType Char1 = new(TypeId.Char, -1, null, 0, 0);
    public static readonly SqlType Name = new(TypeId.Name, -1, null, 0, 0);
    public static readonly SqlType Int2 = new(TypeId.Int2, -1, null, 0, 0);
    public static readonly SqlType Int4 = new(TypeId.Int4, -1, null, 0, 0);
    public static readonly SqlType Int8 = new(TypeId.Int8, -1, null, 0, 0);
    public static readonly SqlType Text = new(TypeId.Text, -1, null, 0, 0);
    public static readonly SqlType Oid = new(TypeId.Oid, -1, null, 0, 0);
    public static readonly SqlType Json = new(TypeId.Json, -1, null, 0, 0);
    public static readonly SqlType Jsonb = new(TypeId.Jsonb, -1, null, 0, 0);
    public static readonly SqlType Float4 = new(TypeId.Float4, -1, null, 0, 0);
    public static readonly SqlType Float8 = new(TypeId.Float8, -1, null, 0, 0);
    public static readonly SqlType Date = new(TypeId.Date, -1, null, 0, 0);
    public static readonly SqlType Time = new(TypeId.Time, -1, null, 0, 0);
    public static readonly SqlType TimeTz = new(TypeId.TimeTz, -1, null, 0, 0);
    public static readonly SqlType Timestamp = new(TypeId.Timestamp, -1, null, 0, 0);
    public static readonly SqlType TimestampTz = new(TypeId.TimestampTz, -1, null, 0, 0);
    public static readonly SqlType Interval = new(TypeId.Interval, -1, null, 0, 0);
    public static readonly SqlType Uuid = new(TypeId.Uuid, -1, null, 0, 0);
    public static readonly SqlType VarChar = new(TypeId.VarChar, -1, null, 0, 0);
    public static readonly SqlType BpChar = new(TypeId.BpChar, -1, null, 0, 0);
    public static readonly SqlType Record = new(TypeId.Record, -1, null, 0, 0);
    public static readonly SqlType Void = new(TypeId.Void, -1, null, 0, 0);
    public static readonly SqlType RegClass = new(TypeId.RegClass, -1, null, 0, 0);
    public static readonly SqlType RegType = new(TypeId.RegType, -1, null, 0, 0);

    /// <summary>Numeric without precision: any scale, any size.</summary>
    public static readonly SqlType Numeric = new(TypeId.Numeric, -1, null, 0, 0);

    /// <summary>The type with this id and no modifier.</summary>
    public static SqlType Of(TypeId id) => new(id, -1, null, 0, 0);

    /// <summary>The type with this id and PostgreSQL's modifier.</summary>
    public static SqlType Of(TypeId id, int typmod)
    {
        if (id != TypeId.Numeric || typmod < 4) return new SqlType(id, typmod, null, 0, 0);
        int precision = (typmod - 4) >> 16, scale = (typmod - 4) & 0x7FF;
        bool isFixed = precision <= 38 && scale <= precision;
        return new SqlType(id, typmod, null, isFixed ? (byte)precision : (byte)0, isFixed ? (byte)scale : (byte)0);
    }

    public static SqlType ArrayOf(SqlType element) => new(TypeId.Array, -1, element, 0, 0);

    /// <summary>numeric(p, s) as declared by a user.</summary>
    public static SqlType DeclaredNumeric(int precision, int scale) => Of(TypeId.Numeric, ((precision << 16) | scale) + 4);

    /// <summary>A computed numeric of proven precision and scale; numeric without bounds where the precision passes 38.</summary>
    public static SqlType FixedNumeric(int precision, int scale) =>
        precision is > 0 and <= 38 && scale >= 0 && scale <= precision ? new(TypeId.Numeric, -1, null, (byte)precision, (byte)scale) : Numeric;

    /// <summary>Numeric whose values are scaled integers of known scale.</summary>
    public bool IsFixedNumeric => Id == TypeId.Numeric && Precision > 0;

    /// <summary>In a string type's modifier: the length is one of bytes, <c>varchar(10 OCTETS)</c>.</summary>
    public const int OctetsFlag = 1 << 30;

    /// <summary>The n of varchar(n) and char(n); -1 for no limit.</summary>
    public int Length => Typmod >= 4 ? (Typmod & ~OctetsFlag) - 4 : -1;

    /// <summary>True when <see cref="Length"/> counts bytes instead of characters.</summary>
    public bool CountsOctets => Typmod >= OctetsFlag;

    public bool IsArray => Id == TypeId.Array;

    public bool IsInteger => Id is TypeId.Int2 or TypeId.Int4 or TypeId.Int8;

    public bool IsNumber => IsInteger || Id is TypeId.Numeric or TypeId.Float4 or TypeId.Float8;

    /// <summary>Types whose values are UTF-8 text and that compare as such.</summary>
    public bool IsString => Id is TypeId.Text or TypeId.VarChar or TypeId.BpChar or TypeId.Name or TypeId.Unknown;

    public SqlType WithoutTypmod() => Typmod == -1 || Distinct is not null ? this : new SqlType(Id, -1, Element, Precision, Scale, null, Enum, Row);

    /// <summary>Same type for the resolver: modifiers and proven precision don't count.</summary>
    public bool SameTypeAs(SqlType other) => Id == other.Id && Distinct == other.Distinct && Enum?.Oid == other.Enum?.Oid && (Row?.Oid ?? 0) == (other.Row?.Oid ?? 0) && (Element is null || other.Element is null ? Element is null == other.Element is null : Element.SameTypeAs(other.Element));

    private static PhysicalKind KindOf(TypeId id, byte precision) => id switch
    {
        TypeId.Bool => PhysicalKind.Bool,
        TypeId.Int2 => PhysicalKind.Int16,
        TypeId.Int4 or TypeId.Date or TypeId.Oid or TypeId.Xid or TypeId.Cid or TypeId.RegProc or TypeId.RegProcedure or TypeId.RegOper
            or TypeId.RegOperator or TypeId.RegClass or TypeId.RegType or TypeId.RegRole or TypeId.RegNamespace or TypeId.RegCollation
            or TypeId.RegConfig or TypeId.RegDictionary => PhysicalKind.Int32,
        TypeId.Int8 or TypeId.Time or TypeId.Timestamp or TypeId.TimestampTz or TypeId.Money or TypeId.PgLsn => PhysicalKind.Int64,
        TypeId.Float4 => PhysicalKind.Float32,
        TypeId.Float8 => PhysicalKind.Float64,
        TypeId.Interval => PhysicalKind.Interval,
        TypeId.Uuid => PhysicalKind.Uuid,
        TypeId.Numeric when precision is > 0 and <= 18 => PhysicalKind.Int64,
        TypeId.Numeric when precision > 18 => PhysicalKind.Int128,
        _ => PhysicalKind.Bytes,
    };

    /// <summary>The name as format_type gives it: <c>integer</c>, <c>numeric(10,2)</c>, <c>character varying(20)[]</c>.</summary>
    public override string ToString()
    {
        if (Distinct is not null) return Distinct.Name;
        if (IsArray) return Element + "[]";
        if (Enum is not null) return Enum.Name;
        if (Row is not null) return Row.Name;
        string name = TypeNames.Display(Id);
        if (Typmod < 0) return name;
        return Id switch
        {
            TypeId.Numeric when Typmod >= 4 => string.Create(CultureInfo.InvariantCulture, $"numeric({(Typmod - 4) >> 16},{((Typmod - 4) & 0x7FF ^ 0x400) - 0x400})"),
            TypeId.VarChar or TypeId.BpChar when Typmod >= 4 => string.Create(CultureInfo.InvariantCulture, $"{name}({Length}{(CountsOctets ? " octets" : "")})"),
            TypeId.Bit or TypeId.VarBit => string.Create(CultureInfo.InvariantCulture, $"{name}({Typmod})"),
            TypeId.Time or TypeId.Timestamp => string.Create(CultureInfo.InvariantCulture, $"{name[..name.IndexOf(' ', StringComparison.Ordinal)]}({Typmod}) without time zone"),
            TypeId.TimeTz or TypeId.TimestampTz => string.Create(CultureInfo.InvariantCulture, $"{name[..name.IndexOf(' ', StringComparison.Ordinal)]}({Typmod}) with time zone"),
            _ => name,
        };
    }
}

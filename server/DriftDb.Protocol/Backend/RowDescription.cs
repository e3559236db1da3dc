using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>RowDescription, column by column.</summary>
public static class RowDescription
{
    /// <summary>Starts the message; <see cref="End"/> wants what this returns.</summary>
    public static int Begin(ByteWriter output, int columns)
    {
        int start = BackendMessages.Begin(output, (byte)'T');
        BackendMessages.Int16(output, columns);
        return start;
    }

    /// <param name="output">Where to.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="tableOid">pg_class.oid of the table whose column it shows unchanged; 0 for a computed one.</param>
    /// <param name="attributeNumber">Its pg_attribute.attnum, or 0.</param>
    /// <param name="type">Its type.</param>
    /// <param name="format">0 text, 1 binary; 0 where it isn't known yet (a statement's description).</param>
    public static void Column(ByteWriter output, string name, int tableOid, short attributeNumber, SqlType type, short format)
    {
        BackendMessages.CString(output, name);
        BackendMessages.Int32(output, tableOid);
        BackendMessages.Int16(output, attributeNumber);
        BackendMessages.Int32(output, TypeNames.Oid(type));
        BackendMessages.Int16(output, TypeLength(type.Id));
        BackendMessages.Int32(output, type.Typmod);
        BackendMessages.Int16(output, format);
    }

    public static void End(ByteWriter output, int start) => BackendMessages.End(output, start);

    /// <summary>pg_type.typlen: bytes of a value in PostgreSQL's memory, -1 for varying, -2 for NUL-terminated.</summary>
    public static short TypeLength(TypeId type) => type switch
    {
        TypeId.Bool or TypeId.Char => 1,
        TypeId.Int2 => 2,
        TypeId.Int4 or TypeId.Oid or TypeId.Xid or TypeId.Cid or TypeId.Float4 or TypeId.Date or TypeId.RegProc or TypeId.RegProcedure or TypeId.RegOper
            or TypeId.RegOperator or TypeId.RegClass or TypeId.RegType or TypeId.RegRole or TypeId.RegNamespace or TypeId.RegCollation or TypeId.RegConfig
            or TypeId.RegDictionary or TypeId.Void or TypeId.Trigger or TypeId.Any or TypeId.AnyElement or TypeId.AnyNonArray or TypeId.Enum => 4,
        TypeId.Tid => 6,
        TypeId.Int8 or TypeId.Float8 or TypeId.Time or TypeId.Timestamp or TypeId.TimestampTz or TypeId.Money or TypeId.PgLsn => 8,
        TypeId.TimeTz or TypeId.AclItem => 12,
        TypeId.Interval or TypeId.Uuid => 16,
        TypeId.Name => 64,
        TypeId.Unknown => -2,
        _ => -1,
    };
}

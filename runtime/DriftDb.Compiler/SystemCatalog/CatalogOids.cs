namespace DriftDb.Compiler;

/// <summary>
/// Oids of objects that have none of their own in the store. Each catalog has its own numbers, so they only have to be different within one: they are
/// made of the oid of the object they belong to, above all that the store gives out.
/// </summary>
internal static class CatalogOids
{
    private const int RowTypeBit = 1 << 30, RowArrayBit = 1 << 29;

    /// <summary>pg_attrdef.oid of a column's default.</summary>
    public static int Default(int tableOid, short column) => unchecked((int)0x8000_0000) | tableOid << 11 | (ushort)column;

    /// <summary>pg_constraint.oid of a domain's check that has none of its own.</summary>
    public static int DomainCheck(int domainOid, int place) => unchecked((int)0xC000_0000) | domainOid << 5 | place & 31;

    /// <summary>pg_rewrite.oid of a view's rule.</summary>
    public static int Rule(int viewOid) => RowTypeBit | viewOid;

    /// <summary>pg_type.oid of a relation's row type.</summary>
    public static int RowType(int relationOid) => RowTypeBit | relationOid;

    /// <summary>pg_type.oid of the array of a relation's row type.</summary>
    public static int RowArray(int relationOid) => RowArrayBit | relationOid;

    /// <summary>The relation whose row type it is; 0 for none.</summary>
    public static int RelationOfRowType(int typeOid) => (typeOid & RowTypeBit) != 0 && typeOid > 0 ? typeOid & ~RowTypeBit : 0;
}

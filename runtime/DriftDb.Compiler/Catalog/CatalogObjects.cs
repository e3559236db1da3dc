using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>Kinds of catalog objects as the store knows them; the numbers are on disk.</summary>
internal static class ObjectKindNumber
{
    public const int Schema = 16, Table = 17, Index = 18, View = 19, Sequence = 20, Comment = 21, OidCounter = 22, Role = 23, Membership = 24, DatabaseRights = 25, Routine = 26, Domain = 27, Enum = 28, Composite = 29, RoleSettings = 30, DefaultPrivileges = 31;
}

[MessagePackObject]
public sealed record SchemaObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Name { get; init; }

    /// <summary>The role that owns it; 0 for the one that exists from the start.</summary>
    [Key(20)] public int Owner { get; init; }

    /// <summary>What was granted; null for nothing but the owner's rights and PUBLIC's.</summary>
    [Key(21)] public AclEntry[]? Acl { get; init; }

    /// <summary>Schema public belongs to whoever owns the database, and everyone may look into it.</summary>
    [IgnoreMember] public int OwnerOid => Owner != 0 ? Owner : Oid == WellKnownOids.PublicSchema ? RoleCatalog.DatabaseOwner : WellKnownOids.Superuser;

    [IgnoreMember] public AclEntry[] EffectiveAcl => Acl ?? (Oid == WellKnownOids.PublicSchema
        ? [new AclEntry { Grantee = OwnerOid, Grantor = OwnerOid, Rights = Rights.Usage | Rights.Create }, new AclEntry { Grantee = Compiler.Acl.Public, Grantor = OwnerOid, Rights = Rights.Usage }]
        : Compiler.Acl.Default(SecuredKind.Schema, OwnerOid));
}

/// <summary>A column of a stored table or view. A dropped column keeps its number; its name is then empty.</summary>
[MessagePackObject]
public sealed record ColumnObject
{
    /// <summary>pg_attribute.attnum. It stays whatever happens to the column.</summary>
    [Key(0)] public required short Number { get; init; }

    [Key(1)] public required string Name { get; init; }

    [Key(2)] public required StoredType Type { get; init; }

    [Key(3)] public bool IsNotNull { get; init; }

    [Key(4)] public string? DefaultText { get; init; }

    /// <summary>'a' or 'd' for identity columns, else 0.</summary>
    [Key(5)] public char Identity { get; init; }

    [Key(6)] public bool IsGenerated { get; init; }

    /// <summary>1 row start, 2 row end.</summary>
    [Key(7)] public byte SystemTime { get; init; }

    [Key(8)] public bool IsDropped { get; init; }

    /// <summary>The sequence that serial or identity made, to be dropped with the column; 0 for none.</summary>
    [Key(9)] public int OwnedSequence { get; init; }

    /// <summary>The store's column behind it when that isn't the one of the same number: another type is another column of the store. 0 for the same.</summary>
    [Key(10)] public short StoredIn { get; init; }

    /// <summary>What it was before each ALTER COLUMN TYPE, oldest first.</summary>
    [Key(11)] public FormerColumnObject[] Former { get; init; } = [];

    /// <summary>The domain that it was declared with; 0 for a type.</summary>
    [Key(22)] public int Domain { get; init; }

    /// <summary>A column of a document table that no document has had a value for: text until then, whatever the first value is afterwards.</summary>
    [Key(23)] public bool IsUntyped { get; init; }

    /// <summary>What was granted on the column alone.</summary>
    [Key(21)] public AclEntry[]? Acl { get; init; }

    /// <summary>The store's column id.</summary>
    [IgnoreMember] public short StoreId => StoredIn == 0 ? Number : StoredIn;
}

/// <summary>A column before its type was changed: versions of rows from then still have it.</summary>
[MessagePackObject]
public sealed record FormerColumnObject
{
    [Key(0)] public required short StoreId { get; init; }

    [Key(1)] public required StoredType Type { get; init; }

    /// <summary>The last sequence number that versions with the old type can begin at.</summary>
    [Key(2)] public required long Through { get; init; }

    /// <summary>How ALTER TABLE made the new value of the old one: an expression over the row.</summary>
    [Key(3)] public required string Conversion { get; init; }
}

/// <summary>A constraint of a table. Kind as in pg_constraint: 'p' primary key, 'u' unique, 'c' check, 'f' foreign key.</summary>
[MessagePackObject]
public sealed record ConstraintObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Name { get; init; }

    [Key(2)] public required char Kind { get; init; }

    /// <summary>Column numbers.</summary>
    [Key(3)] public short[] Columns { get; init; } = [];

    /// <summary>The index behind a primary key or unique constraint; the referenced index of a foreign key.</summary>
    [Key(4)] public int IndexOid { get; init; }

    [Key(5)] public string? CheckText { get; init; }

    [Key(6)] public int ReferencedTable { get; init; }

    [Key(7)] public short[] ReferencedColumns { get; init; } = [];

    /// <summary>'a' no action, 'r' restrict, 'c' cascade, 'n' set null, 'd' set default.</summary>
    [Key(8)] public char OnDelete { get; init; } = NoAction;

    [Key(9)] public char OnUpdate { get; init; } = NoAction;

    /// <summary>Foreign keys: what a key with NULLs in some of its columns means.</summary>
    [Key(10)] public char Match { get; init; } = MatchSimple;

    [Key(11)] public bool IsDeferrable { get; init; }

    [Key(12)] public bool IsInitiallyDeferred { get; init; }

    /// <summary>Rows older than the constraint haven't been checked.</summary>
    [Key(13)] public bool IsNotValid { get; init; }

    /// <summary>ON DELETE SET NULL (a) or SET DEFAULT (a): these columns alone.</summary>
    [Key(14)] public short[] SetColumns { get; init; } = [];

    /// <summary>The last two of <see cref="Columns"/> are the ends of a period: a key WITHOUT OVERLAPS, or a foreign key with PERIOD.</summary>
    [Key(15)] public bool HasPeriod { get; init; }

    public const char NoAction = 'a', Restrict = 'r', Cascade = 'c', SetNull = 'n', SetDefault = 'd', MatchSimple = 's', MatchFull = 'f';
}

/// <summary>An application-time period of a table.</summary>
[MessagePackObject]
public sealed record PeriodObject
{
    [Key(0)] public required string Name { get; init; }

    /// <summary>The number of the column with its start.</summary>
    [Key(1)] public required short Start { get; init; }

    /// <summary>The number of the column with its end.</summary>
    [Key(2)] public required short End { get; init; }

    /// <summary>The constraint that the start is before the end.</summary>
    [Key(3)] public required int CheckOid { get; init; }

    public bool Has(short column) => column == Start || column == End;
}

[MessagePackObject]
public sealed record TableObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Schema { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public required ColumnObject[] Columns { get; init; }

    [Key(4)] public ConstraintObject[] Constraints { get; init; } = [];

    [Key(5)] public bool IsVersioned { get; init; } = true;

    /// <summary>True for a table made by DriftQL: its columns come and widen with the documents.</summary>
    [Key(6)] public bool IsDocument { get; init; }

    /// <summary>WITH (…) options as <c>name=value</c>, kept for pg_class.reloptions.</summary>
    [Key(7)] public string[] Options { get; init; } = [];

    /// <summary>ON COMMIT of a temporary table; 0 keeps its rows.</summary>
    [Key(8)] public char OnCommit { get; init; }

    /// <summary>A materialized view's query, printed; null for a table.</summary>
    [Key(9)] public string? Query { get; init; }

    /// <summary>Oids of the relations that the query names.</summary>
    [Key(10)] public int[] DependsOn { get; init; } = [];

    /// <summary>A materialized view made or refreshed WITH NO DATA can't be read.</summary>
    [Key(11)] public bool IsUnpopulated { get; init; }

    /// <summary>PERIOD FOR, SYSTEM_TIME aside.</summary>
    [Key(12)] public PeriodObject[] Periods { get; init; } = [];

    /// <summary>The role that owns it; 0 for the one that exists from the start.</summary>
    [Key(20)] public int Owner { get; init; }

    /// <summary>What was granted; null for nothing but the owner's rights and PUBLIC's.</summary>
    [Key(21)] public AclEntry[]? Acl { get; init; }

    /// <summary>The types of the catalog that it was read from: what its texts name.</summary>
    [IgnoreMember] internal UserTypes? Types { get; init; }

    public const char DeleteOnCommit = 'd', DropOnCommit = 'r';

    /// <summary>A column id that the store has never had in this table.</summary>
    public short NextStoreId() => (short)(Columns.Max(column => Math.Max(Math.Max(column.Number, column.StoredIn), column.Former.Select(former => former.StoreId).DefaultIfEmpty().Max())) + 1);

    public IEnumerable<ColumnObject> LiveColumns() => Columns.Where(column => !column.IsDropped);
}

[MessagePackObject]
public sealed record IndexKeyObject
{
    /// <summary>The column's number; 0 for an expression.</summary>
    [Key(0)] public required short Column { get; init; }

    [Key(1)] public string? ExpressionText { get; init; }

    [Key(2)] public bool Descending { get; init; }

    [Key(3)] public bool NullsFirst { get; init; }

    /// <summary>The expression's type; null for a column.</summary>
    [Key(4)] public StoredType? ExpressionType { get; init; }
}

[MessagePackObject]
public sealed record IndexObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required int TableOid { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public required IndexKeyObject[] Keys { get; init; }

    [Key(4)] public bool IsUnique { get; init; }

    [Key(5)] public bool IsPrimary { get; init; }

    [Key(6)] public string? PredicateText { get; init; }

    [Key(7)] public bool NullsNotDistinct { get; init; }

    [Key(8)] public string Method { get; init; } = "btree";

    /// <summary>The last two keys are the ends of a period, and no two rows that agree in the others may overlap.</summary>
    [Key(9)] public bool WithoutOverlaps { get; init; }

    /// <summary>INCLUDE: columns that go with the index when they are dropped. They aren't in it: a row is read from the table.</summary>
    [Key(10)] public short[] Included { get; init; } = [];
}

[MessagePackObject]
public sealed record ViewObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Schema { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public required ColumnObject[] Columns { get; init; }

    /// <summary>The query, printed.</summary>
    [Key(4)] public required string Text { get; init; }

    /// <summary>Oids of the relations that the query names: they can't be dropped without the view.</summary>
    [Key(5)] public int[] DependsOn { get; init; } = [];

    /// <summary>WITH CHECK OPTION: 'l' local, 'c' cascaded, 0 for none.</summary>
    [Key(6)] public char CheckOption { get; init; }

    /// <summary>The role that owns it; 0 for the one that exists from the start.</summary>
    [Key(20)] public int Owner { get; init; }

    /// <summary>What was granted; null for nothing but the owner's rights and PUBLIC's.</summary>
    [Key(21)] public AclEntry[]? Acl { get; init; }
}

[MessagePackObject]
public sealed record SequenceObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Schema { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public required StoredType Type { get; init; }

    [Key(4)] public long Start { get; init; } = 1;

    [Key(5)] public long Increment { get; init; } = 1;

    [Key(6)] public long Minimum { get; init; } = 1;

    [Key(7)] public long Maximum { get; init; } = long.MaxValue;

    [Key(8)] public bool Cycle { get; init; }

    [Key(9)] public long Cache { get; init; } = 1;

    /// <summary>OWNED BY: the table, or 0.</summary>
    [Key(10)] public int OwnerTable { get; init; }

    [Key(11)] public short OwnerColumn { get; init; }

    /// <summary>The role that owns it; 0 for the one that exists from the start.</summary>
    [Key(20)] public int Owner { get; init; }

    /// <summary>What was granted; null for nothing but the owner's rights and PUBLIC's.</summary>
    [Key(21)] public AclEntry[]? Acl { get; init; }
}

/// <summary>Who owns the database, and what was granted on it.</summary>
[MessagePackObject]
public sealed record DatabaseRightsObject
{
    /// <summary>The id under which the store keeps the only one.</summary>
    public const int Id = 1;

    [Key(20)] public int Owner { get; init; }

    [Key(21)] public AclEntry[]? Acl { get; init; }

    [IgnoreMember] public int OwnerOid => Owner == 0 ? WellKnownOids.Superuser : Owner;
}

/// <summary>COMMENT ON.</summary>
[MessagePackObject]
public sealed record CommentObject
{
    /// <summary>pg_description.classoid: which catalog the object is in.</summary>
    [Key(0)] public required int ClassOid { get; init; }

    [Key(1)] public required int ObjectOid { get; init; }

    /// <summary>The column's number; 0 for the object itself.</summary>
    [Key(2)] public required int SubId { get; init; }

    [Key(3)] public required string Text { get; init; }

    /// <summary>The id under which the store keeps it.</summary>
    public static long IdOf(int classOid, int objectOid, int subId) => ((long)objectOid << 16 | (uint)(ushort)subId) ^ ((long)classOid << 50);
}

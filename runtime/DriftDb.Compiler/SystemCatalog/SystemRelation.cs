using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;

namespace DriftDb.Compiler;

/// <summary>A system view whose rows are computed from the live catalog.</summary>
/// <param name="isTable">True where PostgreSQL has a table of its catalog (relkind r), false where it has a view.</param>
internal sealed class SystemRelation(int oid, string schema, string name, bool isTable, ImmutableArray<RelationColumn> columns, ISystemRows rows) : CatalogRelation
{
    public override int Oid => oid;

    public override string Schema => schema;

    public override string Name => name;

    public override RelationKind Kind => RelationKind.SystemView;

    public override ImmutableArray<RelationColumn> Columns => columns;

    public override object Source => rows;

    public bool IsTable => isTable;

    /// <summary>Everyone may read them, but for the ones with passwords in them.</summary>
    internal override AclEntry[] Acl => Name is "pg_authid" or "pg_shadow" ? [] : Readable;

    private static readonly AclEntry[] Readable = [new() { Grantee = Compiler.Acl.Public, Grantor = WellKnownOids.Superuser, Rights = Rights.Select }];
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>GRANT, REVOKE, ALTER … OWNER, REASSIGN and DROP OWNED.</summary>
internal sealed partial class DefinitionExecutor
{
    private string Grant(GrantStatement grant)
    {
        string tag = grant.IsGrant ? "GRANT" : "REVOKE";
        if (grant.GrantedBy?.Value is { } by && Existing(by).Oid != Access.CurrentRole.Oid) throw new SqlException(SqlState.FeatureNotSupported, "grantor must be current user");
        var grantees = grant.Roles.Select(role => role.IsPublic || Name(role) == "public" ? Acl.Public : Existing(role).Oid).ToList();
        if (grant.GrantOption && grant.IsGrant && grantees.Contains(Acl.Public))
            throw new SqlException(SqlState.InvalidGrantOperation, "grant options can only be granted to roles");
        foreach (var item in Targets(grant))
        {
            foreach (var (target, rights) in Parts(item, grant))
            {
                foreach (int grantee in grantees)
                {
                    Apply(grant, target, grantee, rights);
                    if (!grant.IsGrant && target.Kind == SecuredKind.Table) RevokeOnColumns(grant, target, grantee, rights);
                }
            }
        }

        return tag;
    }

    /// <summary>One right change on one object for one role.</summary>
    private void Apply(GrantStatement grant, SecuredObject given, int grantee, Rights rights)
    {
        // An earlier part of the statement may have changed the object.
        var target = Secured().First(item => item.Kind == given.Kind && item.Oid == given.Oid && item.Name == given.Name);
        var roles = Access.Roles.RolesOf(Access.CurrentRole.Oid, byInheritance: true);
        bool isOwner = Access.IsOwner(target.Owner);
        int grantor = isOwner ? target.Owner : Access.CurrentRole.Oid;
        var allowed = isOwner ? rights : rights & Acl.Grantable(target.Effective, roles);
        if (allowed == Rights.None)
        {
            if (Acl.Held(target.Effective, roles) == Rights.None) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for {target.Kind.Word()} {target.Name}");
            session.Notify("WARNING", grant.IsGrant ? "01007" : "01006", grant.IsGrant ? $"no privileges were granted for \"{target.Name}\"" : $"no privileges could be revoked for \"{target.Name}\"");
            return;
        }

        if (allowed != rights)
            session.Notify("WARNING", grant.IsGrant ? "01007" : "01006", grant.IsGrant ? $"not all privileges were granted for \"{target.Name}\"" : $"not all privileges could be revoked for \"{target.Name}\"");
        if (grant.IsGrant)
        {
            target.SaveGrants(Acl.Grant(target.Effective, grantee, grantor, allowed, grant.GrantOption));
            return;
        }

        target.SaveGrants(Acl.Revoke(target.Effective, grantee, grantor, allowed, grant.GrantOption, grant.Behavior.IsCascade, target.Owner)
            ?? throw new SqlException(SqlState.DependentObjectsStillExist, "dependent privileges exist", hint: "Use CASCADE to revoke them too."));
    }

    /// <summary>Who loses a right on a table loses it on each of its columns, too, as in PostgreSQL.</summary>
    private void RevokeOnColumns(GrantStatement grant, SecuredObject table, int grantee, Rights rights)
    {
        if ((rights & SecuredKind.Column.All()) is var onColumns and not Rights.None)
        {
            foreach (var column in Secured().Where(part => part.Kind == SecuredKind.Column && part.Oid == table.Oid && part.IsGrantedTo(grantee)).ToList())
                Apply(grant, column, grantee, onColumns);
        }
    }

    /// <summary>The object with the rights asked for, and each column with those asked for on it alone.</summary>
    private IEnumerable<(SecuredObject Target, Rights Rights)> Parts(SecuredObject item, GrantStatement grant)
    {
        var whole = Rights.None;
        foreach (var privilege in grant.Privileges)
        {
            var kind = privilege.Columns.IsEmpty ? item.Kind : SecuredKind.Column;
            var rights = privilege.Name == "all" ? kind.All() : RightNames.Find(privilege.Name);
            if (rights == Rights.None) throw new SqlException(SqlState.SyntaxError, $"unrecognized privilege type \"{privilege.Name}\"");
            if ((rights & ~kind.All()) != Rights.None)
                throw new SqlException(SqlState.InvalidGrantOperation, $"invalid privilege type {privilege.Name.ToUpperInvariant()} for {kind.Word()}");
            if (privilege.Columns.IsEmpty)
            {
                whole |= rights;
                continue;
            }

            if (item.Kind != SecuredKind.Table) throw new SqlException(SqlState.InvalidGrantOperation, "column privileges are only valid for relations", privilege.Span);
            foreach (var column in privilege.Columns)
            {
                var relation = session.Catalog.Snapshot.Find(item.Oid)!;
                if (relation.Columns.All(candidate => candidate.Name != column.Name))
                    throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.Name}\" of relation \"{relation.Name}\" does not exist", column.Span);
                yield return (Secured().First(part => part.Kind == SecuredKind.Column && part.Oid == item.Oid && part.Name == column.Name), rights);
            }
        }

        if (whole != Rights.None) yield return (item, whole);
    }

    private IEnumerable<SecuredObject> Targets(GrantStatement grant)
    {
        if (grant.Target is GrantTarget.AllInSchemas all)
        {
            foreach (var schema in all.Schemas)
            {
                if (!session.Catalog.SchemaExists(schema.Name)) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema.Name}\" does not exist", schema.Span);
                var oids = session.Catalog.Snapshot.Relations.Where(relation => relation.Schema == schema.Name && relation is SequenceRelation == all.Kind.IsSequence).Select(relation => relation.Oid).ToHashSet();
                var kind = all.Kind.IsTable ? SecuredKind.Table : all.Kind.IsSequence ? SecuredKind.Sequence : SecuredKind.Function;
                foreach (var item in Secured().Where(item => item.Kind == kind && (kind == SecuredKind.Function ? IsInSchema(item, schema.Name) : oids.Contains(item.Oid))).ToList()) yield return item;
            }

            yield break;
        }

        foreach (var reference in ((GrantTarget.Objects)grant.Target).Objects)
            if (FindSecured(reference) is { } item) yield return item;
    }

    /// <summary>The object of a GRANT; null for one that everyone may use and nobody can be kept from: a character set, a collation, a language.</summary>
    private SecuredObject? FindSecured(ObjectReference reference)
    {
        var kind = reference.Kind;
        if (kind.IsTable || kind.IsSequence)
        {
            var relation = Names.Find(session, reference.Name) ?? throw Names.Missing(reference.Name);
            if (relation is SystemRelation) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
            if (kind.IsSequence && relation is not SequenceRelation) throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a sequence", reference.Span);
            return Secured().First(item => item.Kind == AccessControl.KindOf(relation) && item.Oid == relation.Oid);
        }

        if (kind.IsSchema)
            return Secured().FirstOrDefault(item => item.Kind == SecuredKind.Schema && item.Name == reference.Name.Last)
                ?? throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{reference.Name.Last}\" does not exist", reference.Span);
        if (kind.IsDatabase)
        {
            if (reference.Name.Last != session.Database.Name)
                throw session.Instance.FindDatabase(reference.Name.Last) is null
                    ? new SqlException(SqlState.InvalidCatalogName, $"database \"{reference.Name.Last}\" does not exist", reference.Span)
                    : new SqlException(SqlState.FeatureNotSupported, "rights on a database can only be changed in that database", reference.Span);
            return Secured().First(item => item.Kind == SecuredKind.Database);
        }

        if (kind.IsFunction || kind.IsProcedure || kind.IsRoutine)
        {
            var routine = FindRoutine(reference, required: true)!;
            return Secured().First(item => item.Kind == SecuredKind.Function && item.Oid == routine.Oid);
        }

        if (kind.IsDomain || kind.IsType)
        {
            if (session.Catalog.EnumOf(Names.SchemaOf(reference.Name), reference.Name.Last) is { } labels) return Secured().First(item => item.Kind == SecuredKind.Type && item.Oid == labels.Oid);
            if (session.Catalog.CompositeOf(Names.SchemaOf(reference.Name), reference.Name.Last) is { } composite) return Secured().First(item => item.Kind == SecuredKind.Type && item.Oid == composite.Oid);
            var domain = session.Catalog.DomainOf(Names.SchemaOf(reference.Name), reference.Name.Last) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{reference.Name.Last}\" does not exist", reference.Span);
            return Secured().First(item => item.Kind == SecuredKind.Type && item.Oid == domain.Oid);
        }

        if (kind.IsCharacterSet && reference.Name.Last.Equals("utf8", StringComparison.OrdinalIgnoreCase) || kind.IsCollation && reference.Name.Last is "C" or "POSIX" or "default" or "ucs_basic" || kind.IsLanguage && reference.Name.Last is "sql" or "plpgsql") return null;
        if (kind.IsCharacterSet || kind.IsCollation || kind.IsTranslation || kind.IsLanguage)
            throw new SqlException(SqlState.UndefinedObject, $"{SqlPrinter.KindText(kind).ToLowerInvariant()} \"{reference.Name.Last}\" does not exist", reference.Span);
        throw TableBuilder.Unsupported($"GRANT on a {SqlPrinter.KindText(kind).ToLowerInvariant()}", reference.Span);
    }

    private static bool IsInSchema(SecuredObject item, string schema) => item.Description.Contains($" {schema}.", StringComparison.Ordinal);

    /// <summary>Every object of the database that has an owner, and the columns that something was granted on.</summary>
    private IEnumerable<SecuredObject> Secured()
    {
        var snapshot = session.Catalog.Snapshot;
        foreach (var relation in snapshot.Relations.Where(relation => !TemporaryObjects.Owns(relation.Oid)).OrderBy(relation => relation.Oid))
        {
            switch (relation)
            {
                case TableRelation { Definition: var table }:
                    yield return new SecuredObject(SecuredKind.Table, table.Oid, table.Name, Describe(relation), relation.Owner, table.Acl,
                        acl => Put(ObjectKindNumber.Table, table.Oid, Current(table.Oid).Definition with { Acl = acl }), owner => Put(ObjectKindNumber.Table, table.Oid, Current(table.Oid).Definition with { Owner = owner, Acl = Reowned(Current(table.Oid), owner) }),
                        () => { if (snapshot.Find(table.Oid) is not null) DropTable(Current(table.Oid), cascade: true); });
                    foreach (var column in table.LiveColumns())
                        yield return ColumnOf(relation, column, acl => Put(ObjectKindNumber.Table, table.Oid, Current(table.Oid).Definition with { Columns = WithAcl(Current(table.Oid).Definition.Columns, column.Number, acl) }));
                    break;
                case ViewRelation { Definition: var view }:
                    yield return new SecuredObject(SecuredKind.Table, view.Oid, view.Name, Describe(relation), relation.Owner, view.Acl,
                        acl => Put(ObjectKindNumber.View, view.Oid, CurrentView(view.Oid) with { Acl = acl }), owner => Put(ObjectKindNumber.View, view.Oid, CurrentView(view.Oid) with { Owner = owner, Acl = Reowned(relation, owner) }),
                        () => { if (session.Catalog.Snapshot.Find(view.Oid) is ViewRelation there) DropView(there, cascade: true); });
                    foreach (var column in view.Columns)
                        yield return ColumnOf(relation, column, acl => Put(ObjectKindNumber.View, view.Oid, CurrentView(view.Oid) with { Columns = WithAcl(CurrentView(view.Oid).Columns, column.Number, acl) }));
                    break;
                case SequenceRelation { Definition: var sequence }:
                    yield return new SecuredObject(SecuredKind.Sequence, sequence.Oid, sequence.Name, Describe(relation), relation.Owner, sequence.Acl,
                        acl => Put(ObjectKindNumber.Sequence, sequence.Oid, sequence with { Acl = acl }), owner => Put(ObjectKindNumber.Sequence, sequence.Oid, sequence with { Owner = owner, Acl = Reowned(relation, owner) }),
                        () => { if (session.Catalog.Snapshot.Find(sequence.Oid) is SequenceRelation there) DropSequence(there, cascade: true); });
                    break;
            }
        }

        foreach (var schema in snapshot.Schemas.Values.Where(schema => schema.Name != session.Temporary?.SchemaName).OrderBy(schema => schema.Oid))
        {
            yield return new SecuredObject(SecuredKind.Schema, schema.Oid, schema.Name, $"schema {schema.Name}", schema.OwnerOid, schema.Acl ?? schema.EffectiveAcl,
                acl => Put(ObjectKindNumber.Schema, schema.Oid, session.Catalog.Snapshot.Schemas[schema.Name] with { Acl = acl }),
                owner => Put(ObjectKindNumber.Schema, schema.Oid, session.Catalog.Snapshot.Schemas[schema.Name] with { Owner = owner, Acl = Reowned(schema.EffectiveAcl, schema.OwnerOid, owner) }),
                () => { if (session.Catalog.Snapshot.Schemas.ContainsKey(schema.Name)) DropSchemaWithMembers(schema); });
        }

        foreach (var routine in snapshot.AllRoutines)
        {
            yield return new SecuredObject(SecuredKind.Function, routine.Oid, routine.Name, $"{(routine.IsProcedure ? "procedure" : "function")} {routine.Schema}.{routine.SignatureText}", routine.OwnerOid, routine.Acl,
                acl => Put(ObjectKindNumber.Routine, routine.Oid, routine with { Acl = acl }), owner => Put(ObjectKindNumber.Routine, routine.Oid, routine with { Owner = owner, Acl = routine.Acl is null ? null : Reowned(routine.Acl, routine.OwnerOid, owner) }),
                () => DropRoutine(routine, cascade: true));
        }

        foreach (var domain in snapshot.Domains.Values.OrderBy(domain => domain.Oid))
        {
            yield return new SecuredObject(SecuredKind.Type, domain.Oid, domain.Name, $"type {domain.Name}", domain.OwnerOid, domain.Acl,
                acl => Put(ObjectKindNumber.Domain, domain.Oid, domain with { Acl = acl }), owner => Put(ObjectKindNumber.Domain, domain.Oid, domain with { Owner = owner, Acl = domain.Acl is null ? null : Reowned(domain.Acl, domain.OwnerOid, owner) }),
                () => { if (session.Catalog.Snapshot.Domains.ContainsKey((domain.Schema, domain.Name))) DropDomain(domain, cascade: true); });
        }

        foreach (var type in snapshot.Types.Enums)
        {
            yield return new SecuredObject(SecuredKind.Type, type.Oid, type.Name, $"type {type.Name}", type.OwnerOid, type.Acl,
                acl => Put(ObjectKindNumber.Enum, type.Oid, type with { Acl = acl }), owner => Put(ObjectKindNumber.Enum, type.Oid, type with { Owner = owner, Acl = type.Acl is null ? null : Reowned(type.Acl, type.OwnerOid, owner) }),
                () => { if (session.Catalog.Snapshot.Types.Enum(type.Oid) is { } there) DropUserType(there, null, cascade: true); });
        }

        foreach (var type in snapshot.Types.Composites)
        {
            yield return new SecuredObject(SecuredKind.Type, type.Oid, type.Name, $"type {type.Name}", type.OwnerOid, type.Acl,
                acl => Put(ObjectKindNumber.Composite, type.Oid, type with { Acl = acl }), owner => Put(ObjectKindNumber.Composite, type.Oid, type with { Owner = owner, Acl = type.Acl is null ? null : Reowned(type.Acl, type.OwnerOid, owner) }),
                () => { if (session.Catalog.Snapshot.Types.Composite(type.Oid) is { } there) DropUserType(null, there, cascade: true); });
        }

        var rights = snapshot.DatabaseRights;
        yield return new SecuredObject(SecuredKind.Database, session.Database.Oid, session.Database.Name, $"database {session.Database.Name}", rights.OwnerOid, rights.Acl,
            acl => Put(ObjectKindNumber.DatabaseRights, DatabaseRightsObject.Id, session.Catalog.Snapshot.DatabaseRights with { Acl = acl }),
            owner => Put(ObjectKindNumber.DatabaseRights, DatabaseRightsObject.Id, session.Catalog.Snapshot.DatabaseRights with { Owner = owner }), null);
    }

    private SecuredObject ColumnOf(CatalogRelation relation, ColumnObject column, Action<AclEntry[]?> save) =>
        new(SecuredKind.Column, relation.Oid, column.Name, $"column {column.Name} of {Describe(relation)}", relation.Owner, column.Acl ?? [], acl => save(acl is { Length: 0 } ? null : acl), null, null);

    private static ColumnObject[] WithAcl(ColumnObject[] columns, short number, AclEntry[]? acl) => [.. columns.Select(column => column.Number == number ? column with { Acl = acl } : column)];

    private ViewObject CurrentView(int oid) => ((ViewRelation)session.Catalog.Snapshot.Find(oid)!).Definition;

    /// <summary>The grants after another role has become the owner: what was the old owner's is the new one's.</summary>
    private static AclEntry[]? Reowned(CatalogRelation relation, int owner) => relation.Acl is null ? null : Reowned(relation.Acl, relation.Owner, owner);

    private static AclEntry[] Reowned(AclEntry[] acl, int before, int after) =>
        [.. acl.Select(entry => entry with { Grantee = entry.Grantee == before ? after : entry.Grantee, Grantor = entry.Grantor == before ? after : entry.Grantor })];

    /// <summary>ALTER … OWNER TO: by the owner, to a role that he belongs to.</summary>
    private void ChangeOwner(ObjectReference reference, RoleSpecification newOwner)
    {
        var role = Existing(newOwner);
        var item = FindSecured(reference.Kind.IsView || reference.Kind.IsMaterializedView || reference.Kind.IsIndex ? AsTable(reference) : reference);
        if (item?.SaveOwner is null) return;
        if (!Access.IsOwner(item.Owner)) throw AccessControl.NotOwner(item.Kind.Word(), item.Name);
        if (!Access.IsSuperuser && !Access.Roles.RolesOf(Access.CurrentRole.Oid, byInheritance: false).Contains(role.Oid))
            throw new SqlException(SqlState.InsufficientPrivilege, $"must be member of role \"{role.Name}\"");
        item.SaveOwner(role.Oid);
        foreach (var sequence in session.Catalog.Snapshot.Relations.OfType<SequenceRelation>().Where(sequence => sequence.Definition.OwnerTable == item.Oid && item.Kind == SecuredKind.Table))
            Put(ObjectKindNumber.Sequence, sequence.Oid, sequence.Definition with { Owner = role.Oid, Acl = Reowned(sequence, role.Oid) });
    }

    private static ObjectReference AsTable(ObjectReference reference) => new(ObjectKind.Table, reference.Name, reference.Signature, reference.On, reference.Span);

    private string ReassignOwned(StatementNode.ReassignOwned reassign)
    {
        var to = Existing(reassign.NewOwner);
        foreach (var role in reassign.Roles.Select(Existing).ToList())
        {
            RequireMembership(role);
            foreach (var item in Secured().Where(item => item.Owner == role.Oid).ToList()) item.SaveOwner?.Invoke(to.Oid);
        }

        return "REASSIGN OWNED";
    }

    private string DropOwned(StatementNode.DropOwned drop)
    {
        foreach (var role in drop.Roles.Select(Existing).ToList())
        {
            RequireMembership(role);
            foreach (var item in Secured().Where(item => item.Owner == role.Oid && item.Drop is not null).ToList())
            {
                if (!drop.Behavior.IsCascade) RequireNoDependents(item, role);
                item.Drop!();
            }

            foreach (var item in Secured().Where(item => item.IsGrantedTo(role.Oid)).ToList())
                item.SaveGrants([.. item.Grants!.Where(entry => entry.Grantee != role.Oid && (entry.Grantor != role.Oid || entry.Grantor == item.Owner))]);
            DropDefaultPrivilegesOf(role.Oid);
        }

        _cascaded.Clear();
        return "DROP OWNED";
    }

    /// <summary>What others have made on top of a role's objects is in the way of dropping them.</summary>
    private void RequireNoDependents(SecuredObject item, RoleObject owner)
    {
        if (item.Kind != SecuredKind.Table) return;
        var dependents = DependentViews(item.Oid).Where(view => view.Owner != owner.Oid).Select(Describe)
            .Concat(session.Catalog.Snapshot.ForeignKeys.To(item.Oid).Where(key => key.Referencing.Owner != owner.Oid).Select(key => $"constraint {key.Definition.Name} on table {Shown(key.Referencing)}")).ToList();
        if (dependents.Count > 0)
            throw new SqlException(SqlState.DependentObjectsStillExist, "cannot drop desired object(s) because other objects depend on them", detail: string.Join("\n", dependents.Select(name => $"{name} depends on {item.Description}")), hint: "Use DROP ... CASCADE to drop the dependent objects too.");
    }

    private void RequireMembership(RoleObject role)
    {
        if (!Access.IsSuperuser && !Access.Roles.RolesOf(Access.CurrentRole.Oid, byInheritance: false).Contains(role.Oid))
            throw new SqlException(SqlState.InsufficientPrivilege, "permission denied to drop objects", detail: $"Only roles with privileges of role \"{role.Name}\" may drop objects owned by it.");
    }
}

using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Who a session is, and what it may do. A superuser may do everything and is asked nothing.</summary>
internal sealed class AccessControl(Session session)
{
    private readonly Stack<RoleObject> _definers = new();
    private RoleCatalog? _roles;
    private int _settings = -1;
    private RoleObject _sessionRole = null!, _currentRole = null!;

    /// <summary>The oid of a user who was let in without a role of that name: whoever runs the server vouches for him, and he is a superuser.</summary>
    private const int VouchedFor = 16_000;

    /// <summary>The server's roles, as the session's transaction sees them.</summary>
    public RoleCatalog Roles => session.IsInMainDatabase ? session.Catalog.Snapshot.Roles : session.Instance.MainDatabase.Catalog.Roles;

    /// <summary>Who logged in, or SET SESSION AUTHORIZATION named.</summary>
    public RoleObject SessionRole
    {
        get
        {
            Read();
            return _sessionRole;
        }
    }

    /// <summary>Whose rights count: the session's role, or the one of SET ROLE; within a routine with SECURITY DEFINER its owner.</summary>
    public RoleObject CurrentRole
    {
        get
        {
            Read();
            return _currentRole;
        }
    }

    /// <summary>The name of <see cref="CurrentRole"/>, without looking into the catalog: the search path depends on it.</summary>
    public string CurrentName => _definers.TryPeek(out var definer) ? definer.Name : session.Settings.Required("role") is var role and not "none" ? role : session.Settings.Required("session_authorization");

    public bool IsSuperuser => CurrentRole.IsSuperuser;

    /// <summary>The role of this name; 42704 when there is none.</summary>
    public RoleObject Required(string name, SourceSpan span = default) => TryFind(name) ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist", span);

    public RoleObject? TryFind(string name) => Roles.Find(name) ?? (name == session.Options.User ? Vouched(name) : null);

    public RoleObject? TryFind(int oid) => Roles.Find(oid) ?? (oid == VouchedFor ? Vouched(session.Options.User) : null);

    /// <summary>All roles, the session's user among them whether or not he has a role.</summary>
    public IEnumerable<RoleObject> All => Roles.Find(session.Options.User) is null ? [.. Roles.All, Vouched(session.Options.User)] : Roles.All;

    public static RoleObject Vouched(string name) => new()
    {
        Oid = VouchedFor, Name = name, IsSuperuser = true, CanCreateRoles = true, CanCreateDatabases = true, CanLogin = true, CanReplicate = true, BypassesRowSecurity = true,
    };

    /// <summary>Who may become whom, for the settings role and session_authorization; others are free. 22023 for a role that isn't there, 42501 for one that the user is no member of.</summary>
    public void CheckSetting(string name, string value)
    {
        if (name is not ("role" or "session_authorization")) return;
        if (_definers.Count > 0) throw new SqlException(SqlState.InsufficientPrivilege, $"cannot set parameter \"{name}\" within security-definer function");
        if (name == "role" && value == "none") return;
        var role = TryFind(value) ?? throw new SqlException(SqlState.InvalidParameterValue, $"role \"{value}\" does not exist");
        bool allowed = name == "role"
            ? SessionRole.IsSuperuser || Roles.RolesOf(SessionRole.Oid, byInheritance: false).Contains(role.Oid)
            : (TryFind(session.Options.User) ?? Vouched(session.Options.User)).IsSuperuser || role.Name == session.Options.User;
        if (!allowed) throw new SqlException(SqlState.InsufficientPrivilege, name == "role" ? $"permission denied to set role \"{value}\"" : "permission denied to set session authorization");
    }

    /// <summary>A routine with SECURITY DEFINER begins: until <see cref="LeaveDefiner"/> its owner's rights count.</summary>
    public void EnterDefiner(int owner)
    {
        _definers.Push(TryFind(owner) ?? new RoleObject { Oid = -1, Name = "unknown" });
        session.Settings.Touch(); // the search path and what is planned depend on the role
    }

    public void LeaveDefiner()
    {
        _definers.Pop();
        session.Settings.Touch();
    }

    /// <summary>True when the role is the object's owner, or a member of it.</summary>
    public bool IsOwner(int owner) => IsSuperuser || Effective(CurrentRole.Oid).Contains(owner);

    public bool Has(SecuredKind kind, int owner, AclEntry[]? acl, Rights rights) => Missing(CurrentRole, kind, owner, acl, rights) == Rights.None;

    public bool Has(RoleObject role, SecuredKind kind, int owner, AclEntry[]? acl, Rights rights) => Missing(role, kind, owner, acl, rights) == Rights.None;

    /// <summary>True when the role may grant the right on.</summary>
    public bool MayGrant(RoleObject role, int owner, AclEntry[]? acl, SecuredKind kind, Rights rights) =>
        role.IsSuperuser || Effective(role.Oid).Contains(owner) || (rights & ~Acl.Grantable(acl ?? Acl.Default(kind, owner), Effective(role.Oid))) == Rights.None;

    /// <summary>An object's list of grants as text, one aclitem each: <c>alice=r*w/bob</c>; null where nothing was said.</summary>
    public string[]? Shown(AclEntry[]? acl) => acl is not { Length: > 0 } ? null : [.. acl.Select(entry =>
        $"{(entry.Grantee == Acl.Public ? "" : Quoted(entry.Grantee))}={RightNames.Letters(entry.Rights, entry.Grantable)}/{Quoted(entry.Grantor)}")];

    private string Quoted(int role) => ObjectNames.QuoteIfNeeded(TryFind(role)?.Name ?? "unknown");

    /// <summary>Who owns what this session makes; 0 for the superuser from the start, who also owns what somebody without a role of his own makes.</summary>
    public int NewOwner => CurrentRole.Oid is VouchedFor or WellKnownOids.Superuser ? 0 : CurrentRole.Oid;

    /// <summary>Rights that the role lacks.</summary>
    private Rights Missing(RoleObject role, SecuredKind kind, int owner, AclEntry[]? acl, Rights rights)
    {
        if (role.IsSuperuser) return Rights.None;
        var roles = Effective(role.Oid);
        var held = Acl.Held(acl ?? Acl.Default(kind, owner), roles);
        if (roles.Contains(RoleCatalog.ReadAllData)) held |= kind is SecuredKind.Table or SecuredKind.Sequence ? Rights.Select : kind == SecuredKind.Schema ? Rights.Usage : Rights.None;
        if (roles.Contains(RoleCatalog.WriteAllData)) held |= kind == SecuredKind.Table ? Rights.Insert | Rights.Update | Rights.Delete : kind == SecuredKind.Schema ? Rights.Usage : Rights.None;
        return rights & ~held;
    }

    /// <summary>The roles whose rights a role has; the owner of the database has those of its owner's role.</summary>
    private IReadOnlySet<int> Effective(int role)
    {
        var roles = Roles.RolesOf(role, byInheritance: true);
        return roles.Contains(session.Catalog.Snapshot.DatabaseRights.OwnerOid) ? new HashSet<int>(roles) { RoleCatalog.DatabaseOwner } : roles;
    }

    /// <summary>42501 unless the role may do this with the relation.</summary>
    public void Require(CatalogRelation relation, Rights rights)
    {
        if (!IsSuperuser && Missing(CurrentRole, KindOf(relation), relation.Owner, relation.Acl, rights) != Rights.None) throw Denied(relation);
    }

    /// <summary>42501 unless the role may do this with all of the columns, or with the whole table.</summary>
    public void RequireOnColumns(CatalogRelation relation, Rights right, IEnumerable<int> ordinals)
    {
        if (!IsSuperuser && !HasOnColumns(CurrentRole, relation, right, ordinals)) throw Denied(relation);
    }

    public void RequireInSchema(string schema, Rights rights, SourceSpan span = default)
    {
        if (IsSuperuser || !session.Catalog.Snapshot.Schemas.TryGetValue(schema, out var found) || schema == session.Temporary?.SchemaName) return;
        if (Missing(CurrentRole, SecuredKind.Schema, found.OwnerOid, found.EffectiveAcl, rights) != Rights.None)
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for schema {schema}", span);
    }

    public void RequireExecute(RoutineObject routine)
    {
        if (IsSuperuser) return;
        RequireInSchema(routine.Schema, Rights.Usage);
        if (!Has(SecuredKind.Function, routine.OwnerOid, routine.Acl, Rights.Execute))
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for {(routine.IsProcedure ? "procedure" : "function")} {routine.Name}");
    }

    /// <summary>42501 unless the role may make columns of a domain or distinct type.</summary>
    public void RequireUsage(DomainObject type)
    {
        if (IsSuperuser) return;
        RequireInSchema(type.Schema, Rights.Usage);
        if (!Has(SecuredKind.Type, type.OwnerOid, type.Acl, Rights.Usage)) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for type {type.Name}");
    }

    /// <summary>42501 unless the role owns the relation.</summary>
    public void RequireOwner(CatalogRelation relation)
    {
        if (IsOwner(relation.Owner)) return;
        throw NotOwner(Word(relation), relation.Name);
    }

    public static SqlException NotOwner(string kind, string name) => new(SqlState.InsufficientPrivilege, $"must be owner of {kind} {name}");

    /// <summary>Checks what a planned statement does with its relations: those that a view reads by the rights of the view's owner.</summary>
    public void Check(ImmutableArray<RelationAccess> accesses)
    {
        if (IsSuperuser) return;
        foreach (var access in accesses)
        {
            if (access.Relation is not CatalogRelation relation) continue;
            var role = access.Through is CatalogRelation view ? TryFind(view.Owner) ?? CurrentRole : CurrentRole;
            if (role.IsSuperuser) continue;
            if (access.Through is null) RequireInSchema(relation.Schema, Rights.Usage);
            if (access.Deletes && Missing(role, KindOf(relation), relation.Owner, relation.Acl, Rights.Delete) != Rights.None) throw Denied(relation);
            // A query that needs no column of a table (count(*)) may read it when it may read any of them.
            if (access.Reads && access.Selected.IsEmpty && !HasOnAny(role, relation, Rights.Select)) throw Denied(relation);
            if (!HasOnColumns(role, relation, Rights.Select, access.Selected)) throw Denied(relation);
            if (access.Inserts && access.Inserted.IsEmpty && !HasOnAny(role, relation, Rights.Insert)) throw Denied(relation);
            if (!HasOnColumns(role, relation, Rights.Insert, access.Inserted) || !HasOnColumns(role, relation, Rights.Update, access.Updated)) throw Denied(relation);
            if (access.Locks && !HasOnAny(role, relation, Rights.Update | Rights.Delete)) throw Denied(relation);
        }
    }

    /// <summary>Any of the rights, on the table or on some column of it.</summary>
    public bool HasOnAny(RoleObject role, CatalogRelation relation, Rights anyOf) =>
        RightNames.Of(anyOf).Any(right => Missing(role, KindOf(relation), relation.Owner, relation.Acl, right.Right) == Rights.None
            || relation.Columns.Any(column => Missing(role, SecuredKind.Column, relation.Owner, relation.ColumnAcl(column.AttributeNumber), right.Right) == Rights.None));

    public bool HasOnColumns(RoleObject role, CatalogRelation relation, Rights right, IEnumerable<int> ordinals) =>
        Missing(role, KindOf(relation), relation.Owner, relation.Acl, right) == Rights.None
        || ordinals.All(ordinal => ordinal < relation.Columns.Length && Missing(role, SecuredKind.Column, relation.Owner, relation.ColumnAcl(relation.Columns[ordinal].AttributeNumber), right) == Rights.None);

    public static SecuredKind KindOf(CatalogRelation relation) => relation is SequenceRelation ? SecuredKind.Sequence : SecuredKind.Table;

    public static SqlException Denied(CatalogRelation relation) =>
        new(SqlState.InsufficientPrivilege, $"permission denied for {Word(relation)} {relation.Name}");

    private static string Word(CatalogRelation relation) => relation switch { TableRelation { IsMaterializedView: true } => "materialized view", ViewRelation => "view", SequenceRelation => "sequence", _ => "table" };

    private void Read()
    {
        var roles = Roles;
        if (_settings == session.Settings.Version && ReferenceEquals(_roles, roles)) return;
        (_settings, _roles) = (session.Settings.Version, roles);
        _sessionRole = TryFind(session.Settings.Required("session_authorization")) ?? Vouched(session.Options.User);
        if (_definers.TryPeek(out var definer))
        {
            _currentRole = TryFind(definer.Oid) ?? definer;
            return;
        }

        string role = session.Settings.Required("role");
        // A role that was dropped while it was someone's has no rights any more.
        _currentRole = role == "none" ? _sessionRole : TryFind(role) ?? new RoleObject { Oid = -1, Name = role };
    }
}

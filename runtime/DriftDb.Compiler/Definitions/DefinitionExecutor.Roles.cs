using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;
using Microsoft.FSharp.Collections;

namespace DriftDb.Compiler;

/// <summary>CREATE, ALTER and DROP ROLE, and who is a member of whom. Roles belong to the server and are stored in its first database.</summary>
internal sealed partial class DefinitionExecutor
{
    private AccessControl Access => session.Access;

    private string CreateRole(RoleStatement create)
    {
        RequireRoleMaker("create role");
        string name = Name(create.Name);
        if (name.StartsWith("pg_", StringComparison.Ordinal)) throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved", detail: "Role names starting with \"pg_\" are reserved.");
        if (name is "public" or "none") throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved");
        if (Access.Roles.Find(name) is not null) throw new SqlException(SqlState.DuplicateObject, $"role \"{name}\" already exists");
        int oid = 0;
        InMainDatabase(main => oid = session.Instance.MainDatabase.NewOid(main));
        PutRole(WithOptions(new RoleObject { Oid = oid, Name = name, CanLogin = create.IsUser }, create.Options));
        foreach (var option in create.Options)
        {
            switch (option.Name)
            {
                case "in role" or "in group": foreach (string role in RoleNames(option)) AddMember(Access.Required(role).Oid, oid, isAdmin: false); break;
                case "role" or "user": foreach (string member in RoleNames(option)) AddMember(oid, Access.Required(member).Oid, isAdmin: false); break;
                case "admin": foreach (string member in RoleNames(option)) AddMember(oid, Access.Required(member).Oid, isAdmin: true); break;
            }
        }

        return "CREATE ROLE";
    }

    private string AlterRole(RoleStatement alter)
    {
        var role = Existing(alter.Name);
        bool isOwnPassword = role.Oid == Access.CurrentRole.Oid && alter.Options.All(option => option.Name == "password");
        if (!isOwnPassword) RequireRoleMaker("alter role");
        if (role.IsSuperuser && !Access.IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to alter superuser roles or change superuser attribute");
        PutRole(WithOptions(role, alter.Options));
        return "ALTER ROLE";
    }

    private string RenameRole(QualifiedName name, string newName)
    {
        RequireRoleMaker("rename role");
        var role = Stored(Access.Required(name.Last, name.Span));
        if (Access.Roles.Find(newName) is not null) throw new SqlException(SqlState.DuplicateObject, $"role \"{newName}\" already exists");
        PutRole(role with { Name = newName });
        return "ALTER ROLE";
    }

    private string DropRole(DropStatement drop)
    {
        RequireRoleMaker("drop role");
        foreach (var target in drop.Objects)
        {
            if (Access.Roles.Find(target.Name.Last) is not { } role)
            {
                if (!drop.IfExists) throw new SqlException(SqlState.UndefinedObject, $"role \"{target.Name.Last}\" does not exist");
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"role \"{target.Name.Last}\" does not exist, skipping");
                continue;
            }

            Stored(role);
            if (role.Oid == Access.CurrentRole.Oid) throw new SqlException(SqlState.ObjectInUse, "current user cannot be dropped");
            if (role.Oid == Access.SessionRole.Oid) throw new SqlException(SqlState.ObjectInUse, "session user cannot be dropped");
            var details = Secured().Select(item => item.Owner == role.Oid && item.Kind != SecuredKind.Column ? $"owner of {item.Description}" : item.IsGrantedTo(role.Oid) ? $"privileges for {item.Description}" : null).OfType<string>().Concat(DefaultPrivilegesOf(role)).ToList();
            if (details.Count > 0)
                throw new SqlException(SqlState.DependentObjectsStillExist, $"role \"{role.Name}\" cannot be dropped because some objects depend on it", detail: string.Join("\n", details));
            foreach (var membership in Access.Roles.Memberships.Where(membership => membership.Role == role.Oid || membership.Member == role.Oid).ToList()) DeleteMembership(membership.Role, membership.Member);
            PutRoleComment(role.Oid, null);
            if (Access.Roles.Settings.Any(settings => settings.Role == role.Oid)) PutSettings(Access.Roles.Settings.Where(settings => settings.Role != role.Oid));
            InMainDatabase(main => main.DeleteObject(ObjectKindNumber.Role, role.Oid));
        }

        return "DROP ROLE";
    }

    private string GrantRole(GrantRoleStatement grant)
    {
        foreach (var granted in grant.Granted)
        {
            var role = Access.Required(granted.Name, granted.Span);
            bool isAdmin = Access.IsSuperuser || Access.CurrentRole.CanCreateRoles && !role.IsSuperuser
                || Access.Roles.Memberships.Any(membership => membership.Role == role.Oid && membership.IsAdmin && Access.Roles.RolesOf(Access.CurrentRole.Oid, byInheritance: false).Contains(membership.Member));
            if (!isAdmin) throw new SqlException(SqlState.InsufficientPrivilege, $"must have admin option on role \"{role.Name}\"");
            foreach (var specification in grant.Roles)
            {
                var member = Existing(specification);
                if (grant.IsGrant)
                {
                    if (Access.Roles.RolesOf(role.Oid, byInheritance: false).Contains(member.Oid))
                        throw new SqlException(SqlState.InvalidGrantOperation, $"role \"{role.Name}\" is a member of role \"{member.Name}\"");
                    AddMember(role.Oid, member.Oid, grant.AdminOption);
                }
                else if (Access.Roles.Memberships.FirstOrDefault(membership => membership.Role == role.Oid && membership.Member == member.Oid) is not { } held)
                {
                    session.Notify("WARNING", "01006", $"role \"{member.Name}\" is not a member of role \"{role.Name}\"");
                }
                else if (grant.AdminOption)
                {
                    PutMembership(held with { IsAdmin = false });
                }
                else
                {
                    DeleteMembership(role.Oid, member.Oid);
                }
            }
        }

        return grant.IsGrant ? "GRANT ROLE" : "REVOKE ROLE";
    }

    private RoleObject WithOptions(RoleObject role, FSharpList<NamedOption> options)
    {
        foreach (var option in options)
        {
            bool isOn = !option.Name.StartsWith("no", StringComparison.Ordinal);
            role = (isOn ? option.Name : option.Name[2..]) switch
            {
                "superuser" => Access.IsSuperuser ? role with { IsSuperuser = isOn } : throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to create superusers"),
                "createdb" => role with { CanCreateDatabases = isOn },
                "createrole" => role with { CanCreateRoles = isOn },
                "inherit" => role with { Inherits = isOn },
                "login" => role with { CanLogin = isOn },
                "replication" => role with { CanReplicate = isOn },
                "bypassrls" => role with { BypassesRowSecurity = isOn },
                "password" => role with { Password = option.Value?.Value is OptionValue.String password ? PasswordVerifier.Of(password.Value) : null },
                "connection limit" => role with { ConnectionLimit = int.Parse(((OptionValue.Number)option.Value!.Value).Text, CultureInfo.InvariantCulture) },
                "valid until" => role with { ValidUntilMicros = (long)ValueText.Parse(SqlType.TimestampTz, ((OptionValue.String)option.Value!.Value).Value, session.Format)! },
                _ => role,
            };
        }

        return role;
    }

    private IEnumerable<string> RoleNames(NamedOption option) => option.Value?.Value is OptionValue.List list
        ? list.Items.OfType<OptionValue.Word>().Select(word => word.Text switch { "current_user" or "current_role" => Access.CurrentRole.Name, "session_user" => Access.SessionRole.Name, var name => name })
        : [];

    private string Name(RoleSpecification role) => role switch
    {
        RoleSpecification.Named named => named.Name.Name,
        _ when role.IsPublic => "public",
        _ when role.IsSessionUser => Access.SessionRole.Name,
        _ => Access.CurrentRole.Name,
    };

    private RoleObject Existing(RoleSpecification role) => Access.Required(Name(role), role is RoleSpecification.Named named ? named.Name.Span : default);

    /// <summary>The role, unless it is one that can't be changed because it is stored nowhere.</summary>
    private static RoleObject Stored(RoleObject role) => RoleCatalog.IsBuiltIn(role.Oid)
        ? throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot change role \"{role.Name}\": it is required by the database system")
        : role;

    private void RequireRoleMaker(string what)
    {
        if (!Access.IsSuperuser && !Access.CurrentRole.CanCreateRoles) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to {what}");
    }

    private void AddMember(int role, int member, bool isAdmin) => PutMembership(new MembershipObject
    {
        Role = role, Member = member, Grantor = Access.NewOwner == 0 ? WellKnownOids.Superuser : Access.NewOwner, IsAdmin = isAdmin || Access.Roles.Memberships.Any(held => held.Role == role && held.Member == member && held.IsAdmin),
    });

    private void PutRole(RoleObject role) => InMainDatabase(main => main.PutObject(ObjectKindNumber.Role, role.Oid, MessagePack.MessagePackSerializer.Serialize(Stored(role))));

    private void PutMembership(MembershipObject membership) =>
        InMainDatabase(main => main.PutObject(ObjectKindNumber.Membership, MembershipObject.IdOf(membership.Role, membership.Member), MessagePack.MessagePackSerializer.Serialize(membership)));

    private void DeleteMembership(int role, int member) => InMainDatabase(main => main.DeleteObject(ObjectKindNumber.Membership, MembershipObject.IdOf(role, member)));

    /// <summary>Changes the server's roles: within this transaction in their own database, from elsewhere at once and for good.</summary>
    private void InMainDatabase(Action<StoreTransaction> change)
    {
        if (session.IsInMainDatabase)
        {
            change(transaction);
            session.CatalogChanged();
            return;
        }

        if (session.InBlock)
            throw new SqlException(SqlState.ActiveSqlTransaction, $"roles can be changed in a transaction block only in database \"{Instance.DefaultName}\"", hint: $"Leave the transaction block, or connect to \"{Instance.DefaultName}\": roles are the whole server's.");
        var store = session.Instance.MainDatabase.Store;
        var own = store.Begin();
        change(own);
        store.WaitDurable(own.Commit(Access.SessionRole.Name, session.Settings.Required("application_name"), null).Lsn);
    }
}

namespace DriftDb.Compiler;

/// <summary>Roles and their memberships: pg_roles, pg_authid, pg_user, pg_shadow, pg_group, pg_auth_members, pg_db_role_setting.</summary>
internal static class RoleViews
{
    private const string Hidden = "********";

    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_roles", AllRoles), ("pg_catalog.pg_authid", Authorizations), ("pg_catalog.pg_user", rows => Users(rows, hidden: true)), ("pg_catalog.pg_shadow", rows => Users(rows, hidden: false)),
        ("pg_catalog.pg_auth_members", Members), ("pg_catalog.pg_db_role_setting", Settings), ("pg_catalog.pg_default_acl", DefaultAcl), ("information_schema.applicable_roles", Applicable),
    ];

    private static void AllRoles(CatalogRows rows)
    {
        foreach (var role in rows.Session.Access.All)
            rows.Add(role.Name, role.IsSuperuser, role.Inherits, role.CanCreateRoles, role.CanCreateDatabases, role.CanLogin, role.CanReplicate, role.ConnectionLimit, Hidden, role.ValidUntilMicros, role.BypassesRowSecurity, SettingsOf(role), role.Oid);
    }

    private static void Authorizations(CatalogRows rows)
    {
        foreach (var role in rows.Session.Access.All)
            rows.Add(role.Oid, role.Name, role.IsSuperuser, role.Inherits, role.CanCreateRoles, role.CanCreateDatabases, role.CanLogin, role.CanReplicate, role.BypassesRowSecurity, role.ConnectionLimit, role.Password, role.ValidUntilMicros);
    }

    private static void Users(CatalogRows rows, bool hidden)
    {
        foreach (var role in rows.Session.Access.All.Where(role => role.CanLogin))
            rows.Add(role.Name, role.Oid, role.CanCreateDatabases, role.IsSuperuser, role.CanReplicate, role.BypassesRowSecurity, hidden ? Hidden : role.Password, role.ValidUntilMicros, SettingsOf(role));
    }

    private static string[]? SettingsOf(RoleObject role) => role.Settings.Length == 0 ? null : role.Settings;

    private static void Settings(CatalogRows rows)
    {
        var access = rows.Session.Access;
        foreach (var role in access.All.Where(role => role.Settings.Length > 0)) rows.Add(0, role.Oid, role.Settings);
        foreach (var settings in access.Roles.Settings) rows.Add(settings.Database.Length == 0 ? 0 : rows.Session.Instance.FindDatabase(settings.Database)?.Oid ?? 0, settings.Role, settings.Settings);
    }

    private static void DefaultAcl(CatalogRows rows)
    {
        int number = 0;
        foreach (var entry in rows.Session.Catalog.Snapshot.DefaultPrivileges) rows.Add(++number, entry.Role, entry.Schema, entry.Kind, rows.Session.Access.Shown(entry.Acl));
    }

    private static void Members(CatalogRows rows)
    {
        foreach (var membership in rows.Session.Access.Roles.Memberships) rows.Add(membership.Role, membership.Member, membership.Grantor, membership.IsAdmin);
    }

    private static void Applicable(CatalogRows rows)
    {
        var access = rows.Session.Access;
        foreach (var membership in access.Roles.Memberships.Where(membership => access.Roles.RolesOf(access.CurrentRole.Oid, byInheritance: false).Contains(membership.Member)))
            rows.Add(access.TryFind(membership.Member)?.Name, access.TryFind(membership.Role)?.Name, SchemaTables.YesNo(membership.IsAdmin));
    }
}

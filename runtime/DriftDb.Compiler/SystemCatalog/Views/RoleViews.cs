namespace DriftDb.Compiler;

/// <summary>Roles: pg_roles, pg_authid, pg_user, pg_shadow, pg_group.</summary>
internal static class RoleViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_roles", AllRoles), ("pg_catalog.pg_authid", Authorizations), ("pg_catalog.pg_user", rows => Users(rows, "********")), ("pg_catalog.pg_shadow", rows => Users(rows, null)),
    ];

    private static void AllRoles(CatalogRows rows)
    {
        foreach (var (oid, name) in Roles.All(rows.Session))
        {
            bool isUser = oid != Roles.DatabaseOwner;
            rows.Add(name, isUser, true, isUser, isUser, isUser, isUser, -1, "********", null, isUser, null, oid);
        }
    }

    private static void Authorizations(CatalogRows rows)
    {
        foreach (var (oid, name) in Roles.All(rows.Session))
        {
            bool isUser = oid != Roles.DatabaseOwner;
            rows.Add(oid, name, isUser, true, isUser, isUser, isUser, isUser, isUser, -1, null, null);
        }
    }

    private static void Users(CatalogRows rows, string? password)
    {
        foreach (var (oid, name) in Roles.All(rows.Session).Where(role => role.Oid != Roles.DatabaseOwner)) rows.Add(name, oid, true, true, true, true, password, null, null);
    }
}

namespace DriftDb.Compiler;

/// <summary>Who owns things. There is one role that owns everything; a session under another name acts with its rights, and sees itself listed.</summary>
internal static class Roles
{
    /// <summary>PostgreSQL's role for whoever owns the database: schema public belongs to it, which pg_dump looks at.</summary>
    public const int DatabaseOwner = 6171;

    public const string DatabaseOwnerName = "pg_database_owner";

    private const int SessionUser = 16_000;

    public static IEnumerable<(int Oid, string Name)> All(Session session)
    {
        yield return (WellKnownOids.Superuser, Instance.DefaultName);
        yield return (DatabaseOwner, DatabaseOwnerName);
        if (session.Options.User != Instance.DefaultName) yield return (SessionUser, session.Options.User);
    }

    public static string? NameOf(Session session, int oid) => All(session).FirstOrDefault(role => role.Oid == oid).Name;

    /// <summary>The role's oid; 0 when there is none.</summary>
    public static int OidOf(Session session, string name) => All(session).FirstOrDefault(role => role.Name == name).Oid;
}

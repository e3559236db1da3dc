namespace DriftDb.Compiler;

/// <summary>Who owns things. There is one role that owns everything; a session under another name acts with its rights, and sees itself listed.</summary>
internal static class Roles
{
    private const int SessionUser = 16_000;

    public static IEnumerable<(int Oid, string Name)> All(Session session)
    {
        yield return (WellKnownOids.Superuser, Instance.DefaultName);
        if (session.Options.User != Instance.DefaultName) yield return (SessionUser, session.Options.User);
    }

    public static string? NameOf(Session session, int oid) => All(session).FirstOrDefault(role => role.Oid == oid).Name;

    /// <summary>The role's oid; 0 when there is none.</summary>
    public static int OidOf(Session session, string name) => All(session).FirstOrDefault(role => role.Name == name).Oid;
}

using System.Collections.Concurrent;

namespace DriftDb.Compiler;

/// <summary>The roles of a server at one moment, and who belongs to whom.</summary>
internal sealed class RoleCatalog
{
    /// <summary>PostgreSQL's role for whoever owns the database: schema public belongs to it, which pg_dump looks at.</summary>
    public const int DatabaseOwner = 6171;

    public const string DatabaseOwnerName = "pg_database_owner";

    /// <summary>PostgreSQL's roles that may read, or write, everything.</summary>
    public const int ReadAllData = 6181, WriteAllData = 6182;

    private static readonly RoleObject[] BuiltIn =
    [
        new() { Oid = WellKnownOids.Superuser, Name = Instance.DefaultName, IsSuperuser = true, CanCreateRoles = true, CanCreateDatabases = true, CanLogin = true, CanReplicate = true, BypassesRowSecurity = true },
        new() { Oid = DatabaseOwner, Name = DatabaseOwnerName },
        new() { Oid = ReadAllData, Name = "pg_read_all_data" },
        new() { Oid = WriteAllData, Name = "pg_write_all_data" },
    ];

    private readonly Dictionary<string, RoleObject> _byName;
    private readonly Dictionary<int, RoleObject> _byOid;
    private readonly ConcurrentDictionary<(int Role, bool Inherited), IReadOnlySet<int>> _closures = new();

    public RoleCatalog(IEnumerable<RoleObject> roles, IReadOnlyList<MembershipObject> memberships, IReadOnlyList<RoleSettings> settings)
    {
        var all = BuiltIn.Concat(roles).ToList();
        _byName = all.ToDictionary(role => role.Name);
        _byOid = all.ToDictionary(role => role.Oid);
        Memberships = memberships;
        Settings = settings;
    }

    public IReadOnlyList<MembershipObject> Memberships { get; }

    public IReadOnlyList<RoleSettings> Settings { get; }

    /// <summary>What a session begins with, each as <c>name=value</c>; a later one goes before those before it.</summary>
    public IEnumerable<string> SettingsFor(string database, RoleObject role) => [.. SettingsOf("", 0), .. SettingsOf(database, 0), .. role.Settings, .. SettingsOf(database, role.Oid)];

    public string[] SettingsOf(string database, int role) => Settings.FirstOrDefault(setting => setting.Database == database && setting.Role == role)?.Settings ?? [];

    public IEnumerable<RoleObject> All => _byOid.Values.OrderBy(role => role.Oid);

    public RoleObject? Find(string name) => _byName.GetValueOrDefault(name);

    public RoleObject? Find(int oid) => _byOid.GetValueOrDefault(oid);

    public static bool IsBuiltIn(int oid) => oid < WellKnownOids.FirstUser;

    /// <summary>The role and all that it is a member of, through others too; by inheritance alone those whose rights it has without SET ROLE.</summary>
    public IReadOnlySet<int> RolesOf(int oid, bool byInheritance) => _closures.GetOrAdd((oid, byInheritance), key =>
    {
        var found = new HashSet<int> { key.Role };
        var open = new Queue<int>([key.Role]);
        while (open.TryDequeue(out int role))
        {
            if (key.Inherited && Find(role) is { Inherits: false }) continue;
            foreach (var membership in Memberships)
                if (membership.Member == role && found.Add(membership.Role)) open.Enqueue(membership.Role);
        }

        return found;
    });
}

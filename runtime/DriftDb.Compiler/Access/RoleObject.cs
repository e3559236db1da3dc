using MessagePack;

namespace DriftDb.Compiler;

/// <summary>What sessions begin with beside a role's own settings, which are with the role.</summary>
[MessagePackObject]
public sealed record RoleSettingsObject
{
    /// <summary>The id under which the store keeps the only one.</summary>
    public const int Id = 1;

    [Key(0)] public RoleSettings[] All { get; init; } = [];
}

/// <summary>ALTER DATABASE … SET, ALTER ROLE … IN DATABASE … SET, ALTER ROLE ALL SET.</summary>
/// <param name="Database">The database's name; empty for all.</param>
/// <param name="Role">The role; 0 for all.</param>
/// <param name="Settings">Each as <c>name=value</c>.</param>
[MessagePackObject]
public sealed record RoleSettings([property: Key(0)] string Database, [property: Key(1)] int Role, [property: Key(2)] string[] Settings);

/// <summary>A role as it is stored. Roles belong to the whole server: they are in the catalog of its first database.</summary>
[MessagePackObject]
public sealed record RoleObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Name { get; init; }

    [Key(2)] public bool IsSuperuser { get; init; }

    /// <summary>Has the rights of the roles that it is a member of without SET ROLE.</summary>
    [Key(3)] public bool Inherits { get; init; } = true;

    [Key(4)] public bool CanCreateRoles { get; init; }

    [Key(5)] public bool CanCreateDatabases { get; init; }

    [Key(6)] public bool CanLogin { get; init; }

    [Key(7)] public bool CanReplicate { get; init; }

    [Key(8)] public bool BypassesRowSecurity { get; init; }

    /// <summary>-1 for no limit.</summary>
    [Key(9)] public int ConnectionLimit { get; init; } = -1;

    /// <summary>A SCRAM-SHA-256 verifier; null for none.</summary>
    [Key(10)] public string? Password { get; init; }

    /// <summary>The password's end, µs since 2000; null for none.</summary>
    [Key(11)] public long? ValidUntilMicros { get; init; }

    /// <summary>What the role's sessions begin with: <c>name=value</c>.</summary>
    [Key(12)] public string[] Settings { get; init; } = [];
}

/// <summary>That a role is a member of another.</summary>
[MessagePackObject]
public sealed record MembershipObject
{
    [Key(0)] public required int Role { get; init; }

    [Key(1)] public required int Member { get; init; }

    [Key(2)] public required int Grantor { get; init; }

    [Key(3)] public bool IsAdmin { get; init; }

    /// <summary>The id under which the store keeps it.</summary>
    public static long IdOf(int role, int member) => ((long)role << 32) | (uint)member;
}

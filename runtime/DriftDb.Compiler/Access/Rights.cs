namespace DriftDb.Compiler;

/// <summary>What may be done with an object; the bits are PostgreSQL's (AclMode).</summary>
[Flags]
public enum Rights
{
    None = 0,
    Insert = 1 << 0,
    Select = 1 << 1,
    Update = 1 << 2,
    Delete = 1 << 3,
    Truncate = 1 << 4,
    References = 1 << 5,
    Trigger = 1 << 6,
    Execute = 1 << 7,
    Usage = 1 << 8,
    Create = 1 << 9,
    Temporary = 1 << 10,
    Connect = 1 << 11,
}

/// <summary>The rights' names and the letters that an aclitem shows.</summary>
internal static class RightNames
{
    /// <summary>In the order in which an aclitem has its letters.</summary>
    private static readonly (Rights Right, char Letter, string Name)[] All =
    [
        (Rights.Insert, 'a', "INSERT"), (Rights.Select, 'r', "SELECT"), (Rights.Update, 'w', "UPDATE"), (Rights.Delete, 'd', "DELETE"), (Rights.Truncate, 'D', "TRUNCATE"),
        (Rights.References, 'x', "REFERENCES"), (Rights.Trigger, 't', "TRIGGER"), (Rights.Execute, 'X', "EXECUTE"), (Rights.Usage, 'U', "USAGE"), (Rights.Create, 'C', "CREATE"),
        (Rights.Temporary, 'T', "TEMPORARY"), (Rights.Connect, 'c', "CONNECT"),
    ];

    /// <summary>None for a word that names no right; TEMP is TEMPORARY.</summary>
    public static Rights Find(string name) => name.Equals("temp", StringComparison.OrdinalIgnoreCase)
        ? Rights.Temporary
        : All.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Right;

    /// <summary>The name of the right with this letter of an aclitem.</summary>
    public static string OfLetter(char letter) => All.First(entry => entry.Letter == letter).Name;

    public static IEnumerable<(Rights Right, string Name)> Of(Rights rights) => All.Where(entry => rights.HasFlag(entry.Right)).Select(entry => (entry.Right, entry.Name));

    /// <summary>Letters with a star behind each that may be granted on: <c>r*w</c>.</summary>
    public static string Letters(Rights rights, Rights grantable) =>
        string.Concat(All.Where(entry => rights.HasFlag(entry.Right)).Select(entry => grantable.HasFlag(entry.Right) ? $"{entry.Letter}*" : entry.Letter.ToString()));
}

using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Kinds of objects that rights are granted on.</summary>
internal enum SecuredKind
{
    Table,
    Column,
    Sequence,
    Schema,
    Function,
    Type,
    Database,
}

/// <summary>What each kind of object knows of rights.</summary>
internal static class SecuredKinds
{
    /// <summary>All rights that there are on such an object: what its owner has.</summary>
    public static Rights All(this SecuredKind kind) => kind switch
    {
        SecuredKind.Table => Rights.Insert | Rights.Select | Rights.Update | Rights.Delete | Rights.Truncate | Rights.References | Rights.Trigger,
        SecuredKind.Column => Rights.Insert | Rights.Select | Rights.Update | Rights.References,
        SecuredKind.Sequence => Rights.Select | Rights.Update | Rights.Usage,
        SecuredKind.Schema => Rights.Usage | Rights.Create,
        SecuredKind.Function => Rights.Execute,
        SecuredKind.Type => Rights.Usage,
        _ => Rights.Create | Rights.Temporary | Rights.Connect,
    };

    /// <summary>What everyone may do until something else is said.</summary>
    public static Rights OfPublic(this SecuredKind kind) => kind switch
    {
        SecuredKind.Function => Rights.Execute,
        SecuredKind.Type => Rights.Usage,
        SecuredKind.Database => Rights.Temporary | Rights.Connect,
        _ => Rights.None,
    };

    public static string Word(this SecuredKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The error of whoever may not: <c>permission denied for table t</c>.</summary>
    public static SqlException Denied(this SecuredKind kind, string name) => new(SqlState.InsufficientPrivilege, $"permission denied for {kind.Word()} {name}");
}

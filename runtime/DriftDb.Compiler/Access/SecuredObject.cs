namespace DriftDb.Compiler;

/// <summary>An object with an owner and grants, whatever its kind: how GRANT, REASSIGN and DROP OWNED see it.</summary>
/// <param name="Kind">Which rights there are.</param>
/// <param name="Oid">Its oid; a column has its table's.</param>
/// <param name="Description">For messages: <c>table t</c>.</param>
/// <param name="Owner">The owning role.</param>
/// <param name="Grants">What was granted; null for the kind's default.</param>
/// <param name="SaveGrants">Stores another list.</param>
/// <param name="SaveOwner">Stores another owner; null where it goes with another object.</param>
/// <param name="Drop">Drops it; null where that goes with another object.</param>
internal sealed record SecuredObject(SecuredKind Kind, int Oid, string Name, string Description, int Owner, AclEntry[]? Grants, Action<AclEntry[]?> SaveGrants, Action<int>? SaveOwner, Action? Drop)
{
    public AclEntry[] Effective => Grants ?? Acl.Default(Kind, Owner);

    /// <summary>Named in a grant, as the one who has the right or as the one who gave it; the owner's own rights don't count.</summary>
    public bool IsGrantedTo(int role) => Grants?.Any(entry => entry.Grantee == role && entry.Grantee != Owner || entry.Grantor == role && entry.Grantor != Owner) == true;
}

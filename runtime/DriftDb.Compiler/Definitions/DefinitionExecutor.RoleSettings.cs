using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER ROLE … SET, ALTER DATABASE … SET, and RESET: what sessions begin with.</summary>
internal sealed partial class DefinitionExecutor
{
    private string AlterRoleSetting(StatementNode.AlterRoleSetting alter)
    {
        var role = alter.Role?.Value is { } named ? Existing(named) : null;
        if (alter.Database?.Value is not { } database)
        {
            if (role is null) AlterSettings("", 0, alter);
            else AlterSettings(role, alter);
            return "ALTER ROLE";
        }

        var target = session.Instance.FindDatabase(database.Name) ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{database.Name}\" does not exist", database.Span);
        if (role is not null) RequireMayAlter(role);
        else if (!Access.IsOwner(target.Catalog.DatabaseRights.OwnerOid)) throw AccessControl.NotOwner("database", database.Name);
        AlterSettings(target.Name, role?.Oid ?? 0, alter);
        return role is null ? "ALTER DATABASE" : "ALTER ROLE";
    }

    private void AlterSettings(RoleObject role, StatementNode.AlterRoleSetting alter)
    {
        RequireMayAlter(role);
        PutRole(role with { Settings = Changed(role.Settings, alter.Setting, alter.Value) });
    }

    private void AlterSettings(string database, int role, StatementNode.AlterRoleSetting alter)
    {
        if (database.Length == 0 && !Access.IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to alter settings globally");
        string[] settings = Changed(Access.Roles.SettingsOf(database, role), alter.Setting, alter.Value);
        var others = Access.Roles.Settings.Where(other => (other.Database, other.Role) != (database, role));
        PutSettings(settings.Length == 0 ? others : others.Append(new RoleSettings(database, role, settings)));
    }

    /// <summary>The database is gone.</summary>
    public void ForgetSettingsOf(string database)
    {
        if (Access.Roles.Settings.Any(settings => settings.Database == database)) PutSettings(Access.Roles.Settings.Where(settings => settings.Database != database));
    }

    private void PutSettings(IEnumerable<RoleSettings> settings)
    {
        byte[] stored = MessagePack.MessagePackSerializer.Serialize(new RoleSettingsObject { All = [.. settings] });
        InMainDatabase(main => main.PutObject(ObjectKindNumber.RoleSettings, RoleSettingsObject.Id, stored));
    }

    private void RequireMayAlter(RoleObject role)
    {
        if (role.Oid != Access.CurrentRole.Oid) RequireRoleMaker("alter role");
        if (role.IsSuperuser && !Access.IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to alter superuser roles or change superuser attribute");
    }

    /// <summary>A list of <c>name=value</c> after SET or RESET; RESET ALL is that of <c>all</c>.</summary>
    private string[] Changed(string[] settings, string name, SettingValue value)
    {
        if (name == "all" && value.IsDefault) return [];
        string canonical = SettingRegistry.Find(name)?.Name ?? name;
        string[] others = [.. settings.Where(setting => !setting.StartsWith(canonical + "=", StringComparison.Ordinal))];
        if (value.IsDefault) return others;
        string text = value is SettingValue.Values given ? SettingValueText.Of(session, name, given.Values) : session.Settings.Required(name);
        session.Settings.RequireValid(name, text);
        // A setting keeps its place among the others.
        int at = Array.FindIndex(settings, setting => setting.StartsWith(canonical + "=", StringComparison.Ordinal));
        return at < 0 ? [.. settings, $"{canonical}={text}"] : [.. settings[..at], $"{canonical}={text}", .. settings[(at + 1)..]];
    }
}

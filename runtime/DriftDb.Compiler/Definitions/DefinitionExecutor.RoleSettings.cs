using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER ROLE … SET and RESET: what a role's sessions begin with.</summary>
internal sealed partial class DefinitionExecutor
{
    private string AlterRoleSetting(StatementNode.AlterRoleSetting alter)
    {
        if (alter.Role?.Value is not { } named) throw new SqlException(SqlState.FeatureNotSupported, alter.Database is null ? "ALTER ROLE ALL SET is not supported yet" : "ALTER DATABASE … SET is not supported yet", alter.Database?.Value.Span ?? default);
        if (alter.Database?.Value is { } database) throw TableBuilder.Unsupported("ALTER ROLE … IN DATABASE", database.Span);
        var role = Existing(named);
        if (role.Oid != Access.CurrentRole.Oid) RequireRoleMaker("alter role");
        if (role.IsSuperuser && !Access.IsSuperuser) throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to alter superuser roles or change superuser attribute");
        PutRole(role with { Settings = Changed(role.Settings, alter.Setting, alter.Value) });
        return "ALTER ROLE";
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

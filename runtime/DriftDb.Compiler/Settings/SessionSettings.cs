using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// The values of one session's settings. SET takes part in transactions: a rollback takes it back, and SET LOCAL ends with the transaction either way.
/// </summary>
internal sealed class SessionSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _sessionDefaults = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<(string Name, string Value)> _changes = new();

    /// <summary>What a transaction's end restores: in order of change, the value before (null: none was set).</summary>
    private readonly List<(string Name, string? Before, bool IsLocal)> _undo = [];

    private bool _inTransaction;

    /// <summary>Asked before a setting changes, however it is set (SET, set_config, start-up): its name and new value. Throws to refuse.</summary>
    public Action<string, string>? Guard { get; set; }

    /// <summary>Counts changes, so that what is derived from settings is derived anew.</summary>
    public int Version { get; private set; }

    /// <summary>A value that the server has decided.</summary>
    public void SetServerValue(string name, string value) => _sessionDefaults[name] = value;

    public bool TryTakeChange(out string name, out string value)
    {
        bool taken = _changes.TryDequeue(out var change);
        (name, value) = change;
        return taken;
    }

    /// <summary>The value; null when there is no such setting.</summary>
    public string? Get(string name)
    {
        if (_values.TryGetValue(name, out string? value)) return value;
        if (_sessionDefaults.TryGetValue(name, out value)) return value;
        return SettingRegistry.Find(name)?.Default;
    }

    public string Required(string name) => Get(name) ?? throw Unknown(name);

    public bool IsOn(string name) => Required(name) == "on";

    public static SqlException Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    /// <summary>A value of the start-up message: what RESET goes back to.</summary>
    public void SetSessionDefault(string name, string value)
    {
        string normal = Checked(name, value, isStartup: true);
        Guard?.Invoke(Canonical(name), normal);
        _sessionDefaults[Canonical(name)] = normal;
        Version++;
    }

    /// <summary>22023 for a value that the setting can't have, 42704 for a setting that there isn't.</summary>
    public void RequireValid(string name, string value) => Checked(name, value, isStartup: false);

    public string Set(string name, string value, bool isLocal)
    {
        string normal = Checked(name, value, isStartup: false);
        Guard?.Invoke(Canonical(name), normal);
        Change(Canonical(name), normal, isLocal);
        return normal;
    }

    public void Reset(string name)
    {
        var definition = SettingRegistry.Find(name);
        if (definition is null && !name.Contains('.', StringComparison.Ordinal)) throw Unknown(name);
        if (definition is { IsReadOnly: true }) throw ReadOnly(definition.Name);
        if (definition is not null) Guard?.Invoke(definition.Name, _sessionDefaults.GetValueOrDefault(definition.Name) ?? definition.Default);
        Change(Canonical(name), null, false);
    }

    public void ResetAll()
    {
        foreach (string name in _values.Keys.Order(StringComparer.OrdinalIgnoreCase).ToList())
            if (name is not ("transaction_isolation" or "transaction_read_only" or "transaction_deferrable" or "role" or "session_authorization")) Change(name, null, false);
    }

    public void BeginTransaction() => _inTransaction = true;

    /// <summary>The transaction is over: what it set stays (all but SET LOCAL, unless a plain SET came after it) or goes.</summary>
    public void EndTransaction(bool committed)
    {
        var stays = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = _undo.Count - 1; i >= 0; i--)
        {
            var (name, before, isLocal) = _undo[i];
            if (committed && !isLocal) stays.Add(name);
            else if (!stays.Contains(name)) Restore(name, before);
        }

        _undo.Clear();
        _inTransaction = false;
    }

    /// <summary>A place for <see cref="RollbackTo"/>.</summary>
    public int Mark() => _undo.Count;

    public void RollbackTo(int mark)
    {
        while (_undo.Count > mark)
        {
            Restore(_undo[^1].Name, _undo[^1].Before);
            _undo.RemoveAt(_undo.Count - 1);
        }
    }

    /// <summary>A routine that has set these after the mark is done: each goes back to what it was, unless a plain SET in the routine has changed it since.</summary>
    public void Leave(int mark, IEnumerable<string> names)
    {
        foreach (string name in names.Select(Canonical))
        {
            var changes = _undo.Skip(mark).Where(change => change.Name == name).ToList();
            if (changes.Count == 0 || changes.Exists(change => !change.IsLocal)) continue;
            Restore(name, changes[0].Before);
            _undo.RemoveAll(changes.Contains);
        }
    }

    /// <summary>Something that counts as a setting has changed elsewhere.</summary>
    public void Touch() => Version++;

    public IEnumerable<(string Name, string Value)> Reported => SettingRegistry.All.Where(definition => definition.IsReported).Select(definition => (definition.Name, Required(definition.Name)));

    private static string Canonical(string name) => SettingRegistry.Find(name)?.Name ?? name.ToLowerInvariant();

    private static SqlException ReadOnly(string name) => new("55P02", $"parameter \"{name}\" cannot be changed");

    private string Checked(string name, string value, bool isStartup)
    {
        if (SettingRegistry.Find(name) is not { } definition)
        {
            // Names with a dot belong to extensions and applications: they are kept as they are.
            if (name.Contains('.', StringComparison.Ordinal)) return value;
            throw Unknown(name);
        }

        if (definition.IsReadOnly) throw ReadOnly(definition.Name);
        if (definition.Merge is { } merge) return merge(Required(name), value);
        return isStartup && definition.Name == "client_encoding" ? SettingChecks.Encoding(value) : definition.Check?.Invoke(value) ?? value;
    }

    private void Change(string name, string? value, bool isLocal)
    {
        string? before = _values.GetValueOrDefault(name);
        if (isLocal && !_inTransaction) return;
        if (_inTransaction) _undo.Add((name, before, isLocal));
        Restore(name, value);
    }

    private void Restore(string name, string? value)
    {
        string? old = Get(name);
        if (value is null) _values.Remove(name);
        else _values[name] = value;
        Version++;
        string? now = Get(name);
        if (now is not null && now != old && SettingRegistry.Find(name) is { IsReported: true }) _changes.Enqueue((name, now));
    }
}

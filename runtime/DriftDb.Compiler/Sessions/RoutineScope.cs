namespace DriftDb.Compiler;

/// <summary>
/// What holds in a session while a routine runs that has rights or settings of its own: with SECURITY DEFINER its owner's rights count, and what its SET clauses name has their values. Both end with the scope,
/// however the routine ends; scopes nest as calls do.
/// </summary>
internal sealed class RoutineScope : IDisposable
{
    private readonly Session _session;
    private readonly RoutineObject _routine;
    private readonly int _mark;

    private RoutineScope(Session session, RoutineObject routine)
    {
        (_session, _routine, _mark) = (session, routine, session.Settings.Mark());
        session.RoutineScopes++;
        if (routine.IsSecurityDefiner) session.Access.EnterDefiner(routine.OwnerOid);
    }

    private IEnumerable<string> Names => _routine.Settings.Select(setting => setting[..setting.IndexOf('=', StringComparison.Ordinal)]);

    /// <summary>The scope of a call; null for a routine that has none. There must be a transaction. 22023 or 42501 for a setting that the caller can't have.</summary>
    public static RoutineScope? Enter(Session session, RoutineObject routine)
    {
        if (!routine.HasScope) return null;
        var scope = new RoutineScope(session, routine);
        try
        {
            foreach (var (name, setting) in scope.Names.Zip(routine.Settings)) session.Settings.Set(name, setting[(name.Length + 1)..], isLocal: true);
        }
        catch
        {
            scope.Dispose();
            throw;
        }

        return scope;
    }

    public void Dispose()
    {
        _session.Settings.Leave(_mark, Names);
        if (_routine.IsSecurityDefiner) _session.Access.LeaveDefiner();
        _session.RoutineScopes--;
    }
}

using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What SQL functions may ask of a session.</summary>
internal sealed class SessionServices(Session session) : ISessionServices
{
    private readonly Dictionary<int, long> _currentValues = [];
    private int _lastSequence;

    /// <summary>For the catalog's functions, which need more than the interface tells.</summary>
    public Session Session => session;

    public string CurrentUser => session.Access.CurrentRole.Name;

    public string SessionUser => session.Access.SessionRole.Name;

    public string CurrentDatabase => session.Database.Name;

    public string? CurrentSchema => session.Catalog.PathAsSet is [var first, ..] ? first : null;

    public IReadOnlyList<string> SearchPath => session.Catalog.SearchPath;

    public int ProcessId => session.ProcessId;

    public long TransactionTimeMicros => session.TransactionTimeMicros;

    public long StatementTimeMicros => session.StatementTimeMicros;

    public long ClockMicros => session.Instance.Clock.NowMicros;

    public long TransactionId => session.CurrentTransaction?.Id ?? session.Store.VisibleSequence + 1;

    public string? GetSetting(string name) => session.Settings.Get(name);

    public string SetSetting(string name, string value, bool isLocal) => session.Settings.Set(name, value, isLocal);

    public long NextValue(int sequenceOid)
    {
        if (!TemporaryObjects.Owns(sequenceOid)) session.RejectReadOnly("nextval()");
        RequireAny(sequenceOid, Rights.Usage, Rights.Update);
        long value = session.StoreOf(sequenceOid).SequenceNext(sequenceOid);
        _currentValues[sequenceOid] = value;
        _lastSequence = sequenceOid;
        return value;
    }

    public long CurrentValue(int sequenceOid)
    {
        RequireAny(sequenceOid, Rights.Usage, Rights.Select);
        return _currentValues.TryGetValue(sequenceOid, out long value)
            ? value
            : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"currval of sequence \"{session.Catalog.Snapshot.Find(sequenceOid)?.Name}\" is not yet defined in this session");
    }

    /// <summary>42501 unless one of the rights is there.</summary>
    private void RequireAny(int sequenceOid, Rights first, Rights second)
    {
        if (session.Access.IsSuperuser || session.IsWithinSystem || session.Catalog.Snapshot.Find(sequenceOid) is not SequenceRelation sequence) return;
        if (!session.Access.Has(SecuredKind.Sequence, sequence.Owner, sequence.Acl, first)) session.Access.Require(sequence, second);
    }

    public void SetValue(int sequenceOid, long value, bool isCalled)
    {
        if (!TemporaryObjects.Owns(sequenceOid)) session.RejectReadOnly("setval()");
        RequireAny(sequenceOid, Rights.Update, Rights.Update);
        if (session.Catalog.Snapshot.Find(sequenceOid) is SequenceRelation { Definition: var definition } && (value < definition.Minimum || value > definition.Maximum))
            throw new SqlException(SqlState.NumericValueOutOfRange, $"setval: value {value} is out of bounds for sequence \"{definition.Name}\" ({definition.Minimum}..{definition.Maximum})");
        session.StoreOf(sequenceOid).SequenceSet(sequenceOid, value, isCalled);
        if (isCalled) _currentValues[sequenceOid] = value;
    }

    public long LastValue() => _lastSequence != 0 ? CurrentValue(_lastSequence) : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    public Datum CallRoutine(QueryContext context, int oid, Datum[] arguments) => session.CallRoutine(context, oid, arguments, null);

    public void CallRoutine(QueryContext context, int oid, Datum[] arguments, RowWriter rows) => session.CallRoutine(context, oid, arguments, rows);

    public IObjectNames ObjectNames => _names ??= new ObjectNames(session);

    private ObjectNames? _names;
}

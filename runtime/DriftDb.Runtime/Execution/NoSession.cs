using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>In place of a session where expressions are computed without one: they are immutable and ask nothing, so every question is a bug.</summary>
internal sealed class NoSession : ISessionServices
{
    public static readonly NoSession Instance = new();

    private NoSession()
    {
    }

    public string CurrentUser => throw Bug();

    public string SessionUser => throw Bug();

    public string CurrentDatabase => throw Bug();

    public string? CurrentSchema => throw Bug();

    public IReadOnlyList<string> SearchPath => throw Bug();

    public int ProcessId => throw Bug();

    public long TransactionTimeMicros => throw Bug();

    public long StatementTimeMicros => throw Bug();

    public long ClockMicros => throw Bug();

    public long TransactionId => throw Bug();

    public IObjectNames ObjectNames => throw Bug();

    public string? GetSetting(string name) => throw Bug();

    public string SetSetting(string name, string value, bool isLocal) => throw Bug();

    public long NextValue(int sequenceOid) => throw Bug();

    public long CurrentValue(int sequenceOid) => throw Bug();

    public void SetValue(int sequenceOid, long value, bool isCalled) => throw Bug();

    public long LastValue() => throw Bug();

    public Datum CallRoutine(QueryContext context, int oid, Datum[] arguments) => throw Bug();

    public void CallRoutine(QueryContext context, int oid, Datum[] arguments, RowWriter rows) => throw Bug();

    private static InvalidOperationException Bug() => new("An immutable expression asked for a session.");
}

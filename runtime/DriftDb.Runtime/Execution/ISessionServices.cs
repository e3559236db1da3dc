using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What SQL functions may ask of the session that runs the statement; the embedded layer implements it.</summary>
public interface ISessionServices
{
    string CurrentUser { get; }

    string SessionUser { get; }

    string CurrentDatabase { get; }

    /// <summary>First schema of the search path that exists; null when there is none.</summary>
    string? CurrentSchema { get; }

    IReadOnlyList<string> SearchPath { get; }

    /// <summary>pg_backend_pid().</summary>
    int ProcessId { get; }

    /// <summary>Start of the transaction (now()), µs since 2000-01-01 UTC.</summary>
    long TransactionTimeMicros { get; }

    /// <summary>Start of the statement.</summary>
    long StatementTimeMicros { get; }

    /// <summary>The time right now.</summary>
    long ClockMicros { get; }

    /// <summary>txid_current().</summary>
    long TransactionId { get; }

    /// <summary>The setting's value; null when there is no such setting.</summary>
    string? GetSetting(string name);

    /// <summary>set_config; returns the value as the setting shows it.</summary>
    string SetSetting(string name, string value, bool isLocal);

    /// <summary>nextval and its kin, by the sequence's pg_class oid.</summary>
    long NextValue(int sequenceOid);

    long CurrentValue(int sequenceOid);

    void SetValue(int sequenceOid, long value, bool isCalled);

    long LastValue();

    /// <summary>Runs the body of a routine in a procedural language within the running statement; gives its value.</summary>
    Datum CallRoutine(QueryContext context, int oid, Datum[] arguments);

    /// <summary>The same for its rows.</summary>
    void CallRoutine(QueryContext context, int oid, Datum[] arguments, RowWriter rows);

    /// <summary>The sequence, table or other object that a text names; for nextval('name') and ::regclass.</summary>
    IObjectNames ObjectNames { get; }
}

/// <summary>Rows of a system view, computed from the live catalog.</summary>
public interface ISystemRows
{
    /// <summary>Appends all rows. The layout has all of the relation's columns in order; bytes go into the buffer's arena.</summary>
    void Fill(QueryContext context, TupleBuffer rows);
}

using System.Collections.Concurrent;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// SQL sequences: values are given out from memory and logged 32 ahead, as in PostgreSQL, so a crash skips some and repeats none. The log record comes before that of any commit that used the value.
/// </summary>
internal sealed class SequenceStates(Func<long, long, bool, long> log)
{
    private const int LogAhead = 32;

    private readonly ConcurrentDictionary<long, State> _states = new();

    /// <summary>CREATE or ALTER SEQUENCE: an existing one keeps its value.</summary>
    public void Define(SequenceDefinition definition)
    {
        State state = _states.GetOrAdd(definition.Id, static _ => new State());
        lock (state)
        {
            if (!state.HasValue)
            {
                state.Value = definition.Start;
                state.IsCalled = false;
                state.HasValue = true;
            }

            state.Definition = definition;
        }
    }

    /// <summary>Takes back a definition whose transaction rolled back.</summary>
    public void Undefine(long id, SequenceDefinition? previous)
    {
        if (previous is null) _states.TryRemove(id, out _);
        else if (_states.TryGetValue(id, out State? state))
        {
            lock (state) state.Definition = previous;
        }
    }

    /// <summary>Recovery: what the log says about a sequence, which may not be defined yet.</summary>
    public void Restore(long id, long value, bool isCalled)
    {
        State state = _states.GetOrAdd(id, static _ => new State());
        lock (state)
        {
            state.Value = value;
            state.IsCalled = isCalled;
            state.HasValue = true;
            state.LoggedLeft = 0;
        }
    }

    /// <summary>What a checkpoint must remember: for each sequence the value that the log stands at.</summary>
    public IEnumerable<(long Id, long Value, bool IsCalled)> Logged()
    {
        foreach ((long id, State state) in _states)
        {
            (long value, bool isCalled) logged;
            lock (state)
            {
                if (!state.HasValue || state.Definition is null) continue;
                logged = state.LoggedLeft > 0 ? (state.LoggedValue, true) : (state.Value, state.IsCalled);
            }

            yield return (id, logged.value, logged.isCalled);
        }
    }

    public long Next(long id, out long lsn)
    {
        State state = Find(id);
        lock (state)
        {
            SequenceDefinition definition = state.Definition!;
            long next = state.IsCalled ? Step(definition, state.Value, 1, throwAtEnd: true) : state.Value;
            if (state.LoggedLeft == 0)
            {
                state.LoggedValue = Step(definition, next, LogAhead, throwAtEnd: false);
                state.LoggedLeft = LogAhead + 1;
                state.Lsn = log(id, state.LoggedValue, true);
            }

            state.LoggedLeft = next == state.LoggedValue ? 0 : state.LoggedLeft - 1;
            state.Value = next;
            state.IsCalled = true;
            lsn = state.Lsn;
            return next;
        }
    }

    public long Set(long id, long value, bool isCalled)
    {
        State state = Find(id);
        lock (state)
        {
            state.Value = value;
            state.IsCalled = isCalled;
            state.LoggedLeft = 0;
            return state.Lsn = log(id, value, isCalled);
        }
    }

    public (long Value, bool IsCalled, SequenceDefinition Definition)? Read(long id)
    {
        if (!_states.TryGetValue(id, out State? state)) return null;
        lock (state) return state.Definition is null ? null : (state.Value, state.IsCalled, state.Definition);
    }

    /// <summary>The value n steps on. Logging ahead stops at the range's end, and at its beginning again when it cycles.</summary>
    private static long Step(SequenceDefinition definition, long value, int steps, bool throwAtEnd)
    {
        for (; steps > 0; steps--)
        {
            Int128 next = (Int128)value + definition.Increment;
            if (next <= definition.Maximum && next >= definition.Minimum)
            {
                value = (long)next;
                continue;
            }

            if (definition.Cycle && throwAtEnd) return definition.Increment > 0 ? definition.Minimum : definition.Maximum;
            if (!throwAtEnd) return value;
            throw new SqlException("2200H", definition.Increment > 0
                ? $"nextval: reached maximum value of sequence \"{definition.Name}\" ({definition.Maximum})"
                : $"nextval: reached minimum value of sequence \"{definition.Name}\" ({definition.Minimum})");
        }

        return value;
    }

    private State Find(long id) => _states.TryGetValue(id, out State? state) && state.Definition is not null ? state
        : throw new SqlException(SqlState.UndefinedTable, $"sequence {id} does not exist");

    private sealed class State
    {
        public SequenceDefinition? Definition;
        public long Value, LoggedValue, Lsn;
        public bool IsCalled, HasValue;
        public int LoggedLeft;
    }
}

using System.Collections.Concurrent;
using DriftDb.Grammar;

namespace DriftDb.Compiler;

/// <summary>Plans by statement text. The text itself is the key: a hash is never trusted alone. Entries of an older catalog are replaced when met.</summary>
internal sealed class PlanCache
{
    private const int Capacity = 2_000;

    private readonly ConcurrentDictionary<PlanKey, QueryPlan> _plans = new();

    public QueryPlan? Find(PlanKey key) => _plans.GetValueOrDefault(key);

    public void Add(PlanKey key, QueryPlan plan)
    {
        // Full: everything goes. What is hot comes back at once, and nothing has to be kept in order for it.
        if (_plans.Count >= Capacity) _plans.Clear();
        _plans[key] = plan;
    }
}

/// <summary>What a cached plan depends on beside the catalog's version.</summary>
/// <param name="Text">The statement, with its literals or with <c>$n</c> in their place.</param>
/// <param name="ParameterOids">Declared types of the parameters, as text.</param>
/// <param name="Environment">The settings that planning depends on: search path, optimizer switches, time zone, drift.as_of.</param>
internal readonly record struct PlanKey(string Text, string ParameterOids, string Environment);

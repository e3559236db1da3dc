using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What a data statement does, for its command tag and its locks.</summary>
public enum QueryKind
{
    Select,
    Insert,
    Update,
    Delete,
    Merge,
}

/// <summary>A planned and compiled statement: immutable, shared by all sessions that run it.</summary>
internal sealed class QueryPlan
{
    public required CompiledQuery Query { get; init; }

    public required QueryKind Kind { get; init; }

    /// <summary>What was planned, for planning it again.</summary>
    public required DataStatement Statement { get; init; }

    /// <summary>The catalog it was planned against, by reference: a transaction's own has no version.</summary>
    public required CatalogSnapshot Catalog { get; init; }

    public required BoundStatement Bound { get; init; }

    public required OptimizedPlan Optimized { get; init; }

    public required ImmutableArray<SqlType> ParameterTypes { get; init; }

    /// <summary>The result's columns; null when it has none (a write without RETURNING).</summary>
    public required ResultShape? Shape { get; init; }

    /// <summary>Version of that catalog; -1 when it was a transaction's own.</summary>
    public long CatalogVersion => Catalog.Version;

    /// <summary>A literal's value was the moment of planning (<c>'today'</c>): the next statement needs a plan of its own.</summary>
    public required bool HoldsNow { get; init; }

    /// <summary>The tables that are written: the statement's own, and those of data-changing statements in WITH.</summary>
    public required ImmutableArray<TableRelation> Targets { get; init; }

    /// <summary>A foreign key leads from or to a table that is written.</summary>
    public required bool ConcernsReferences { get; init; }

    /// <summary>Locks rows although it is a query (FOR UPDATE).</summary>
    public required bool LocksRows { get; init; }

    /// <summary>Reads a moment that only the parameters tell, and some relation had another schema once: planned anew for each set of values.</summary>
    public required bool NeedsOpenPeriodCheck { get; init; }

    /// <summary>What the plan was costed with; empty for a point operation, which is right whatever the tables' sizes.</summary>
    public required ImmutableArray<PlannedStatistics> Statistics { get; init; }

    /// <summary>True when the plan is short work that may run on an I/O loop.</summary>
    public bool IsShort => Query.IsPointOperation && !CallsRoutines;

    /// <summary>Calls a routine in a procedural language, whose statements run within this one.</summary>
    public required bool CallsRoutines { get; init; }

    public bool IsWrite => !Targets.IsEmpty;

    /// <summary>Raises the error of a constant expression that can't be computed: PostgreSQL finds it while planning, whatever rows there are.</summary>
    public void ThrowIfConstantFails()
    {
        // A new object: the plan and its error are shared by sessions.
        if (Optimized.ConstantError is { } error) throw new SqlException(error.SqlState, error.Message, error.Span, error.Detail, error.Hint, error);
    }
}

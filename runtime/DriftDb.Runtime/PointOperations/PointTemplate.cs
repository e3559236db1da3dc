using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Reads (of any moment) and writes of one row by a unique key, run without any code generation: the skeleton is built once when the plan is compiled, a run evaluates the key, looks the row up and copies columns
/// by kind. Only plans whose every expression is a column, a constant, a parameter, or a sum or difference of such qualify.
/// </summary>
internal abstract class PointTemplate : QueryTemplate
{
    public override bool IsPointOperation => true;

    public static PointTemplate? TryCreate(PhysicalPlan plan, TupleLayout parameters)
    {
        switch (plan)
        {
            case PhysicalUpdate { Returning.IsDefault: true, Leftovers.IsEmpty: true } update when OnlyNotNull(update.Checks) && PointLookup.TryCreate(Below(update.Input, out var sources), parameters) is { } lookup:
                var values = new PointValue?[update.NewColumns.Length];
                for (int i = 0; i < values.Length; i++)
                {
                    // Columns that SET doesn't name are copied with the whole row.
                    if (!update.ChangedOrdinals.Contains(i)) continue;
                    if ((values[i] = lookup.Value(Resolve(update.NewColumns[i].Id, sources), update.Target.Columns[i].Type)) is null) return null;
                }

                return lookup.HasTable(update.Target) ? new PointUpdate(lookup, update.Target, values, [.. update.Checks.Select(check => check.NotNullColumn)]) : null;

            case PhysicalDelete { Returning.IsDefault: true, Leftovers.IsEmpty: true } delete when PointLookup.TryCreate(Below(delete.Input, out _), parameters) is { } lookup:
                return lookup.HasTable(delete.Target) ? new PointDelete(lookup, delete.Target) : null;

            case PhysicalInsert { Returning.IsDefault: true, OnConflict: null } insert when OnlyNotNull(insert.Checks): return PointInsert.TryCreate(insert, parameters);

            case PhysicalProject or PhysicalIndexScan when PointLookup.TryCreate(Below(plan, out var outputs), parameters) is { } lookup:
                var results = new PointValue[plan.Output.Length];
                for (int i = 0; i < results.Length; i++)
                {
                    if (lookup.Value(Resolve(plan.Output[i].Id, outputs) ?? plan.Output[i].Reference(), plan.Output[i].Type) is not { } value) return null;
                    results[i] = value;
                }

                return new PointRead(lookup, results, new TupleLayout([.. plan.Output.Select(column => column.Type)]));

            default: return null;
        }
    }

    /// <summary>NOT NULL is checked by the NULL bits; a CHECK needs generated code.</summary>
    private static bool OnlyNotNull(ImmutableArray<CheckCondition> checks) => checks.All(check => check.NotNullColumn >= 0);

    /// <summary>The scan below projections, and what the projections compute.</summary>
    private static PhysicalPlan Below(PhysicalPlan plan, out List<ImmutableArray<Assignment>> projections)
    {
        projections = [];
        while (plan is PhysicalProject project)
        {
            projections.Add(project.Assignments);
            plan = project.Input;
        }

        return plan;
    }

    /// <summary>The expression over the scan's columns behind a column; null when it is too involved.</summary>
    private static ScalarExpr? Resolve(int id, List<ImmutableArray<Assignment>> projections)
    {
        ScalarExpr? expression = null;
        foreach (ImmutableArray<Assignment> level in projections)
        {
            if (expression is null) expression = level.FirstOrDefault(assignment => assignment.Column.Id == id)?.Value;
            else
                expression = expression.Rewrite(node => node is ScalarColumn column && level.FirstOrDefault(assignment => assignment.Column.Id == column.Id) is { } found ? found.Value : node);
        }

        return expression ?? (projections.Count == 0 ? new ScalarColumn(id, "", SqlType.Unknown, true) : null);
    }

    public override string Describe() => $"point operation {GetType().Name}\n";
}

/// <summary>How a row is found: the index, its key's values, and which column of the store each column of the scan is.</summary>
internal sealed unsafe class PointLookup
{
    private readonly PhysicalIndexScan _scan;
    private readonly TupleLayout _parameters;
    private readonly bool _isSingleInteger;

    /// <summary>The moment that is asked about; null for now.</summary>
    private readonly PointValue? _moment;

    private PointLookup(PhysicalIndexScan scan, TupleLayout parameters, PointValue[] key, PointValue? moment)
    {
        (_scan, _parameters, Key, _moment) = (scan, parameters, key, moment);
        Index = (StorageIndex)scan.Index.Source!;
        _isSingleInteger = key.Length == 1 && Index.Definition.Key[0].Type.Kind is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 && Index.Definition.Key[0].Type.IsInteger;
    }

    public PointValue[] Key { get; }

    public StorageIndex Index { get; }

    public StorageTable Table => Index.Table;

    public static PointLookup? TryCreate(PhysicalPlan plan, TupleLayout parameters)
    {
        if (plan is not PhysicalIndexScan { IsPointLookup: true, Filter: null, Lower: null, Upper: null } scan || scan.Index.Source is not StorageIndex index) return null;
        if (index.Definition.NeedsExtractor) return null;
        PointValue? moment = null;
        if (scan.Period is { } period)
        {
            if (period.Kind != SystemTimeKind.AsOf) return null;
            moment = PointValue.TryCreate(period.Bounds[0], period.Bounds[0].Type, parameters, _ => null);
            if (moment is null) return null;
        }

        var key = new PointValue[scan.Equal.Length];
        for (int i = 0; i < key.Length; i++)
        {
            if (PointValue.TryCreate(scan.Equal[i], index.Definition.Key[i].Type, parameters, _ => null) is not { } value) return null;
            key[i] = value;
        }

        return new PointLookup(scan, parameters, key, moment);
    }

    public bool HasTable(IRelation target) => ReferenceEquals(target.Source, Table);

    /// <summary>The value of an expression over the scan's columns; null when it is too involved.</summary>
    public PointValue? Value(ScalarExpr? expression, SqlType type) => expression is null ? null : PointValue.TryCreate(expression, type, _parameters, ColumnOf);

    private (int ColumnId, SqlType Type)? ColumnOf(int id)
    {
        for (int i = 0; i < _scan.Columns.Length; i++)
        {
            if (_scan.Columns[i].Id != id) continue;
            int source = _scan.Sources[i];
            if (source == ScanSource.RowId) return (SystemColumn.RowId, SqlType.Int8);
            return source >= 0 ? (_scan.Relation.Columns[source].ColumnId, _scan.Relation.Columns[source].Type) : null;
        }

        return null;
    }

    public bool TryFind(QueryContext context, KeyBuilder keyBuilder, out RowVersion row)
    {
        byte* slot = stackalloc byte[16];
        ReadView view = context.ViewOf(Table);
        StoreTransaction? transaction = context.TransactionOf(Table);
        if (_moment is not null)
        {
            row = default;
            if (!_moment.Write(context, default, slot, null)) return false;
            long sequence = SystemMoment.Resolve(context, _moment.Type, slot).Sequence;
            Table.RequireKept(sequence, _scan.Period!.Bounds[0].Span);
            view = view.At(sequence);
            // The past doesn't have the transaction's own writes.
            transaction = null;
        }

        if (_isSingleInteger)
        {
            row = default;
            if (!Key[0].Write(context, default, slot, null)) return false;
            long key = Key[0].Type.Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => *(long*)slot };
            return Table.TryGet(Index, key, view, transaction, out row);
        }

        keyBuilder.Reset();
        for (int i = 0; i < Key.Length; i++)
        {
            if (!Key[i].Write(context, default, slot, null))
            {
                row = default;
                return false;
            }

            keyBuilder.AppendSlot(Index.Definition.Key[i], slot);
        }

        return Table.TryGet(Index, keyBuilder.Key, view, transaction, out row);
    }
}

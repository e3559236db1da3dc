using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Columns that go, change their name, or become identity columns; and what depends on them.</summary>
internal sealed partial class DefinitionExecutor
{
    private void DropColumn(TableObject table, AlterTableAction.DropColumn drop)
    {
        if (Find(table, drop.Name, drop.IfExists) is not { } column) return;
        string what = $"column {column.Name} of table {Shown(Current(table.Oid))}";
        var generated = table.LiveColumns().Where(other => other.IsGenerated && other.Number != column.Number && ColumnUses.Of(session, table, other.DefaultText!).Contains(column.Number)).ToList();
        var views = DependentViews(table.Oid).Where(view => ColumnUses.InView(session, view, table.Oid, column.Number)).ToList();
        var routines = RoutinesWith(text => text.UsesColumn(table.Oid, column.Number));
        var keys = session.Catalog.Snapshot.ForeignKeys.To(table.Oid).Where(key => key.Definition.ReferencedColumns.Contains(column.Number) && key.Referencing.Oid != table.Oid).ToList();
        var period = PeriodOf(table, column);
        if (drop.Behavior.IsRestrict && generated.Count + routines.Count + views.Count + keys.Count + (period is null ? 0 : 1) > 0)
        {
            throw Depend(what,
            [
                .. generated.Select(other => $"column {other.Name} of table {Shown(Current(table.Oid))} depends on {what}"),
                .. routines.Select(user => $"{user.Described} depends on {what}"),
                .. views.SelectMany(view => Dependents(view, what)),
                .. keys.Select(key => $"constraint {key.Definition.Name} on table {Shown(key.Referencing)} depends on {what}"),
                .. period is null ? (string[])[] : [$"period {period.Name} of table {Shown(Current(table.Oid))} depends on {what}"],
            ]);
        }

        foreach (var other in generated)
        {
            Cascaded($"column {other.Name} of table {Shown(Current(table.Oid))}");
            RemoveColumn(Current(table.Oid).Definition, other);
        }

        DropExpressions(routines);
        foreach (var view in views) DropDependent(view);
        DropReferencesTo(Current(table.Oid), what, what, cascade: true, key => keys.Exists(other => other.Definition.Oid == key.Oid));
        TellCascaded();
        RemoveColumn(Current(table.Oid).Definition, column);
    }

    /// <summary>Takes the column away with the indexes and constraints that it is in.</summary>
    private void RemoveColumn(TableObject table, ColumnObject column)
    {
        bool Uses(string? text) => text is not null && ColumnUses.Of(session, table, text).Contains(column.Number);
        var gone = table.Constraints.Where(constraint => constraint.Columns.Contains(column.Number) || constraint.ReferencedTable == table.Oid && constraint.ReferencedColumns.Contains(column.Number)
            || constraint.Kind == 'c' && Uses(constraint.CheckText)).ToHashSet();
        foreach (var index in session.Catalog.Snapshot.IndexesOf[table.Oid].Where(index => index.Keys.Any(key => key.Column == column.Number || Uses(key.ExpressionText)) || index.Included.Contains(column.Number) || Uses(index.PredicateText)).ToList()) DropStoredIndex(index);
        if (column.OwnedSequence != 0) DropStoredSequence(column.OwnedSequence);
        foreach (var put in Rewritten(new ColumnRemoval(table.Oid, column.Number)).ToList()) put();
        var storage = Owner(table.Oid).FindTable(table.Oid)!;
        var stored = Owner(table.Oid).DefinitionOf(storage);
        Owner(table.Oid).AlterTable(stored with { Columns = [.. stored.Columns.Where(other => other.Id != column.StoreId)] });
        Put(ObjectKindNumber.Table, table.Oid, table with
        {
            Columns = [.. table.Columns.Select(other => other.Number == column.Number ? other with { IsDropped = true, Name = "", DefaultText = null, IsNotNull = false, IsGenerated = false, Identity = '\0' } : other)],
            Constraints = [.. table.Constraints.Where(constraint => !gone.Contains(constraint))],
            Periods = [.. table.Periods.Where(period => !period.Has(column.Number))],
        });
    }

    /// <summary>ADD GENERATED … AS IDENTITY.</summary>
    private void AddIdentity(TableObject table, ColumnObject column, AlterColumnAction.AddIdentity add)
    {
        string on = $"column \"{column.Name}\" of relation \"{table.Name}\"";
        if (!column.IsNotNull) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"{on} must be declared NOT NULL before identity can be added");
        if (column.Identity != '\0') throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"{on} is already an identity column");
        if (column.DefaultText is not null) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"{on} already has a default value");
        var builder = new TableBuilder(session, table.Schema, table.Name, () => NewOid(table.Schema)) { TableOid = table.Oid };
        var changed = builder.WithIdentity(column, add.Options, add.Always ? 'a' : 'd');
        foreach (var sequence in builder.Sequences) StoreSequence(sequence);
        ReplaceColumn(table, changed);
    }

    /// <summary>SET GENERATED …, and the options of an identity column's sequence.</summary>
    private void SetIdentity(TableObject table, ColumnObject column, AlterColumnAction.SetIdentity set)
    {
        if (column.Identity == '\0') throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        if (!set.Options.IsEmpty && session.Catalog.Snapshot.Find(column.OwnedSequence) is SequenceRelation sequence) ChangeSequence(sequence, set.Options);
        if (set.Always is { } always) ReplaceColumn(Current(table.Oid).Definition, column with { Identity = always.Value ? 'a' : 'd' });
    }

    private void DropIdentity(TableObject table, ColumnObject column, bool ifExists)
    {
        if (column.Identity == '\0')
        {
            string message = $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column";
            if (!ifExists) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, message);
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"{message}, skipping");
            return;
        }

        DropStoredSequence(column.OwnedSequence);
        ReplaceColumn(table, column with { Identity = '\0', DefaultText = null, OwnedSequence = 0 });
    }

    private void ReplaceColumn(TableObject table, ColumnObject changed) =>
        Put(ObjectKindNumber.Table, table.Oid, table with { Columns = [.. table.Columns.Select(other => other.Number == changed.Number ? changed : other)] });
}

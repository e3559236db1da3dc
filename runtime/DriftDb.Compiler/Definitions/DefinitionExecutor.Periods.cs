using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER TABLE … ADD and DROP PERIOD FOR, and what a period forbids to happen to its columns.</summary>
internal sealed partial class DefinitionExecutor
{
    private static PeriodObject? PeriodOf(TableObject table, ColumnObject column) => Array.Find(table.Periods, period => period.Has(column.Number));

    private static void RejectPeriodName(TableObject table, Identifier column)
    {
        if (Array.Exists(table.Periods, period => period.Name == column.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column name \"{column.Name}\" conflicts with a period of relation \"{table.Name}\"", column.Span);
    }

    private void AddPeriod(TableObject table, AlterTableAction.AddPeriod add)
    {
        var builder = new TableBuilder(session, table.Schema, table.Name, () => NewOid(table.Schema)) { TableOid = table.Oid };
        builder.Columns.AddRange(table.Columns);
        builder.Constraints.AddRange(table.Constraints);
        builder.Periods.AddRange(table.Periods);
        builder.AddPeriod(add.Name, add.Start, add.End, add.Name.Span);
        builder.Finish();
        var changed = table with { Columns = [.. builder.Columns], Constraints = [.. builder.Constraints], Periods = [.. builder.Periods] };
        foreach (var column in changed.LiveColumns().Where(column => column.IsNotNull && !table.Columns.First(old => old.Number == column.Number).IsNotNull)) RequireNoNulls(table, column);
        Put(ObjectKindNumber.Table, table.Oid, changed);
        ValidateNew(changed, changed.Constraints[^1]);
    }

    /// <summary>The check of its ends goes with the period; the columns stay NOT NULL. Keys that name it stand in the way, or go with it.</summary>
    private void DropPeriod(TableObject table, Identifier name, bool cascade)
    {
        var period = Array.Find(table.Periods, candidate => candidate.Name == name.Name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"period \"{name.Name}\" of relation \"{table.Name}\" does not exist", name.Span);
        string shown = Shown(Current(table.Oid)), what = $"period {period.Name} of table {shown}";
        var keys = table.Constraints.Where(constraint => constraint.HasPeriod && constraint.Columns.Contains(period.Start)).ToList();
        if (keys.Count > 0 && !cascade) throw Depend(what, keys.Select(key => $"constraint {key.Name} on table {shown} depends on {what}"));
        foreach (var key in keys)
        {
            Cascaded($"constraint {key.Name} on table {shown}");
            Execute(SqlParser.ParseOne($"ALTER TABLE {Quoted(table)} DROP CONSTRAINT {ObjectNames.QuoteIfNeeded(key.Name)} CASCADE").Node);
        }

        TellCascaded();
        table = Current(table.Oid).Definition;
        Put(ObjectKindNumber.Table, table.Oid, table with
        {
            Periods = [.. table.Periods.Where(other => other.Name != period.Name)], Constraints = [.. table.Constraints.Where(constraint => constraint.Oid != period.CheckOid)],
        });
    }
}

using DriftDb.Frontend;
using DriftDb.Types;
using Microsoft.FSharp.Core;

namespace DriftDb.Compiler;

/// <summary>PERIOD FOR, and the columns that a key with a period stands on.</summary>
internal sealed partial class TableBuilder
{
    public List<PeriodObject> Periods { get; } = [];

    /// <summary>Adds an application-time period: both columns are NOT NULL from then on, and the start is before the end (ISO/IEC 9075-2, 11.27).</summary>
    public void AddPeriod(Identifier name, Identifier start, Identifier end, SourceSpan span)
    {
        if (Columns.Exists(column => !column.IsDropped && column.Name == name.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"period name \"{name.Name}\" conflicts with the name of a column", name.Span);
        if (Periods.Count > 0)
            throw new SqlException(SqlState.InvalidTableDefinition, $"table \"{table}\" cannot have more than one application-time period", name.Span);
        if (start.Name == end.Name) throw new SqlException(SqlState.InvalidTableDefinition, $"period \"{name.Name}\" needs two columns", end.Span);
        ColumnObject first = EndOf(name, start), last = EndOf(name, end);
        if (first.Type != last.Type)
        {
            throw new SqlException(
                SqlState.DatatypeMismatch, $"columns \"{first.Name}\" and \"{last.Name}\" of period \"{name.Name}\" are of different types", end.Span,
                detail: $"\"{first.Name}\" is of type {first.Type.ToSqlType()}, \"{last.Name}\" of type {last.Type.ToSqlType()}.");
        }

        foreach (var column in new[] { first, last }) Columns[Columns.FindIndex(other => other.Number == column.Number)] = column with { IsNotNull = true };
        var check = new ConstraintObject
        {
            Oid = newOid(), Name = Choose(name.Name, "check"), Kind = 'c',
            CheckText = SqlPrinter.PrintExpr(SqlParser.ParseExpression($"{ObjectNames.QuoteIfNeeded(first.Name)} < {ObjectNames.QuoteIfNeeded(last.Name)}")),
        };
        Constraints.Add(check);
        Periods.Add(new PeriodObject { Name = name.Name, Start = first.Number, End = last.Number, CheckOid = check.Oid });
    }

    private ColumnObject EndOf(Identifier period, Identifier name)
    {
        var column = Columns.Find(candidate => !candidate.IsDropped && candidate.Name == name.Name)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name.Name}\" named in period \"{period.Name}\" does not exist", name.Span);
        if (column.IsGenerated || column.Identity != '\0' || column.SystemTime != 0)
            throw new SqlException(SqlState.InvalidTableDefinition, $"generated column \"{column.Name}\" cannot be in period \"{period.Name}\"", name.Span);
        var type = column.Type.ToSqlType();
        return type.Id is TypeId.Date or TypeId.Timestamp or TypeId.TimestampTz ? column
            : throw new SqlException(SqlState.DatatypeMismatch, $"column \"{column.Name}\" of period \"{period.Name}\" is of type {type}, but must be of type date or timestamp", name.Span);
    }

    /// <summary>The period of a key, which must be declared.</summary>
    private static PeriodObject Find(IReadOnlyList<PeriodObject> periods, Identifier name, string ofTable) => periods.FirstOrDefault(period => period.Name == name.Name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"period \"{name.Name}\" of relation \"{ofTable}\" does not exist", name.Span);

    /// <summary>A key's columns: those that are named, and the ends of its period.</summary>
    private static IEnumerable<ColumnObject> WithPeriod(IEnumerable<ColumnObject> columns, PeriodObject? period, IReadOnlyList<ColumnObject> all) =>
        period is null ? columns : [.. columns, all.First(column => column.Number == period.Start), all.First(column => column.Number == period.End)];

    /// <summary>What a key is named after: its columns, then its period.</summary>
    private static string NamesOf(IEnumerable<string> columns, FSharpOption<Identifier>? period) =>
        string.Join("_", period is null ? columns : columns.Append(period.Value.Name));

    /// <summary>A foreign key with PERIOD leads from a period to a key WITHOUT OVERLAPS; there is nothing else that its rows could do when that key goes than stand in the way.</summary>
    private static void RequirePeriods(ForeignKeyReference reference, FSharpOption<Identifier>? period, bool isKeyWithoutOverlaps, SourceSpan span)
    {
        if (reference.Columns.IsEmpty ? period is not null && !isKeyWithoutOverlaps : period is not null && reference.Period is null)
            throw new SqlException(SqlState.InvalidForeignKey, "foreign key uses PERIOD on the referencing table but not the referenced table", span);
        if (period is null && reference.Period is not null)
            throw new SqlException(SqlState.InvalidForeignKey, "foreign key uses PERIOD on the referenced table but not the referencing table", span);
        if (period is null && isKeyWithoutOverlaps)
            throw new SqlException(SqlState.InvalidForeignKey, "foreign key must use PERIOD when referencing a primary key using WITHOUT OVERLAPS", span);
        if (period is null) return;
        foreach (var (action, verb) in new[] { (reference.OnUpdate, "UPDATE"), (reference.OnDelete, "DELETE") })
            if (!action.IsNoAction) throw new SqlException(SqlState.FeatureNotSupported, $"unsupported ON {verb} action for foreign key constraint using PERIOD", span);
    }
}

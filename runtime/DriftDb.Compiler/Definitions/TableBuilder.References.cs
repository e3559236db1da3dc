using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;
using Microsoft.FSharp.Core;

namespace DriftDb.Compiler;

/// <summary>FOREIGN KEY and REFERENCES: the referenced table, its unique key, the actions.</summary>
internal sealed partial class TableBuilder
{
    private readonly List<Action> _references = [];

    /// <summary>Tables that new foreign keys lead to, other than the one being built.</summary>
    public List<TableRelation> Referenced { get; } = [];

    /// <summary>Notes a foreign key. It is resolved when all columns and keys are there: it may lead to the table itself.</summary>
    private void AddForeignKey(FSharpOption<Identifier>? name, IReadOnlyList<Identifier> columns, FSharpOption<Identifier>? period, ForeignKeyReference reference, ConstraintAttributes attributes, SourceSpan span) =>
        _references.Add(() => Resolve(name, columns, period, reference, attributes, span));

    private void Resolve(FSharpOption<Identifier>? name, IReadOnlyList<Identifier> columns, FSharpOption<Identifier>? period, ForeignKeyReference reference, ConstraintAttributes attributes, SourceSpan span)
    {
        if (reference.Match.IsPartial) throw new SqlException(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented", span);
        bool isSelf = reference.Table.Last == table && (Names.SchemaOf(reference.Table) is not { } given || session.Catalog.Resolved(given) == schema);
        var referenced = isSelf ? null : FindReferenced(reference.Table);
        if (referenced is not null)
        {
            Referenced.Add(referenced);
            session.Access.RequireOnColumns(referenced, Rights.References, reference.Columns.IsEmpty
                ? referenced.Columns.Where(column => referenced.IndexObjects.Any(index => index.IsPrimary && index.Keys.Any(key => key.Column == column.AttributeNumber))).Select(column => column.Ordinal)
                : referenced.Columns.Where(column => reference.Columns.Any(named => named.Name == column.Name)).Select(column => column.Ordinal));
        }

        IReadOnlyList<ColumnObject> there = referenced is null ? Columns : referenced.Definition.Columns;
        IReadOnlyList<PeriodObject> periodsThere = referenced is null ? Periods : referenced.Definition.Periods;
        var from = WithPeriod(
            columns.Select(column => Columns.Find(candidate => !candidate.IsDropped && candidate.Name == column.Name)
                ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.Name}\" referenced in foreign key constraint does not exist")),
            period is null ? null : Find(Periods, period.Value, table), Columns).ToList();
        var indexes = referenced is null ? [.. Indexes, .. session.Catalog.Snapshot.IndexesOf[TableOid]] : referenced.IndexObjects.ToList();
        List<ColumnObject> to;
        IndexObject index;
        string referencedName = referenced?.Name ?? table;
        if (reference.Columns.IsEmpty)
        {
            index = indexes.Find(candidate => candidate.IsPrimary) ?? throw new SqlException(SqlState.UndefinedObject, $"there is no primary key for referenced table \"{referencedName}\"");
            RequirePeriods(reference, period, index.WithoutOverlaps, span);
            to = [.. index.Keys.Select(key => there.First(column => column.Number == key.Column))];
            RequireSameCount();
        }
        else
        {
            RequirePeriods(reference, period, isKeyWithoutOverlaps: false, span);
            to = [.. WithPeriod(
                reference.Columns.Select(column => there.FirstOrDefault(candidate => !candidate.IsDropped && candidate.Name == column.Name)
                    ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.Name}\" referenced in foreign key constraint does not exist")),
                period is null ? null : Find(periodsThere, reference.Period!.Value, referencedName), there)];
            RequireSameCount();
            var numbers = to.Select(column => column.Number).ToHashSet();
            index = indexes.OrderBy(candidate => !candidate.IsPrimary).FirstOrDefault(candidate => candidate.PredicateText is null && (period is null ? candidate.IsUnique : candidate.WithoutOverlaps) && candidate.Keys.Length == to.Count && candidate.Keys.All(key => numbers.Contains(key.Column)))
                ?? throw new SqlException(SqlState.InvalidForeignKey, $"there is no unique constraint matching given keys for referenced table \"{referencedName}\"");
        }

        string chosen = name?.Value.Name ?? Choose(NamesOf(columns.Select(column => column.Name), period), "fkey");
        if (Constraints.Exists(constraint => constraint.Name == chosen)) throw new SqlException(SqlState.DuplicateObject, $"constraint \"{chosen}\" for relation \"{table}\" already exists");
        for (int i = 0; i < from.Count; i++)
        {
            SqlType here = from[i].Type.ToSqlType(), other = to[i].Type.ToSqlType();
            if (!ForeignKeyTypes.Match(here, other))
                throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{chosen}\" cannot be implemented", detail: $"Key columns \"{from[i].Name}\" and \"{to[i].Name}\" are of incompatible types: {here.WithoutTypmod()} and {other.WithoutTypmod()}.");
        }

        if (from.Any(column => column.IsGenerated) && (Sets(reference.OnUpdate) || Sets(reference.OnDelete) || reference.OnUpdate.IsCascade))
            throw new SqlException(SqlState.SyntaxError, $"invalid {(Sets(reference.OnDelete) ? "ON DELETE" : "ON UPDATE")} action for foreign key constraint containing generated column");
        Constraints.Add(new ConstraintObject
        {
            Oid = newOid(), Name = chosen, Kind = 'f', Columns = [.. from.Select(column => column.Number)], IndexOid = index.Oid,
            HasPeriod = period is not null, ReferencedTable = referenced?.Oid ?? TableOid, ReferencedColumns = [.. to.Select(column => column.Number)],
            OnDelete = ActionOf(reference.OnDelete), OnUpdate = ActionOf(reference.OnUpdate), Match = reference.Match.IsFull ? ConstraintObject.MatchFull : ConstraintObject.MatchSimple,
            IsDeferrable = attributes.Deferrable || attributes.InitiallyDeferred, IsInitiallyDeferred = attributes.InitiallyDeferred, IsNotValid = attributes.NotValid,
            SetColumns = [.. SetColumns(reference.OnDelete).Select(column => (from.Find(candidate => candidate.Name == column.Name)
                ?? throw new SqlException(SqlState.InvalidColumnReference, $"column \"{column.Name}\" referenced in ON DELETE SET action must be part of foreign key")).Number)],
        });

        void RequireSameCount()
        {
            if (from.Count != to.Count) throw new SqlException(SqlState.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree");
        }
    }

    private TableRelation FindReferenced(QualifiedName name)
    {
        if ((Names.Find(session, name) ?? throw Names.Missing(name)) is not TableRelation referenced) throw new SqlException(SqlState.WrongObjectType, $"referenced relation \"{name.Last}\" is not a table");
        bool isTemporary = TemporaryObjects.Owns(TableOid);
        if (isTemporary && !TemporaryObjects.Owns(referenced.Oid)) throw new SqlException(SqlState.InvalidTableDefinition, "constraints on temporary tables may reference only temporary tables");
        if (!isTemporary && TemporaryObjects.Owns(referenced.Oid)) throw new SqlException(SqlState.InvalidTableDefinition, "constraints on permanent tables may reference only permanent tables");
        return referenced;
    }

    private static bool Sets(ReferentialAction action) => action.IsSetNull || action.IsSetDefault;

    private static IEnumerable<Identifier> SetColumns(ReferentialAction action) => action switch
    {
        ReferentialAction.SetNull set => set.Columns,
        ReferentialAction.SetDefault set => set.Columns,
        _ => [],
    };

    private static char ActionOf(ReferentialAction action) =>
        action.IsRestrict ? ConstraintObject.Restrict : action.IsCascade ? ConstraintObject.Cascade : action.IsSetNull ? ConstraintObject.SetNull : action.IsSetDefault ? ConstraintObject.SetDefault : ConstraintObject.NoAction;
}

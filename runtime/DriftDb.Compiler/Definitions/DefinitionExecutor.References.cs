using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Foreign keys in definitions: locks on the referenced tables, checks of the rows that are there, what goes with a dropped key.</summary>
internal sealed partial class DefinitionExecutor
{
    /// <summary>Keeps writers out of the referenced tables until the key is there for all to see.</summary>
    private void LockReferenced(TableBuilder builder)
    {
        foreach (var referenced in builder.Referenced)
            if (Owner(referenced.Oid).LockTable(referenced.Storage, TableLockMode.ShareRowExclusive) == LockOutcome.MustWait) throw new LockNeededException();
    }

    /// <summary>Checks the rows that are there, in one query.</summary>
    private void ValidateReferences(TableObject table, ConstraintObject constraint)
    {
        var key = session.Catalog.Snapshot.ForeignKeys.From(table.Oid).First(candidate => candidate.Definition.Oid == constraint.Oid);
        var columns = key.Columns.ToArray().Select(ordinal => ObjectNames.QuoteIfNeeded(key.Referencing.Columns[ordinal].Name)).ToList();
        var referenced = key.ReferencedColumns.ToArray().Select(ordinal => ObjectNames.QuoteIfNeeded(key.Referenced.Columns[ordinal].Name)).ToList();
        bool isFull = constraint.Match == ConstraintObject.MatchFull;
        string asked = string.Join(isFull ? " OR " : " AND ", columns.Select(column => $"c.{column} IS NOT NULL"));
        string missing = constraint.HasPeriod ? PeriodCoverage.IsMissing(key, "c") : $"NOT EXISTS (SELECT 1 FROM {ObjectNames.Qualify(key.Referenced.Schema, key.Referenced.Name)} AS p WHERE {string.Join(" AND ", columns.Select((column, i) => $"p.{referenced[i]} = c.{column}"))})";
        var found = new FirstRow(session.Format);
        InternalSql.Execute(session, $"SELECT {string.Join(", ", columns.Select(column => "c." + column))} FROM {Quoted(table)} AS c WHERE ({asked}) AND {missing} LIMIT 1", found, readsLatest: true);
        if (found.Values is { } values) throw found.HasNull ? key.MixesNulls() : key.NotPresent(values);
    }

    /// <summary>Tells of, or drops, the foreign keys of other tables that stand on an object of this one.</summary>
    /// <param name="table">The referenced table.</param>
    /// <param name="what">The object that goes, in words.</param>
    /// <param name="on">What of it the keys depend on, in words.</param>
    /// <param name="cascade">Whether they are to go with it.</param>
    /// <param name="isConcerned">Which keys.</param>
    private void DropReferencesTo(TableRelation table, string what, string on, bool cascade, Func<ConstraintObject, bool> isConcerned)
    {
        var dependents = session.Catalog.Snapshot.ForeignKeys.To(table.Oid).Where(key => isConcerned(key.Definition) && !_dropping.Contains(key.Referencing.Oid)).ToList();
        if (dependents.Count == 0) return;
        if (!cascade) throw Depend(what, dependents.Select(key => $"constraint {key.Definition.Name} on table {Shown(key.Referencing)} depends on {on}"));
        foreach (var key in dependents)
        {
            LockExclusively(key.Referencing.Storage);
            var referencing = Current(key.Referencing.Oid).Definition;
            Put(ObjectKindNumber.Table, referencing.Oid, referencing with { Constraints = [.. referencing.Constraints.Where(constraint => constraint.Oid != key.Definition.Oid)] });
            Cascaded($"constraint {key.Definition.Name} on table {Shown(key.Referencing)}");
        }
    }

    private void ValidateConstraint(TableObject table, Identifier name)
    {
        var constraint = table.Constraints.FirstOrDefault(candidate => candidate.Name == name.Name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name.Name}\" of relation \"{table.Name}\" does not exist");
        if (constraint.Kind is not ('f' or 'c')) throw new SqlException(SqlState.WrongObjectType, $"constraint \"{name.Name}\" of relation \"{table.Name}\" is not a foreign key or check constraint");
        if (!constraint.IsNotValid) return;
        if (constraint.Kind == 'f') ValidateReferences(table, constraint);
        else Validate(table, constraint);
        ReplaceConstraint(table, constraint with { IsNotValid = false });
    }

    private void AlterConstraint(TableObject table, AlterTableAction.AlterConstraint alter)
    {
        var constraint = table.Constraints.FirstOrDefault(candidate => candidate.Name == alter.Name.Name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{alter.Name.Name}\" of relation \"{table.Name}\" does not exist");
        if (constraint.Kind != 'f') throw new SqlException(SqlState.WrongObjectType, $"constraint \"{alter.Name.Name}\" of relation \"{table.Name}\" is not a foreign key constraint");
        ReplaceConstraint(table, constraint with { IsDeferrable = alter.Attributes.Deferrable || alter.Attributes.InitiallyDeferred, IsInitiallyDeferred = alter.Attributes.InitiallyDeferred });
    }

    private void ReplaceConstraint(TableObject table, ConstraintObject changed) =>
        Put(ObjectKindNumber.Table, table.Oid, table with { Constraints = [.. table.Constraints.Select(other => other.Oid == changed.Oid ? changed : other)] });

    /// <summary>TRUNCATE empties tables together with all that refer to them, or says why not.</summary>
    private List<TableRelation> WithReferencing(List<TableRelation> tables, bool cascade)
    {
        var all = new List<TableRelation>(tables);
        for (int i = 0; i < all.Count; i++)
        {
            foreach (var key in session.Catalog.Snapshot.ForeignKeys.To(all[i].Oid))
            {
                if (all.Exists(table => table.Oid == key.Referencing.Oid)) continue;
                if (!cascade)
                    throw new SqlException(SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint", detail: $"Table \"{key.Referencing.Name}\" references \"{all[i].Name}\".",
                        hint: $"Truncate table \"{key.Referencing.Name}\" at the same time, or use TRUNCATE ... CASCADE.");
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"truncate cascades to table \"{key.Referencing.Name}\"");
                all.Add(key.Referencing);
            }
        }

        return all;
    }
}

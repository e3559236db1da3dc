using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ADD CONSTRAINT … PRIMARY KEY | UNIQUE USING INDEX: a unique index that is there becomes a key.</summary>
internal sealed partial class DefinitionExecutor
{
    private void AddKeyOfIndex(TableObject table, TableConstraint constraint, bool isPrimary, Identifier named)
    {
        if (constraint.Attributes.Deferrable) throw new SqlException(SqlState.FeatureNotSupported, "a deferrable key is not supported yet", constraint.Span);
        var index = session.Catalog.Snapshot.FindIndex(table.Schema, named.Name) ?? throw new SqlException(SqlState.UndefinedObject, $"index \"{named.Name}\" does not exist", named.Span);
        if (index.TableOid != table.Oid) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"index \"{index.Name}\" does not belong to table \"{table.Name}\"", named.Span);
        if (table.Constraints.Any(other => other.IndexOid == index.Oid)) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"index \"{index.Name}\" is already associated with a constraint", named.Span);
        const string Need = "Cannot create a primary key or unique constraint using such an index.";
        if (!index.IsUnique) throw new SqlException(SqlState.WrongObjectType, $"\"{index.Name}\" is not a unique index", named.Span, detail: Need);
        if (index.Keys.Any(key => key.Column == 0)) throw new SqlException(SqlState.WrongObjectType, $"index \"{index.Name}\" contains expressions", named.Span, detail: Need);
        if (index.PredicateText is not null) throw new SqlException(SqlState.WrongObjectType, $"\"{index.Name}\" is a partial index", named.Span, detail: Need);
        for (int i = 0; i < index.Keys.Length; i++)
            if (index.Keys[i].Descending || index.Keys[i].NullsFirst) throw new SqlException(SqlState.WrongObjectType, $"index \"{index.Name}\" column number {i + 1} does not have default sorting behavior", named.Span, detail: Need);
        if (isPrimary && table.Constraints.Any(other => other.Kind == 'p')) throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{table.Name}\" are not allowed", constraint.Span);
        string name = constraint.Name?.Value.Name ?? index.Name;
        if (table.Constraints.Any(existing => existing.Name == name)) throw new SqlException(SqlState.DuplicateObject, $"constraint \"{name}\" for relation \"{table.Name}\" already exists");
        if (name != index.Name)
        {
            if (session.Catalog.Snapshot.IsTaken(table.Schema, name)) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{index.Name}\" to \"{name}\"");
        }

        short[] columns = [.. index.Keys.Select(key => key.Column)];
        if (isPrimary)
            foreach (var column in table.LiveColumns().Where(column => columns.Contains(column.Number) && !column.IsNotNull)) RequireNoNulls(table, column);
        Put(ObjectKindNumber.Index, index.Oid, index with { Name = name, IsPrimary = isPrimary });
        Put(ObjectKindNumber.Table, table.Oid, table with
        {
            Columns = [.. table.Columns.Select(column => isPrimary && columns.Contains(column.Number) ? column with { IsNotNull = true } : column)],
            Constraints = [.. table.Constraints, new ConstraintObject { Oid = NewOid(table.Schema), Name = name, Kind = isPrimary ? 'p' : 'u', Columns = columns, IndexOid = index.Oid }],
        });
    }
}

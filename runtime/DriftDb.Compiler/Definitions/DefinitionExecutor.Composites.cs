using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE TYPE … AS (…), ALTER TYPE … ATTRIBUTE.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateComposite(QualifiedName typeName, IReadOnlyList<RecordColumn> attributes)
    {
        var (schema, name) = NewTypeName(typeName);
        if (session.Catalog.Snapshot.IsTaken(schema, name)) throw AlreadyExists(name);
        var columns = new List<ColumnObject>();
        foreach (var attribute in attributes) columns.Add(Attribute(attribute, columns, (short)(columns.Count + 1)));
        var type = new CompositeObject { Oid = NewOid(schema), ArrayOid = NewOid(schema), RelationOid = NewOid(schema), Schema = schema, Name = name, Columns = [.. columns], Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Type, schema) };
        Put(ObjectKindNumber.Composite, type.Oid, type);
        return "CREATE TYPE";
    }

    private ColumnObject Attribute(RecordColumn attribute, IEnumerable<ColumnObject> others, short number)
    {
        string name = attribute.Name.Name;
        if (others.Any(column => !column.IsDropped && column.Name == name)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
        if (number > Limits.Columns) throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {Limits.Columns} columns");
        return new ColumnObject { Number = number, Name = name, Type = StoredType.From(AttributeType(name, attribute.Type)) };
    }

    private SqlType AttributeType(string name, TypeName typeName)
    {
        var type = Binder.TypeResolution.resolve(session.Catalog, typeName);
        if (type.Id is TypeId.Record && !type.IsComposite || type.Id is TypeId.Unknown or TypeId.Void or TypeId.Any or TypeId.AnyElement or TypeId.Trigger)
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{name}\" has pseudo-type {type}", typeName.Span);
        return type;
    }

    private void AlterAttributes(CompositeObject type, AlterTypeAction action)
    {
        if (ColumnsWith(type.Oid).FirstOrDefault() is { Table: not null } user) throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type \"{type.Name}\" because column \"{user.Table.Name}.{user.Column.Name}\" uses it");
        if (DependentsOnType(type.Oid).FirstOrDefault(other => other.View is not null) is { View: { } view }) throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type \"{type.Name}\" because view \"{view.Name}\" uses it");
        switch (action)
        {
            case AlterTypeAction.AddAttribute add:
                if (type.LiveColumns().Any(column => column.Name == add.Attribute.Name.Name))
                    throw new SqlException(SqlState.DuplicateColumn, $"column \"{add.Attribute.Name.Name}\" of relation \"{type.Name}\" already exists");
                var added = Attribute(add.Attribute, type.Columns, (short)(type.Columns.Length + 1));
                if (Contains(added.Type.ToSqlType(), type.Oid)) throw new SqlException(SqlState.InvalidTableDefinition, $"composite type {type.Name} cannot be made a member of itself");
                Put(ObjectKindNumber.Composite, type.Oid, type with { Columns = [.. type.Columns, added] });
                break;
            case AlterTypeAction.DropAttribute drop:
                if (Attribute(type, drop.Name, drop.IfExists) is not { } gone) break;
                DropAttribute(type, gone);
                break;
            case AlterTypeAction.AlterAttribute alter:
                var column = Attribute(type, alter.Name, false)!;
                var changed = AttributeType(column.Name, alter.Type);
                if (Contains(changed, type.Oid)) throw new SqlException(SqlState.InvalidTableDefinition, $"composite type {type.Name} cannot be made a member of itself");
                Put(ObjectKindNumber.Composite, type.Oid, type with { Columns = [.. type.Columns.Select(other => other.Number == column.Number ? other with { Type = StoredType.From(changed) } : other)] });
                break;
            default: throw NotAnEnum(type.Name);
        }
    }

    private void DropAttribute(CompositeObject type, ColumnObject column) =>
        Put(ObjectKindNumber.Composite, type.Oid, type with { Columns = [.. type.Columns.Select(other => other.Number == column.Number ? other with { IsDropped = true, Name = "" } : other)] });

    private void RenameAttribute(CompositeObject type, AlterObjectAction.RenameColumn rename)
    {
        var column = Attribute(type, rename.Old, false)!;
        if (type.LiveColumns().Any(other => other.Name == rename.New.Name)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{rename.New.Name}\" of relation \"{type.Name}\" already exists");
        // Texts may say (c).old.
        if (DependentsOnType(type.Oid).FirstOrDefault(other => other.HasText) is { } user) throw new SqlException(SqlState.FeatureNotSupported, $"cannot rename an attribute of type \"{type.Name}\" because {user.Description} uses it");
        foreach (var (table, _) in ColumnsWith(type.Oid)) RequireNoTexts(table, $"rename an attribute of type \"{type.Name}\"");
        Put(ObjectKindNumber.Composite, type.Oid, type with { Columns = [.. type.Columns.Select(other => other.Number == column.Number ? other with { Name = rename.New.Name } : other)] });
    }

    /// <summary>A table with checks, generated columns, index expressions or views may use the attribute by its name.</summary>
    private void RequireNoTexts(TableRelation table, string action)
    {
        if (table.Definition.Constraints.Any(constraint => constraint.CheckText is not null) || table.Columns.Any(column => column.IsGenerated) || table.IndexObjects.Any(index => index.PredicateText is not null || index.Keys.Any(key => key.Column == 0))
            || DependentViews(table.Oid).Count > 0)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot {action} because expressions of table \"{table.Name}\" may use it");
    }

    private ColumnObject? Attribute(CompositeObject type, Identifier name, bool ifExists)
    {
        if (type.LiveColumns().FirstOrDefault(column => column.Name == name.Name) is { } found) return found;
        if (!ifExists) throw new SqlException(SqlState.UndefinedColumn, $"column \"{name.Name}\" of relation \"{type.Name}\" does not exist");
        session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"column \"{name.Name}\" of relation \"{type.Name}\" does not exist, skipping");
        return null;
    }

    /// <summary>Whether values of the type have values of the other within.</summary>
    private static bool Contains(SqlType type, int oid) =>
        TypeNames.Oid(type) == oid || type.Element is { } element && Contains(element, oid) || type.Row is { } row && row.Fields.Any(field => Contains(field.Type, oid));
}

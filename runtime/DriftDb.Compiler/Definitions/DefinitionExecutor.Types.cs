using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What enums and composite types have in common: names, ALTER TYPE, DROP TYPE with what depends on the type.</summary>
internal sealed partial class DefinitionExecutor
{
    /// <summary>Something that depends on a type.</summary>
    /// <param name="Oid">Its own number: the order in which dependents are told.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="On">On what of the type it depends: the type or its array.</param>
    /// <param name="Drop">Takes it away with CASCADE.</param>
    private sealed record TypeDependent(long Oid, string Description, string On, Action Drop)
    {
        /// <summary>The view that it is; null for others.</summary>
        public CatalogRelation? View { get; init; }

        /// <summary>That others depend on it.</summary>
        public IEnumerable<string> Further { get; init; } = [];

        /// <summary>It depends by what its text says.</summary>
        public bool HasText { get; init; }
    }

    private (string Schema, string Name) NewTypeName(QualifiedName name)
    {
        string schema = Names.SchemaForNew(session, name, Persistence.Permanent);
        if (IsTemporary(schema)) throw TableBuilder.Unsupported("a temporary type", name.Span);
        RequireFreeType(schema, name.Last);
        return (schema, name.Last);
    }

    private void RequireFreeType(string schema, string name)
    {
        var snapshot = session.Catalog.Snapshot;
        if (snapshot.Domains.ContainsKey((schema, name)) || snapshot.Types.Enum(schema, name) is not null || snapshot.Types.Composite(schema, name) is not null || snapshot.Find(schema, name) is { RowTypeOid: not 0 })
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists");
    }

    /// <summary>The name of a new relation isn't an enum's or domain's: its row type has it.</summary>
    private void RequireNoType(string schema, string name)
    {
        if (session.Catalog.Snapshot.Domains.ContainsKey((schema, name)) || session.Catalog.Snapshot.Types.Enum(schema, name) is not null)
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists", hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.");
    }

    private string AlterType(StatementNode.AlterType alter)
    {
        foreach (var action in alter.Actions)
        {
            var (labels, composite) = UserType(alter.Name);
            switch (action)
            {
                case AlterTypeAction.AddValue add: AddValue(labels ?? throw NotAnEnum(alter.Name.Last), add); break;
                case AlterTypeAction.RenameValue rename: RenameValue(labels ?? throw NotAnEnum(alter.Name.Last), rename); break;
                default: AlterAttributes(composite ?? throw new SqlException(SqlState.WrongObjectType, $"\"{alter.Name.Last}\" is not a composite type"), action); break;
            }
        }

        return "ALTER TYPE";
    }

    private static SqlException NotAnEnum(string name) => new(SqlState.WrongObjectType, $"\"{name}\" is not an enum");

    /// <summary>The enum or composite type of this name, whose owner the session must be.</summary>
    private (EnumObject? Enum, CompositeObject? Composite) UserType(QualifiedName name)
    {
        string? schema = Names.SchemaOf(name);
        var labels = session.Catalog.EnumOf(schema, name.Last);
        var composite = labels is null ? session.Catalog.CompositeOf(schema, name.Last) : null;
        if (labels is null && composite is null)
        {
            if (session.Catalog.Find(schema, name.Last) is { RowTypeOid: not 0 } relation)
                throw new SqlException(SqlState.WrongObjectType, $"{relation.Name} is a table's row type", hint: "Use ALTER TABLE instead.");
            if (session.Catalog.DomainOf(schema, name.Last) is null) throw new SqlException(SqlState.UndefinedObject, $"type \"{string.Join('.', name.Texts)}\" does not exist");
        }

        if (!Access.IsOwner(labels?.OwnerOid ?? composite?.OwnerOid ?? Access.CurrentRole.Oid)) throw AccessControl.NotOwner("type", name.Last);
        return (labels, composite);
    }

    /// <summary>RENAME TO, SET SCHEMA, RENAME ATTRIBUTE.</summary>
    private void AlterTypeObject(ObjectReference reference, AlterObjectAction action)
    {
        var (labels, composite) = UserType(reference.Name);
        if (labels is null && composite is null) throw TableBuilder.Unsupported("this change of a distinct type", reference.Span);
        if (action is AlterObjectAction.RenameColumn attribute)
        {
            RenameAttribute(composite ?? throw new SqlException(SqlState.WrongObjectType, $"\"{reference.Name.Last}\" is not a composite type"), attribute);
            return;
        }

        string schema = labels?.Schema ?? composite!.Schema, name = labels?.Name ?? composite!.Name;
        switch (action)
        {
            case AlterObjectAction.RenameTo rename: name = rename.Name.Name; break;
            case AlterObjectAction.SetSchema move:
                schema = RequireSchema(move.Schema);
                if (schema == (labels?.Schema ?? composite!.Schema)) return;
                break;
            default: throw TableBuilder.Unsupported("this change of a type", reference.Span);
        }

        RequireFreeType(schema, name);
        if (composite is not null && session.Catalog.Snapshot.IsTaken(schema, name)) throw AlreadyExists(name);
        int oid = labels?.Oid ?? composite!.Oid;
        Rename(new TypeRenaming(oid, labels?.Name ?? composite!.Name, schema, name), () =>
        {
            if (labels is not null) Put(ObjectKindNumber.Enum, oid, labels with { Schema = schema, Name = name });
            else Put(ObjectKindNumber.Composite, oid, composite! with { Schema = schema, Name = name });
        });
    }

    /// <summary>DROP TYPE of an enum or composite type; false when the name is none's.</summary>
    private bool DropUserType(ObjectReference target, bool cascade)
    {
        string? schema = Names.SchemaOf(target.Name);
        if (session.Catalog.EnumOf(schema, target.Name.Last) is null && session.Catalog.CompositeOf(schema, target.Name.Last) is null) return false;
        var (labels, composite) = UserType(target.Name);
        DropUserType(labels, composite, cascade);
        return true;
    }

    private void DropUserType(EnumObject? labels, CompositeObject? composite, bool cascade)
    {
        int oid = labels?.Oid ?? composite!.Oid;
        DropTypeDependents(oid, $"type {ShownType(oid)}", cascade);
        DropCommentsOn(WellKnownOids.PgType, oid);
        if (composite is not null) DropCommentsOn(WellKnownOids.PgClass, composite.RelationOid);
        if (labels is not null) Delete(ObjectKindNumber.Enum, oid);
        else Delete(ObjectKindNumber.Composite, oid);
    }

    private string ShownType(int oid) => ((ObjectNames)session.Services.ObjectNames).UserTypeName(oid) ?? "???";

    /// <summary>2BP01 when something depends on the type; with CASCADE it goes.</summary>
    private void DropTypeDependents(int oid, string what, bool cascade)
    {
        var dependents = DependentsOnType(oid);
        if (dependents.Count == 0) return;
        if (!cascade) throw Depend(what, dependents.SelectMany(other => (IEnumerable<string>)[$"{other.Description} depends on {other.On}", .. other.Further]).Distinct());
        bool around = _isPartOfDrop;
        _isPartOfDrop = true;
        foreach (var other in dependents)
        {
            Cascaded(other.Description);
            other.Drop();
        }

        _isPartOfDrop = around;
    }

    /// <summary>All that depends on a type directly: columns, attributes, domains, routines by their signatures, checks, defaults, indexes and views by what they say.</summary>
    private List<TypeDependent> DependentsOnType(int oid)
    {
        var found = new List<TypeDependent>();
        var snapshot = session.Catalog.Snapshot;
        var texts = new TypeTexts(session, oid);
        string On(StoredType type) => $"type {ShownType(TypeNames.Oid(type.ToSqlType()))}";
        string own = $"type {ShownType(oid)}";
        foreach (var table in snapshot.Relations.OfType<TableRelation>().Where(table => !_dropping.Contains(table.Oid)).OrderBy(table => table.Oid))
        {
            var definition = table.Definition;
            // Columns of a domain over the type fall with the domain.
            var columns = definition.LiveColumns().Where(column => column.Type.UserOid == oid).ToList();
            foreach (var column in columns.Where(column => column.Domain == 0))
            {
                string described = $"column {column.Name} of {Describe(table)}";
                found.Add(new TypeDependent(table.Oid, described, On(column.Type), () => DropColumnOfType(table.Oid, column.Name))
                {
                    Further = DependentViews(table.Oid).Where(view => ColumnUses.InView(session, view, table.Oid, column.Number)).SelectMany(view => Dependents(view, described)),
                });
            }

            bool IsOwn(string text) => columns.Count > 0 && ColumnUses.Of(session, definition, text).Overlaps(columns.Select(column => column.Number));
            foreach (var column in definition.LiveColumns().Except(columns).Where(column => column.Domain == 0 && texts.IsIn(definition, column.DefaultText, column.Type.ToSqlType())))
                found.Add(new TypeDependent(table.Oid, $"default value for column {column.Name} of {Describe(table)}", own, () => Alter(Current(table.Oid), $"ALTER COLUMN {ObjectNames.QuoteIfNeeded(column.Name)} DROP {(column.IsGenerated ? "EXPRESSION" : "DEFAULT")}")) { HasText = true });
            foreach (var constraint in definition.Constraints.Where(constraint => constraint.CheckText is { } text && !IsOwn(text) && texts.IsIn(definition, text)))
                found.Add(new TypeDependent(table.Oid, $"constraint {constraint.Name} on {Describe(table)}", own, () => Alter(Current(table.Oid), $"DROP CONSTRAINT {ObjectNames.QuoteIfNeeded(constraint.Name)}")) { HasText = true });
            foreach (var index in table.IndexObjects.Where(index => (texts.IsIn(definition, index.PredicateText) || index.Keys.Any(key => texts.IsIn(definition, key.ExpressionText)))
                         && !index.Keys.Any(key => columns.Exists(column => column.Number == key.Column) || key.ExpressionText is { } text && IsOwn(text)) && !(index.PredicateText is { } predicate && IsOwn(predicate))))
                found.Add(new TypeDependent(index.Oid, $"index {index.Name}", own, () => DropStoredIndex(index)) { HasText = true });
        }

        foreach (var view in snapshot.Relations.Where(view => view is IDefinedByQuery { QueryText: not null } defined && !_dropping.Contains(view.Oid) && texts.IsIn(defined)))
            found.Add(new TypeDependent(view.Oid, Describe(view), own, () => { if (session.Catalog.Snapshot.Find(view.Oid) is { } there) DropQuietly(there); }) { View = view, HasText = true });
        foreach (var domain in snapshot.Domains.Values.Where(domain => domain.BaseType.UserOid == oid))
            found.Add(new TypeDependent(domain.Oid, $"type {domain.Name}", On(domain.BaseType), () => DropDomain(domain, cascade: true))
            {
                Further = ColumnsOf(domain).Select(user => $"column {user.Column.Name} of {Describe(user.Table)} depends on type {domain.Name}"),
            });
        foreach (var composite in snapshot.Types.Composites)
            foreach (var column in composite.LiveColumns().Where(column => column.Type.UserOid == oid))
                found.Add(new TypeDependent(composite.Oid, $"column {column.Name} of composite type {ShownType(composite.Oid)}", On(snapshot.Types.Resolve(column.Type)), () => DropAttributeOfType(composite.Oid, column)));
        foreach (var routine in snapshot.AllRoutines.Where(routine => routine.Parameters.Any(parameter => parameter.Type.UserOid == oid) || routine.ReturnType.UserOid == oid))
        {
            var type = routine.Parameters.Select(parameter => parameter.Type).Append(routine.ReturnType).Where(candidate => candidate.UserOid == oid).OrderBy(candidate => candidate.ToSqlType().IsArray).First();
            found.Add(new TypeDependent(routine.Oid, $"{(routine.IsProcedure ? "procedure" : "function")} {routine.SignatureText}", On(type), () => DropRoutine(routine, cascade: true)));
        }

        // Views that have the type from a column fall with the column; here come those that name it themselves. What depends on the array type comes first, as PostgreSQL tells it.
        return [.. found.OrderBy(other => other.On == own).ThenBy(other => other.Oid)];
    }

    private void DropColumnOfType(int tableOid, string column)
    {
        var table = Current(tableOid);
        if (table.IsMaterializedView) DropQuietly(table);
        else if (table.Definition.LiveColumns().Any(other => other.Name == column)) Alter(table, $"DROP COLUMN {ObjectNames.QuoteIfNeeded(column)} CASCADE");
    }

    private void DropAttributeOfType(int oid, ColumnObject column)
    {
        var composite = session.Catalog.Snapshot.Types.Composite(oid)!;
        if (ColumnsWith(oid).FirstOrDefault() is { Table: not null } user)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type \"{composite.Name}\" because column \"{user.Table.Name}.{user.Column.Name}\" uses it");
        DropAttribute(composite, column);
    }

    /// <summary>A view, or a materialized one, and what depends on it; it has been told already.</summary>
    private void DropQuietly(CatalogRelation view)
    {
        if (view is TableRelation table) DropTable(table, cascade: true);
        else DropView((ViewRelation)view, cascade: true);
    }

    /// <summary>Columns of tables that have values of the type, also within arrays, domains and other composite types.</summary>
    private IEnumerable<(TableRelation Table, ColumnObject Column)> ColumnsWith(int typeOid) =>
        session.Catalog.Snapshot.Relations.OfType<TableRelation>().OrderBy(table => table.Oid).SelectMany(table => table.Definition.LiveColumns().Where(column => Contains(column.Type.ToSqlType(), typeOid)).Select(column => (table, column)));

    /// <summary>0A000 when columns somewhere have the table's rows as their values: they would no longer be what they are.</summary>
    private void RequireUnusedRowType(TableRelation table)
    {
        if (ColumnsWith(table.RowTypeOid).FirstOrDefault() is { Table: not null } user)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter table \"{table.Name}\" because column \"{user.Table.Name}.{user.Column.Name}\" uses its row type");
    }
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>DROP of tables, views, indexes, sequences, schemas. What depends on a dropped object goes with CASCADE, or forbids it (2BP01).</summary>
internal sealed partial class DefinitionExecutor
{
    private string Drop(DropStatement drop)
    {
        string kind = SqlPrinter.KindText(drop.Kind);
        bool cascade = drop.Behavior.IsCascade;
        // What goes anyway isn't in the way, whatever the order of the names.
        foreach (var target in drop.Objects)
            if ((drop.Kind.IsTable || drop.Kind.IsMaterializedView || drop.Kind.IsView || drop.Kind.IsSequence) && Names.Find(session, target.Name) is { } relation) _dropping.Add(relation.Oid);
        foreach (var target in drop.Objects)
        {
            if (drop.Kind.IsTable) DropOne<TableRelation>(target, drop.IfExists, "table", relation => DropTable(relation, cascade));
            else if (drop.Kind.IsMaterializedView) DropOne<TableRelation>(target, drop.IfExists, "materialized view", relation => DropTable(relation, cascade));
            else if (drop.Kind.IsView) DropOne<ViewRelation>(target, drop.IfExists, "view", relation => DropView(relation, cascade));
            else if (drop.Kind.IsSequence) DropOne<SequenceRelation>(target, drop.IfExists, "sequence", relation => DropSequence(relation, cascade));
            else if (drop.Kind.IsIndex) DropIndex(target, drop.IfExists, cascade);
            else if (drop.Kind.IsSchema) DropSchema(target, drop.IfExists, cascade);
            else if (drop.IfExists) session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"{kind.ToLowerInvariant()} \"{target.Name.Last}\" does not exist, skipping");
            else throw new SqlException(SqlState.UndefinedObject, $"{kind.ToLowerInvariant()} \"{target.Name.Last}\" does not exist", target.Span);
        }

        TellCascaded();
        return $"DROP {kind.ToUpperInvariant()}";
    }

    private void DropOne<T>(ObjectReference target, bool ifExists, string kind, Action<T> drop) where T : CatalogRelation
    {
        var relation = Names.Find(session, target.Name);
        if (relation is null)
        {
            if (Names.SchemaOf(target.Name) is { } schema && !session.Catalog.SchemaExists(schema))
            {
                if (!ifExists) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", target.Span);
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"schema \"{schema}\" does not exist, skipping");
                return;
            }

            if (!ifExists) throw new SqlException(SqlState.UndefinedTable, $"{kind} \"{target.Name.Last}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"{kind} \"{target.Name.Last}\" does not exist, skipping");
            return;
        }

        if (relation is not T typed || relation is TableRelation table && table.IsMaterializedView != (kind == "materialized view"))
        {
            string actual = relation switch { TableRelation { IsMaterializedView: true } => "materialized view", TableRelation => "table", ViewRelation => "view", SequenceRelation => "sequence", _ => "system view" };
            if (relation is SystemRelation) throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
            throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a {kind}", hint: $"Use DROP {actual.ToUpperInvariant()} to remove a {actual}.");
        }

        Access.RequireOwner(relation);
        drop(typed);
    }

    private void DropTable(TableRelation table, bool cascade)
    {
        if (session.Catalog.Snapshot.Find(table.Oid) is null) return;
        LockExclusively(table.Storage);
        string what = Describe(table);
        var views = DependentViews(table.Oid);
        var keys = session.Catalog.Snapshot.ForeignKeys.To(table.Oid).Where(key => key.Referencing.Oid != table.Oid && !_dropping.Contains(key.Referencing.Oid)).ToList();
        var routines = RoutinesWith(text => text.Uses.Contains(table.Oid));
        if (!cascade && views.Count + keys.Count + routines.Count > 0)
            throw Depend(what, [.. routines.Select(user => $"{user.Described} depends on {what}"), .. views.SelectMany(view => Dependents(view, what)), .. keys.Select(key => $"constraint {key.Definition.Name} on table {Shown(key.Referencing)} depends on {what}")]);
        _dropping.Add(table.Oid);
        DropTypeDependents(table.RowTypeOid, what, cascade);
        DropExpressions(routines);
        foreach (var view in views) DropDependent(view);
        DropReferencesTo(table, what, what, cascade: true, key => keys.Exists(other => other.Definition.Oid == key.Oid));
        foreach (var sequence in session.Catalog.Snapshot.Relations.OfType<SequenceRelation>().Where(sequence => sequence.Definition.OwnerTable == table.Oid).ToList()) DropStoredSequence(sequence.Oid);
        foreach (var index in table.IndexObjects) Delete(ObjectKindNumber.Index, index.Oid);
        DropComments(table.Oid);
        DropCommentsOn(WellKnownOids.PgType, table.RowTypeOid);
        foreach (var constraint in table.Definition.Constraints) DropCommentsOn(WellKnownOids.PgConstraint, constraint.Oid);
        Owner(table.Oid).DropTable(table.Storage);
        Delete(ObjectKindNumber.Table, table.Oid);
        session.Database.Statistics.Forget(table.Oid);
    }

    private void DropView(ViewRelation view, bool cascade)
    {
        if (session.Catalog.Snapshot.Find(view.Oid) is null) return;
        string what = $"view {Shown(view)}";
        var dependents = DependentViews(view.Oid);
        var routines = RoutinesWith(text => text.Uses.Contains(view.Oid));
        if (dependents.Count + routines.Count > 0 && !cascade)
            throw Depend(what, [.. routines.Select(user => $"{user.Described} depends on {what}"), .. dependents.SelectMany(other => Dependents(other, what))]);
        DropExpressions(routines);
        foreach (var other in dependents) DropDependent(other);
        DropComments(view.Oid);
        Delete(ObjectKindNumber.View, view.Oid);
    }

    private void DropSequence(SequenceRelation sequence, bool cascade)
    {
        var users = session.Catalog.Snapshot.Relations.OfType<TableRelation>()
            .SelectMany(table => table.Definition.LiveColumns().Where(column => column.OwnedSequence == sequence.Oid).Select(column => (Table: table, Column: column))).ToList();
        string what = $"sequence {sequence.Name}";
        var expressions = ExpressionsWith(sequence.Oid);
        var described = users.Select(user => $"default value for column {user.Column.Name} of {Describe(user.Table)}").Union(expressions.Select(user => user.Described)).ToList();
        if (described.Count > 0 && !cascade) throw Depend(what, described.Select(user => $"{user} depends on {what}"));
        foreach (var (table, column) in users)
            Put(ObjectKindNumber.Table, table.Oid, table.Definition with { Columns = [.. table.Definition.Columns.Select(other => other.Number == column.Number ? other with { DefaultText = null, OwnedSequence = 0, Identity = '\0' } : other)] });
        DropExpressions(expressions.Where(user => !users.Exists(owner => owner.Table.Oid == user.Owner && owner.Column.Name == user.Column)));
        DropStoredSequence(sequence.Oid);
    }

    /// <summary>What calls a routine, draws from a sequence or casts to a domain, and how it goes with it.</summary>
    private sealed record ExpressionUser(int Owner, string? Column, string Described, Action Drop);

    /// <summary>Defaults, generated columns and checks of tables and domains, parameters' defaults, and bodies that aren't strings.</summary>
    private List<ExpressionUser> ExpressionsWith(int oid)
    {
        var found = new List<ExpressionUser>();
        var snapshot = session.Catalog.Snapshot;
        var domains = snapshot.Domains.Values.Where(domain => domain.Oid != oid && (Resolved.IsUsedIn(domain.DefaultText, [], oid)
            || domain.Checks.Any(check => Resolved.IsUsedIn(check.Text, [new ColumnObject { Number = 1, Name = "value", Type = domain.BaseType }], oid)))).OrderBy(domain => domain.Oid).ToList();
        foreach (var table in snapshot.Relations.OfType<TableRelation>().Where(table => !_dropping.Contains(table.Oid)).OrderBy(table => table.Oid))
        {
            var definition = table.Definition;
            // What a column has from its domain goes with that.
            var columns = definition.LiveColumns().Where(column => column.Domain == 0 || column.Domain != oid && domains.TrueForAll(domain => domain.Oid != column.Domain)).ToList();
            foreach (var column in columns.Where(column => Resolved.IsUsedIn(column.DefaultText, column.IsGenerated ? definition.Columns : [], oid)))
            {
                string name = ObjectNames.QuoteIfNeeded(column.Name);
                found.Add(column.IsGenerated
                    ? new ExpressionUser(table.Oid, column.Name, $"column {column.Name} of {Describe(table)}", () => Alter(Current(table.Oid), $"DROP COLUMN {name} CASCADE"))
                    : new ExpressionUser(table.Oid, column.Name, $"default value for column {column.Name} of {Describe(table)}", () => Alter(Current(table.Oid), $"ALTER COLUMN {name} DROP DEFAULT")));
            }

            foreach (var constraint in definition.Constraints.Where(constraint => constraint.Kind == 'c' && constraint.Columns.All(number => columns.Exists(column => column.Number == number)) && Resolved.IsUsedIn(constraint.CheckText, definition.Columns, oid)))
                found.Add(new ExpressionUser(table.Oid, null, $"constraint {constraint.Name} on {Describe(table)}", () => Alter(Current(table.Oid), $"DROP CONSTRAINT {ObjectNames.QuoteIfNeeded(constraint.Name)}")));
        }

        found.AddRange(domains.Select(domain => new ExpressionUser(domain.Oid, null, $"type {domain.Name}", () => DropDomain(domain, cascade: true))));
        found.AddRange(snapshot.AllRoutines.Where(routine => routine.Oid != oid && IsUsedBy(routine, oid)).OrderBy(routine => routine.Oid).Select(Using));
        return found;
    }

    private void DropExpressions(IEnumerable<ExpressionUser> users)
    {
        var dropped = users.ToList();
        foreach (var user in dropped) Cascaded(user.Described);
        foreach (var user in dropped) user.Drop();
    }

    private void DropIndex(ObjectReference target, bool ifExists, bool cascade)
    {
        if (Names.FindIndex(session, target.Name) is not { } index)
        {
            if (!ifExists) throw new SqlException(SqlState.UndefinedObject, $"index \"{target.Name.Last}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"index \"{target.Name.Last}\" does not exist, skipping");
            return;
        }

        var table = (TableRelation)session.Catalog.Snapshot.Find(index.TableOid)!;
        if (table.Definition.Constraints.FirstOrDefault(constraint => constraint.IndexOid == index.Oid && constraint.Kind != 'f') is { } constraint)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop index {index.Name} because constraint {constraint.Name} on table {table.Name} requires it", hint: $"You can drop constraint {constraint.Name} on table {table.Name} instead.");
        Access.RequireOwner(table);
        LockExclusively(table.Storage);
        DropReferencesTo(table, $"index {index.Name}", $"index {index.Name}", cascade, key => key.IndexOid == index.Oid);
        DropStoredIndex(index);
    }

    private void DropSchema(ObjectReference target, bool ifExists, bool cascade)
    {
        string name = target.Name.Last;
        if (!session.Catalog.Snapshot.Schemas.TryGetValue(name, out var schema))
        {
            if (SystemCatalog.Schemas.ContainsKey(name)) throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop schema {name} because it is required by the database system");
            if (!ifExists) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"schema \"{name}\" does not exist, skipping");
            return;
        }

        if (!Access.IsOwner(schema.OwnerOid)) throw AccessControl.NotOwner("schema", name);
        if (schema.Oid == WellKnownOids.PublicSchema) throw TableBuilder.Unsupported("DROP SCHEMA public", target.Span);
        var members = session.Catalog.Snapshot.Relations.Where(relation => relation.Schema == name).ToList();
        var routines = session.Catalog.Snapshot.AllRoutines.Where(routine => routine.Schema == name).Select(routine => $"function {routine.SignatureText} depends on schema {name}").ToList();
        routines.AddRange(session.Catalog.Snapshot.Domains.Values.Where(domain => domain.Schema == name).Select(domain => $"type {domain.Name} depends on schema {name}"));
        routines.AddRange(session.Catalog.Snapshot.Types.Enums.Where(type => type.Schema == name).Select(type => $"type {ShownType(type.Oid)} depends on schema {name}"));
        routines.AddRange(session.Catalog.Snapshot.Types.Composites.Where(type => type.Schema == name).Select(type => $"type {ShownType(type.Oid)} depends on schema {name}"));
        if (members.Count + routines.Count > 0 && !cascade)
            throw Depend($"schema {name}", routines.Concat(members.Where(member => member is not SequenceRelation { Definition.OwnerTable: not 0 }).Select(member => $"{Describe(member)} depends on schema {name}")));
        DropSchemaWithMembers(schema);
    }

    private void DropSchemaWithMembers(SchemaObject schema)
    {
        var members = session.Catalog.Snapshot.Relations.Where(relation => relation.Schema == schema.Name).ToList();
        foreach (var member in members)
        {
            _dropping.Add(member.Oid);
            if (member is not SequenceRelation { Definition.OwnerTable: not 0 }) Cascaded(Describe(member));
        }

        DropMembers(members);
        foreach (var routine in session.Catalog.Snapshot.AllRoutines.Where(routine => routine.Schema == schema.Name).ToList())
        {
            Cascaded($"function {routine.SignatureText}");
            DropRoutine(routine, cascade: true);
        }

        foreach (var domain in session.Catalog.Snapshot.Domains.Values.Where(domain => domain.Schema == schema.Name).ToList())
        {
            Cascaded($"type {domain.Name}");
            DropDomain(domain, cascade: true);
        }

        foreach (var type in session.Catalog.Snapshot.Types.Composites.Where(type => type.Schema == schema.Name).ToList())
        {
            if (session.Catalog.Snapshot.Types.Composite(type.Oid) is not { } there) continue;
            Cascaded($"type {ShownType(type.Oid)}");
            DropUserType(null, there, cascade: true);
        }

        foreach (var type in session.Catalog.Snapshot.Types.Enums.Where(type => type.Schema == schema.Name).ToList())
        {
            Cascaded($"type {ShownType(type.Oid)}");
            DropUserType(type, null, cascade: true);
        }

        DropDefaultPrivileges(entry => entry.Schema == schema.Oid);
        Delete(ObjectKindNumber.Schema, schema.Oid);
    }

    private void DropMembers(IEnumerable<CatalogRelation> members)
    {
        foreach (var member in members.OrderBy(member => member is not ViewRelation).ToList())
        {
            if (session.Catalog.Snapshot.Find(member.Oid) is null) continue;
            if (member is TableRelation table) DropTable(table, cascade: true);
            else if (member is ViewRelation view) DropView(view, cascade: true);
            else DropStoredSequence(member.Oid);
        }
    }

    /// <summary>ON COMMIT DROP.</summary>
    public void DropTemporary(TableRelation table)
    {
        if (session.Catalog.Snapshot.Find(table.Oid) is not null) DropTable(table, cascade: true);
    }

    /// <summary>DISCARD TEMP.</summary>
    public void DropAllTemporary() => DropMembers(session.Catalog.Snapshot.Relations.Where(relation => IsTemporary(relation.Schema)));

    private readonly HashSet<int> _dropping = [];
    private readonly List<string> _cascaded = [];

    /// <summary>A statement that another DROP runs for its own ends: what falls is told by that one.</summary>
    private bool _isPartOfDrop;

    /// <summary>Views that read the relation, but for those that are being dropped anyway.</summary>
    private List<CatalogRelation> DependentViews(int oid) =>
        [.. session.Catalog.Snapshot.Relations.Where(view => view is IDefinedByQuery { QueryText: not null } defined && defined.DependsOn.Contains(oid) && !_dropping.Contains(view.Oid)).OrderBy(view => view.Oid)];

    /// <summary>That the view depends on something, and which further views depend on it.</summary>
    private IEnumerable<string> Dependents(CatalogRelation view, string on) =>
        [$"{Describe(view)} depends on {on}", .. DependentViews(view.Oid).SelectMany(other => Dependents(other, Describe(view)))];

    private void DropDependent(CatalogRelation view)
    {
        if (session.Catalog.Snapshot.Find(view.Oid) is null) return;
        Cascaded(Describe(view));
        if (view is TableRelation table) DropTable(table, cascade: true);
        else DropView((ViewRelation)view, cascade: true);
    }

    /// <summary>The relation's name as the session's search path lets it be.</summary>
    private string Shown(CatalogRelation relation) => session.Services.ObjectNames.NameOf(TypeId.RegClass, relation.Oid) ?? relation.Name;

    private string Describe(CatalogRelation relation) => $"{(relation.IsMaterializedView ? "materialized view" : relation is TableRelation ? "table" : relation is ViewRelation ? "view" : "sequence")} {Shown(relation)}";

    /// <summary>Notes an object that goes because another goes.</summary>
    private void Cascaded(string description)
    {
        if (!_cascaded.Contains(description)) _cascaded.Add(description);
    }

    /// <summary>Says which objects went as well.</summary>
    private void TellCascaded()
    {
        if (_isPartOfDrop) return;
        if (_cascaded.Count == 1) session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {_cascaded[0]}");
        else if (_cascaded.Count > 1) session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {_cascaded.Count} other objects", detail: string.Join("\n", _cascaded.Select(description => $"drop cascades to {description}")));
        _cascaded.Clear();
    }

    private static SqlException Depend(string what, IEnumerable<string> details) =>
        new(SqlState.DependentObjectsStillExist, $"cannot drop {what} because other objects depend on it", detail: string.Join("\n", details), hint: "Use DROP ... CASCADE to drop the dependent objects too.");

    private void DropStoredIndex(IndexObject index)
    {
        var owner = Owner(index.TableOid);
        if (owner.FindTable(index.TableOid) is { } table && owner.IndexesOf(table).FirstOrDefault(stored => stored.Definition.Id == index.Oid) is { } stored) owner.DropIndex(stored);
        Delete(ObjectKindNumber.Index, index.Oid);
    }

    private void DropStoredSequence(int oid)
    {
        if (oid == 0 || session.Catalog.Snapshot.Find(oid) is null) return;
        Owner(oid).DropSequence(oid);
        Delete(ObjectKindNumber.Sequence, oid);
    }

    private void DropComments(int oid)
    {
        foreach (var comment in session.Catalog.Snapshot.Comments.Where(comment => comment.ObjectOid == oid && comment.ClassOid == WellKnownOids.PgClass).ToList())
            Delete(ObjectKindNumber.Comment, oid, CommentObject.IdOf(comment.ClassOid, comment.ObjectOid, comment.SubId));
    }
}

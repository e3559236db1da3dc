using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE, ALTER and DROP DOMAIN.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateDomain(StatementNode.CreateDomain create)
    {
        string schema = Names.SchemaForNew(session, create.Name, Persistence.Permanent), name = create.Name.Last;
        RequireFreeType(schema, name);
        var type = Binder.TypeResolution.resolve(session.Catalog, create.Type);
        if (type.Id is TypeId.Record && !type.IsComposite || type.Id is TypeId.Unknown or TypeId.Void) throw new SqlException(SqlState.DatatypeMismatch, $"\"{type}\" is not a valid base type for a domain", create.Type.Span);
        var domain = new DomainObject
        {
            Oid = NewOid(schema), Schema = schema, Name = name, BaseType = StoredType.From(type), Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Type, schema),
            IsNotNull = create.Constraints.Any(constraint => constraint.Kind.IsNotNull), DefaultText = create.Default is null ? null : SqlPrinter.PrintExpr(create.Default.Value),
        };
        if (domain.IsNotNull && create.Constraints.Any(constraint => constraint.Kind.IsNull)) throw new SqlException(SqlState.SyntaxError, "conflicting NULL/NOT NULL constraints");
        if (domain.DefaultText is not null)
        {
            BindDefault(domain.DefaultText, type);
            domain = domain with { DefaultText = Resolved.Expression(domain.DefaultText, [], type) };
        }

        foreach (var constraint in create.Constraints) domain = WithConstraint(domain, constraint);
        Put(ObjectKindNumber.Domain, domain.Oid, domain);
        return "CREATE DOMAIN";
    }

    /// <summary>CREATE TYPE t AS source FINAL.</summary>
    private string CreateDistinctType(QualifiedName typeName, TypeName source)
    {
        string schema = Names.SchemaForNew(session, typeName, Persistence.Permanent), name = typeName.Last;
        RequireFreeType(schema, name);
        if (Binder.TypeResolution.domain(session.Catalog, source) is not null) throw new SqlException(SqlState.DatatypeMismatch, $"\"{source.Name.Last}\" is a domain: a distinct type needs a predefined type", source.Span);
        var type = Binder.TypeResolution.resolve(session.Catalog, source);
        if (type.Distinct is not null || type.IsArray || type.Id is TypeId.Unknown or TypeId.Void or TypeId.Record or TypeId.Enum)
            throw new SqlException(SqlState.DatatypeMismatch, $"\"{type}\" is not a valid source type for a distinct type", source.Span);
        var distinct = new DomainObject { Oid = NewOid(schema), Schema = schema, Name = name, BaseType = StoredType.From(type), Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Type, schema), IsDistinct = true };
        Put(ObjectKindNumber.Domain, distinct.Oid, distinct);
        return "CREATE TYPE";
    }

    private DomainObject WithConstraint(DomainObject domain, DomainConstraint constraint)
    {
        if (constraint.Kind is not DomainConstraintKind.Check check) return domain;
        string text = SqlPrinter.PrintExpr(check.Condition);
        string name = constraint.Name?.Value.Name ?? Enumerable.Range(0, int.MaxValue).Select(i => $"{domain.Name}_check{(i == 0 ? "" : i)}").First(candidate => domain.Checks.All(other => other.Name != candidate));
        if (domain.Checks.Any(other => other.Name == name)) throw new SqlException(SqlState.DuplicateObject, $"constraint \"{name}\" for domain \"{domain.Name}\" already exists");
        // As a cast would bind it.
        var value = new Plan.OutputColumn(1, "value", domain.BaseType.ToSqlType(), true);
        _ = Binder.Binder.BindExpression(check.Condition, session.Environment.BindOptions([]), [value], "CHECK", SqlType.Bool);
        return domain with { Checks = [.. domain.Checks, new DomainCheckObject(name, Resolved.Expression(text, [value], SqlType.Bool), NewOid(domain.Schema))] };
    }

    private string AlterDomain(StatementNode.AlterDomain alter)
    {
        var domain = Domain(alter.Name);
        switch (alter.Action)
        {
            case AlterDomainAction.SetDefault set:
                SetDefault(domain, SqlPrinter.PrintExpr(set.Value));
                break;
            case var action when action.IsDropDefault:
                SetDefault(domain, null);
                break;
            case var action when action.IsSetNotNull || action.IsDropNotNull:
                foreach (var (table, column) in ColumnsOf(domain)) Alter(table, $"ALTER COLUMN {ObjectNames.QuoteIfNeeded(column.Name)} {(action.IsSetNotNull ? "SET" : "DROP")} NOT NULL");
                Put(ObjectKindNumber.Domain, domain.Oid, domain with { IsNotNull = action.IsSetNotNull });
                break;
            case AlterDomainAction.AddConstraint add:
                var changed = WithConstraint(domain, add.Constraint);
                if (changed.Checks.Length > domain.Checks.Length)
                    foreach (var (table, column) in ColumnsOf(domain))
                        Alter(table, $"ADD CONSTRAINT {ObjectNames.QuoteIfNeeded(ChooseName(table.Schema, table.Name, column.Name, "check", table.Definition.Constraints.Select(constraint => constraint.Name)))} CHECK ({DomainConstraints.For(changed.Checks[^1].Text, column.Name)})");
                Put(ObjectKindNumber.Domain, domain.Oid, changed);
                break;
            case AlterDomainAction.DropConstraint drop:
                DropDomainConstraint(domain, drop);
                break;
            case AlterDomainAction.ValidateConstraint validate:
                // A constraint has been checked when it was added.
                if (domain.Checks.All(check => check.Name != validate.Name.Name)) throw NoConstraint(domain, validate.Name);
                break;
            default: throw TableBuilder.Unsupported("this change of a domain", alter.Name.Span);
        }

        return "ALTER DOMAIN";
    }

    private static SqlException NoConstraint(DomainObject domain, Identifier name) => new(SqlState.UndefinedObject, $"constraint \"{name.Name}\" of domain \"{domain.Name}\" does not exist", name.Span);

    /// <summary>ALTER DOMAIN … RENAME TO, RENAME CONSTRAINT, SET SCHEMA.</summary>
    private void AlterDomainObject(ObjectReference reference, AlterObjectAction action)
    {
        var domain = Domain(reference.Name);
        switch (action)
        {
            case AlterObjectAction.RenameTo rename: Rename(domain, domain.Schema, rename.Name.Name); break;
            case AlterObjectAction.SetSchema move: Rename(domain, RequireSchema(move.Schema), domain.Name); break;
            case AlterObjectAction.RenameConstraint rename: Put(ObjectKindNumber.Domain, domain.Oid, WithRenamedCheck(domain, rename)); break;
            default: throw TableBuilder.Unsupported("this change of a domain", reference.Span);
        }
    }

    private static DomainObject WithRenamedCheck(DomainObject domain, AlterObjectAction.RenameConstraint rename)
    {
        if (domain.Checks.All(check => check.Name != rename.Old.Name)) throw NoConstraint(domain, rename.Old);
        if (domain.Checks.Any(check => check.Name == rename.New.Name)) throw new SqlException(SqlState.DuplicateObject, $"constraint \"{rename.New.Name}\" for domain \"{domain.Name}\" already exists", rename.New.Span);
        return domain with { Checks = [.. domain.Checks.Select(check => check.Name == rename.Old.Name ? check with { Name = rename.New.Name } : check)] };
    }

    /// <summary>Columns that had the domain's default get its new one.</summary>
    private void SetDefault(DomainObject domain, string? text)
    {
        if (text is not null)
        {
            BindDefault(text, domain.BaseType.ToSqlType());
            text = Resolved.Expression(text, [], domain.BaseType.ToSqlType());
        }

        foreach (var (table, column) in ColumnsOf(domain).Where(user => user.Column.DefaultText == domain.DefaultText))
            Put(ObjectKindNumber.Table, table.Oid, table.Definition with { Columns = [.. table.Definition.Columns.Select(other => other.Number == column.Number ? other with { DefaultText = text } : other)] });
        Put(ObjectKindNumber.Domain, domain.Oid, domain with { DefaultText = text });
    }

    private void DropDomainConstraint(DomainObject domain, AlterDomainAction.DropConstraint drop)
    {
        if (domain.Checks.FirstOrDefault(check => check.Name == drop.Name.Name) is not { } gone)
        {
            if (!drop.IfExists) throw NoConstraint(domain, drop.Name);
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"constraint \"{drop.Name.Name}\" of domain \"{domain.Name}\" does not exist, skipping");
            return;
        }

        foreach (var (table, column) in ColumnsOf(domain))
            if (table.Definition.Constraints.FirstOrDefault(constraint => constraint.Kind == 'c' && constraint.CheckText == DomainConstraints.For(gone.Text, column.Name)) is { } own)
                Alter(table, $"DROP CONSTRAINT {ObjectNames.QuoteIfNeeded(own.Name)}");
        DropCommentsOn(WellKnownOids.PgConstraint, domain.CheckOid(Array.IndexOf(domain.Checks, gone)));
        // The others keep the numbers that they have been known by.
        Put(ObjectKindNumber.Domain, domain.Oid, domain with { Checks = [.. domain.Checks.Select((check, i) => check with { Oid = domain.CheckOid(i) }).Where(check => check.Name != gone.Name)] });
    }

    private string DropDomain(DropStatement drop)
    {
        foreach (var target in drop.Objects)
        {
            if (drop.Kind.IsType && DropUserType(target, drop.Behavior.IsCascade)) continue;
            if (session.Catalog.DomainOf(Names.SchemaOf(target.Name), target.Name.Last) is not { } domain)
            {
                RejectOtherTypes(target, drop.Kind.IsDomain);
                if (!drop.IfExists) throw new SqlException(SqlState.UndefinedObject, $"type \"{target.Name.Last}\" does not exist");
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"type \"{target.Name.Last}\" does not exist, skipping");
                continue;
            }

            if (!Access.IsOwner(domain.OwnerOid)) throw AccessControl.NotOwner("type", domain.Name);
            if (domain.IsDistinct && drop.Kind.IsDomain) throw new SqlException(SqlState.WrongObjectType, $"\"{domain.Name}\" is not a domain", target.Name.Span);
            DropDomain(domain, drop.Behavior.IsCascade);
        }

        TellCascaded();
        return drop.Kind.IsDomain ? "DROP DOMAIN" : "DROP TYPE";
    }

    /// <summary>Types that aren't dropped by their name: the system's, and row types.</summary>
    private void RejectOtherTypes(ObjectReference target, bool isDomain)
    {
        string? schema = Names.SchemaOf(target.Name);
        if (session.Catalog.FindType(schema, target.Name.Last) is { IsComposite: true } row && CatalogOids.RelationOfRowType(row.Row!.Oid) != 0 && session.Catalog.Find(schema, target.Name.Last) is { } relation)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop type {relation.Name} because {Describe(relation)} requires it", hint: $"You can drop {Describe(relation)} instead.");
        if (isDomain && session.Catalog.FindType(schema, target.Name.Last) is not null) throw new SqlException(SqlState.WrongObjectType, $"\"{target.Name.Last}\" is not a domain");
        if ((schema is null or "pg_catalog") && TypeNames.Find(target.Name.Last) is { } system)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop type {system} because it is required by the database system");
    }

    private void DropDomain(DomainObject domain, bool cascade)
    {
        var users = ColumnsOf(domain).ToList();
        var routines = session.Catalog.Snapshot.AllRoutines.Where(routine => domain.IsDistinct && (routine.Parameters.Any(parameter => parameter.Type.DistinctOid == domain.Oid) || routine.ReturnType.DistinctOid == domain.Oid)).ToList();
        var views = session.Catalog.Snapshot.Relations.OfType<ViewRelation>().Where(view => view.Definition.Columns.Any(column => domain.IsDistinct && column.Type.DistinctOid == domain.Oid)).Union(DependentViews(domain.Oid)).ToList();
        var expressions = ExpressionsWith(domain.Oid);
        if (users.Count + views.Count + routines.Count + expressions.Count > 0 && !cascade)
            throw Depend($"type {domain.Name}", [.. expressions.Select(user => $"{user.Described} depends on type {domain.Name}"), .. users.Select(user => $"column {user.Column.Name} of {Describe(user.Table)} depends on type {domain.Name}"), .. views.Select(view => $"{Describe(view)} depends on type {domain.Name}"), .. routines.Select(routine => $"{(routine.IsProcedure ? "procedure" : "function")} {routine.SignatureText} depends on type {domain.Name}")]);
        foreach (var routine in routines)
        {
            Cascaded($"{(routine.IsProcedure ? "procedure" : "function")} {routine.SignatureText}");
            DropRoutine(routine, cascade: true);
        }

        foreach (var view in views.Where(view => session.Catalog.Snapshot.Find(view.Oid) is not null)) DropDependent(view);
        DropExpressions(expressions);
        foreach (var (table, column) in users)
        {
            Cascaded($"column {column.Name} of {Describe(table)}");
            Alter(table, $"DROP COLUMN {ObjectNames.QuoteIfNeeded(column.Name)} CASCADE");
        }

        DropCommentsOn(WellKnownOids.PgType, domain.Oid);
        for (int i = 0; i < domain.Checks.Length; i++) DropCommentsOn(WellKnownOids.PgConstraint, domain.CheckOid(i));
        Delete(ObjectKindNumber.Domain, domain.Oid);
    }

    private DomainObject Domain(QualifiedName name)
    {
        var domain = session.Catalog.DomainOf(Names.SchemaOf(name), name.Last) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{name.Last}\" does not exist");
        if (domain.IsDistinct) throw new SqlException(SqlState.WrongObjectType, $"\"{domain.Name}\" is not a domain", name.Span);
        return Access.IsOwner(domain.OwnerOid) ? domain : throw AccessControl.NotOwner("type", domain.Name);
    }

    private IEnumerable<(TableRelation Table, ColumnObject Column)> ColumnsOf(DomainObject domain) =>
        session.Catalog.Snapshot.Relations.OfType<TableRelation>().OrderBy(table => table.Oid).SelectMany(table => table.Definition.LiveColumns().Where(column => column.Domain == domain.Oid || domain.IsDistinct && column.Type.DistinctOid == domain.Oid).Select(column => (table, column))).ToList();

    private void Alter(TableRelation table, string action) => Execute(SqlParser.ParseOne($"ALTER TABLE {Quoted(table.Definition)} {action}").Node);
}

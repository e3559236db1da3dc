using DriftDb.Frontend;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>COMMENT ON: which object is meant, and where its text is kept. Comments on roles are the server's, as the roles are.</summary>
internal sealed partial class DefinitionExecutor
{
    private string Comment(StatementNode.Comment comment)
    {
        var (classOid, oid, subId) = Target(comment.Object);
        long id = CommentObject.IdOf(classOid, oid, subId);
        var stored = comment.Text is null ? null : new CommentObject { ClassOid = classOid, ObjectOid = oid, SubId = subId, Text = comment.Text.Value };
        if (classOid == WellKnownOids.PgAuthid)
        {
            PutRoleComment(oid, stored);
            return "COMMENT";
        }

        if (stored is not null) Put(ObjectKindNumber.Comment, oid, id, stored);
        else if (session.Catalog.Snapshot.Comments.Any(existing => existing.ClassOid == classOid && existing.ObjectOid == oid && existing.SubId == subId)) Delete(ObjectKindNumber.Comment, oid, id);
        return "COMMENT";
    }

    private void PutRoleComment(int role, CommentObject? comment)
    {
        long id = CommentObject.IdOf(WellKnownOids.PgAuthid, role, 0);
        if (comment is not null) InMainDatabase(main => main.PutObject(ObjectKindNumber.Comment, id, MessagePackSerializer.Serialize(comment)));
        else if (session.Instance.MainDatabase.Catalog.Comments.Any(existing => existing.ClassOid == WellKnownOids.PgAuthid && existing.ObjectOid == role)) InMainDatabase(main => main.DeleteObject(ObjectKindNumber.Comment, id));
    }

    private void DropCommentsOn(int classOid, int oid)
    {
        foreach (var comment in session.Catalog.Snapshot.Comments.Where(comment => comment.ObjectOid == oid && comment.ClassOid == classOid).ToList())
            Delete(ObjectKindNumber.Comment, oid, CommentObject.IdOf(comment.ClassOid, comment.ObjectOid, comment.SubId));
    }

    private (int ClassOid, int Oid, int SubId) Target(ObjectReference reference)
    {
        var kind = reference.Kind;
        if (kind.IsColumn) return ColumnTarget(reference);
        if (kind.IsSchema)
            return (WellKnownOids.PgNamespace, session.Catalog.Snapshot.Schemas.TryGetValue(reference.Name.Last, out var schema) ? schema.Oid : throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{reference.Name.Last}\" does not exist", reference.Span), 0);
        if (kind.IsIndex)
            return (WellKnownOids.PgClass, FindIndex(reference.Name).Oid, 0);
        if (kind.IsDatabase) return (WellKnownOids.PgDatabase, session.Database.Oid, 0);
        if (kind.IsTable || kind.IsView || kind.IsMaterializedView || kind.IsSequence)
        {
            var relation = Names.Relation(session, reference.Name);
            Access.RequireOwner(relation);
            return (WellKnownOids.PgClass, relation.Oid, 0);
        }

        if (kind.IsType || kind.IsDomain) return (WellKnownOids.PgType, TypeTarget(reference.Name, kind.IsDomain), 0);
        if (kind.IsFunction || kind.IsProcedure || kind.IsRoutine)
        {
            var routine = FindRoutine(reference, required: true)!;
            if (!Access.IsOwner(routine.OwnerOid)) throw AccessControl.NotOwner(routine.IsProcedure ? "procedure" : "function", routine.Name);
            return (WellKnownOids.PgProc, routine.Oid, 0);
        }

        if (kind.IsConstraint) return (WellKnownOids.PgConstraint, ConstraintTarget(reference), 0);
        if (kind.IsDomainConstraint) return (WellKnownOids.PgConstraint, DomainConstraintTarget(reference), 0);
        if (kind.IsRole)
        {
            RequireRoleMaker("comment on role");
            return (WellKnownOids.PgAuthid, Access.Required(reference.Name.Last).Oid, 0);
        }

        throw TableBuilder.Unsupported($"COMMENT ON {SqlPrinter.KindText(kind)}", reference.Span);
    }

    private (int ClassOid, int Oid, int SubId) ColumnTarget(ObjectReference reference)
    {
        var parts = reference.Name.Texts.ToList();
        string? schema = parts.Count > 2 ? parts[^3] : null;
        if (session.Catalog.Find(schema, parts[^2]) is { } relation)
        {
            Access.RequireOwner(relation);
            return (WellKnownOids.PgClass, relation.Oid, relation.Columns.FirstOrDefault(column => column.Name == parts[^1])?.AttributeNumber ?? throw MissingColumn());
        }

        if (session.Catalog.CompositeOf(schema, parts[^2]) is not { } composite) throw new SqlException(SqlState.UndefinedTable, $"relation \"{parts[^2]}\" does not exist", reference.Span);
        if (!Access.IsOwner(composite.OwnerOid)) throw AccessControl.NotOwner("type", composite.Name);
        return (WellKnownOids.PgClass, composite.RelationOid, composite.LiveColumns().FirstOrDefault(column => column.Name == parts[^1])?.Number ?? throw MissingColumn());

        SqlException MissingColumn() => new(SqlState.UndefinedColumn, $"column \"{parts[^1]}\" of relation \"{parts[^2]}\" does not exist", reference.Span);
    }

    private int TypeTarget(QualifiedName name, bool isDomain)
    {
        string? schema = Names.SchemaOf(name);
        if (session.Catalog.DomainOf(schema, name.Last) is { } domain && !(isDomain && domain.IsDistinct))
            return Access.IsOwner(domain.OwnerOid) ? domain.Oid : throw AccessControl.NotOwner("type", name.Last);
        bool isSystem = schema is null or "pg_catalog" && TypeNames.Find(name.Last) is not null;
        if ((isSystem ? TypeNames.Find(name.Last) : session.Catalog.FindType(schema, name.Last)) is not { } type)
            throw new SqlException(SqlState.UndefinedObject, $"type \"{string.Join('.', name.Texts)}\" does not exist");
        if (isDomain) throw new SqlException(SqlState.WrongObjectType, $"\"{name.Last}\" is not a domain");
        int owner = type.Enum is not null ? session.Catalog.EnumOf(schema, name.Last)!.OwnerOid
            : session.Catalog.CompositeOf(schema, name.Last)?.OwnerOid ?? session.Catalog.Find(schema, name.Last)?.Owner ?? WellKnownOids.Superuser;
        return Access.IsOwner(owner) ? TypeNames.Oid(type) : throw AccessControl.NotOwner("type", name.Last);
    }

    private int ConstraintTarget(ObjectReference reference)
    {
        var relation = Names.Relation(session, reference.On!.Value);
        Access.RequireOwner(relation);
        return (relation as TableRelation)?.Definition.Constraints.FirstOrDefault(constraint => constraint.Name == reference.Name.Last)?.Oid
            ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{reference.Name.Last}\" for table \"{relation.Name}\" does not exist");
    }

    private int DomainConstraintTarget(ObjectReference reference)
    {
        var domain = Domain(reference.On!.Value);
        int place = Array.FindIndex(domain.Checks, check => check.Name == reference.Name.Last);
        if (place < 0) throw new SqlException(SqlState.UndefinedObject, $"constraint \"{reference.Name.Last}\" for domain {domain.Name} does not exist");
        return domain.CheckOid(place);
    }
}

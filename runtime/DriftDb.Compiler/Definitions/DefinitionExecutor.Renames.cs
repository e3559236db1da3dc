using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER … RENAME TO, RENAME COLUMN and SET SCHEMA. What the catalog keeps as text (views, defaults, checks, bodies) says the new name from then on.</summary>
internal sealed partial class DefinitionExecutor
{
    /// <summary>Changes a name, and with it all kept texts that say it.</summary>
    private void Rename(Renaming renaming, Action rename)
    {
        // All of them are read before anything changes: they are bound with the old name.
        foreach (var put in Rewritten(renaming).ToList()) put();
        rename();
    }

    /// <summary>How the objects whose texts change are stored.</summary>
    private IEnumerable<Action> Rewritten(Renaming renaming)
    {
        var texts = new KeptTexts(session, renaming);
        var snapshot = session.Catalog.Snapshot;
        foreach (var relation in snapshot.Relations)
        {
            if (relation is ViewRelation view && texts.Changed(view.Definition, texts.In) is { } changedView) yield return () => Put(ObjectKindNumber.View, changedView.Oid, changedView);
            if (relation is not TableRelation table) continue;
            if (texts.Changed(table.Definition, texts.In) is { } changedTable) yield return () => Put(ObjectKindNumber.Table, changedTable.Oid, changedTable);
            foreach (var index in table.IndexObjects)
                if (texts.Changed(index, item => texts.In(item, table.Definition)) is { } changedIndex) yield return () => Put(ObjectKindNumber.Index, changedIndex.Oid, changedIndex);
        }

        foreach (var domain in snapshot.Domains.Values)
            if (texts.Changed(domain, texts.In) is { } changedDomain) yield return () => Put(ObjectKindNumber.Domain, changedDomain.Oid, changedDomain);
        foreach (var routine in snapshot.AllRoutines)
            if (texts.Changed(routine, texts.In) is { } changedRoutine) yield return () => Put(ObjectKindNumber.Routine, changedRoutine.Oid, changedRoutine);
    }

    /// <summary>RENAME TO and SET SCHEMA of a table, view or sequence.</summary>
    private void Rename(CatalogRelation relation, string schema, string name)
    {
        if ((schema, name) == (relation.Schema, relation.Name)) return;
        if (session.Catalog.Snapshot.IsTaken(schema, name)) throw AlreadyExists(name);
        if (relation is TableRelation table) LockExclusively(table.Storage);
        Rename(new RelationRenaming(relation, schema, name), () =>
        {
            Put(relation, schema, name);
            if (schema == relation.Schema) return;
            foreach (var owned in session.Catalog.Snapshot.Relations.OfType<SequenceRelation>().Where(sequence => sequence.Definition.OwnerTable == relation.Oid).ToList()) Rename(owned, schema, owned.Name);
        });
    }

    private void Put(CatalogRelation relation, string schema, string name)
    {
        switch (session.Catalog.Snapshot.Find(relation.Oid))
        {
            case TableRelation table:
                var stored = Owner(table.Oid).DefinitionOf(table.Storage);
                Owner(table.Oid).AlterTable(stored with { SchemaName = schema, Name = name });
                Put(ObjectKindNumber.Table, table.Oid, table.Definition with { Schema = schema, Name = name });
                break;
            case ViewRelation view: Put(ObjectKindNumber.View, view.Oid, view.Definition with { Schema = schema, Name = name }); break;
            case SequenceRelation sequence: Put(ObjectKindNumber.Sequence, sequence.Oid, sequence.Definition with { Schema = schema, Name = name }); break;
        }
    }

    private void RenameColumn(TableRelation table, AlterObjectAction.RenameColumn rename)
    {
        var column = Find(table.Definition, rename.Old)!;
        if (table.Definition.LiveColumns().Any(other => other.Name == rename.New.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{rename.New.Name}\" of relation \"{table.Name}\" already exists");
        RejectPeriodName(table.Definition, rename.New);
        LockExclusively(table.Storage);
        Rename(new ColumnRenaming(table, column.Number, column.Name, rename.New.Name), () => PutColumnName(Current(table.Oid), column, rename.New.Name));
    }

    /// <summary>The table with the column's new name, which its own expressions say by itself.</summary>
    private void PutColumnName(TableRelation table, ColumnObject column, string name)
    {
        string? Renamed(string? text) => text is null ? null : ColumnUses.Renamed(session, table.Definition, text, column.Number, name);
        var changed = table.Definition with
        {
            Columns =
            [
                .. table.Definition.Columns
                    .Select(other => other.Number == column.Number ? other with { Name = name } : other.IsGenerated ? other with { DefaultText = Renamed(other.DefaultText) } : other)
                    .Select(other => other with { Former = [.. other.Former.Select(former => former with { Conversion = Renamed(former.Conversion)! })] }),
            ],
            Constraints = [.. table.Definition.Constraints.Select(constraint => constraint.CheckText is null ? constraint : constraint with { CheckText = Renamed(constraint.CheckText) })],
        };
        foreach (var index in table.IndexObjects.Where(index => index.PredicateText is not null || index.Keys.Any(key => key.Column == 0)))
        {
            Put(ObjectKindNumber.Index, index.Oid, index with
            {
                PredicateText = Renamed(index.PredicateText), Keys = [.. index.Keys.Select(key => key.Column == 0 ? key with { ExpressionText = Renamed(key.ExpressionText) } : key)],
            });
        }

        var stored = Owner(table.Oid).DefinitionOf(table.Storage);
        Owner(table.Oid).AlterTable(stored with { Columns = [.. stored.Columns.Select(other => other.Id == column.StoreId ? other with { Name = name } : other)] });
        Put(ObjectKindNumber.Table, table.Oid, changed);
    }

    private void RenameColumn(ViewRelation view, AlterObjectAction.RenameColumn rename)
    {
        var columns = view.Definition.Columns;
        if (Array.Find(columns, column => column.Name == rename.Old.Name) is not { } column) throw new SqlException(SqlState.UndefinedColumn, $"column \"{rename.Old.Name}\" does not exist", rename.Old.Span);
        if (Array.Exists(columns, other => other.Name == rename.New.Name)) throw new SqlException(SqlState.DuplicateColumn, $"column \"{rename.New.Name}\" of relation \"{view.Name}\" already exists", rename.New.Span);
        Rename(new ColumnRenaming(view, column.Number, column.Name, rename.New.Name),
            () => Put(ObjectKindNumber.View, view.Oid, view.Definition with { Columns = [.. columns.Select(other => other.Number == column.Number ? other with { Name = rename.New.Name } : other)] }));
    }

    private void Rename(DomainObject domain, string schema, string name)
    {
        if ((schema, name) == (domain.Schema, domain.Name)) return;
        RequireFreeType(schema, name);
        Rename(new DomainRenaming(domain, schema, name), () => Put(ObjectKindNumber.Domain, domain.Oid, session.Catalog.Snapshot.Domains.Values.First(other => other.Oid == domain.Oid) with { Schema = schema, Name = name }));
    }

    private void AlterRoutine(ObjectReference reference, AlterObjectAction action)
    {
        var routine = FindRoutine(reference, required: true)!;
        if (!Access.IsOwner(routine.OwnerOid)) throw AccessControl.NotOwner(routine.IsProcedure ? "procedure" : "function", routine.Name);
        var changed = action switch
        {
            AlterObjectAction.RenameTo rename => routine with { Name = rename.Name.Name },
            AlterObjectAction.SetSchema move => routine with { Schema = RequireSchema(move.Schema) },
            _ => throw TableBuilder.Unsupported("this change of a function", reference.Span),
        };
        if (session.Catalog.Snapshot.Routines[(changed.Schema, changed.Name)].Any(other => other.Oid != changed.Oid && other.InputTypes.SequenceEqual(changed.InputTypes)))
            throw new SqlException(SqlState.DuplicateFunction, $"function {changed.SignatureText} already exists in schema \"{changed.Schema}\"");
        Rename(new RoutineRenaming(routine, changed.Schema, changed.Name), () =>
        {
            var current = session.Catalog.Snapshot.AllRoutines.First(other => other.Oid == routine.Oid);
            Put(ObjectKindNumber.Routine, routine.Oid, current with { Schema = changed.Schema, Name = changed.Name });
        });
    }

    /// <summary>ALTER SCHEMA … RENAME TO: all that is in it goes along.</summary>
    private void RenameSchema(ObjectReference reference, Identifier name)
    {
        string old = reference.Name.Last;
        var snapshot = session.Catalog.Snapshot;
        if (!snapshot.Schemas.TryGetValue(old, out var schema)) throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{old}\" does not exist", reference.Span);
        if (!Access.IsOwner(schema.OwnerOid)) throw AccessControl.NotOwner("schema", old);
        if (schema.Oid == WellKnownOids.PublicSchema) throw TableBuilder.Unsupported("ALTER SCHEMA public RENAME", reference.Span);
        RequireFreeSchema(name.Name);
        var relations = snapshot.Relations.Where(relation => relation.Schema == old).ToList();
        foreach (var table in relations.OfType<TableRelation>()) LockExclusively(table.Storage);
        Rename(new SchemaRenaming(old, name.Name), () =>
        {
            Put(ObjectKindNumber.Schema, schema.Oid, schema with { Name = name.Name });
            foreach (var relation in relations) Put(relation, name.Name, relation.Name);
            var current = session.Catalog.Snapshot;
            foreach (var domain in current.Domains.Values.Where(domain => domain.Schema == old).ToList()) Put(ObjectKindNumber.Domain, domain.Oid, domain with { Schema = name.Name });
            foreach (var type in current.Types.Enums.Where(type => type.Schema == old).ToList()) Put(ObjectKindNumber.Enum, type.Oid, type with { Schema = name.Name });
            foreach (var type in current.Types.Composites.Where(type => type.Schema == old).ToList()) Put(ObjectKindNumber.Composite, type.Oid, type with { Schema = name.Name });
            foreach (var routine in current.AllRoutines.Where(routine => routine.Schema == old).ToList()) Put(ObjectKindNumber.Routine, routine.Oid, routine with { Schema = name.Name });
        });
    }
}

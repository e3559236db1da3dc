using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE INDEX, and the indexes behind keys.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateIndex(CreateIndexStatement create)
    {
        if (Names.Relation(session, create.Table) is not TableRelation table) throw new SqlException(SqlState.WrongObjectType, $"cannot create index on relation \"{create.Table.Last}\"", detail: "This operation is not supported for views.");
        Access.RequireOwner(table);
        string? name = create.Name?.Value.Name;
        if (name is not null && session.Catalog.Snapshot.IsTaken(table.Schema, name))
        {
            if (!create.IfNotExists) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE INDEX";
        }

        string method = create.Method?.Value.Name ?? "btree";
        if (method is not ("btree" or "hash")) throw new SqlException(SqlState.UndefinedObject, $"access method \"{method}\" does not exist", create.Method!.Value.Span, hint: "DriftDB has btree and hash.");
        if (Owner(table.Oid).LockTable(table.Storage, TableLockMode.Share) == LockOutcome.MustWait) throw new LockNeededException();
        StorageOptions.RequireTablespace(create.Tablespace?.Value);
        var keys = create.Elements.Select(element => Key(table, element)).ToArray();
        if (create.Where is not null) Resolved.RejectOwnNames(create.Where.Value, NamedText.Row(table.Definition.Columns), "an index predicate");
        if (create.Where is { } where) IndexExpressions.BindImmutable(session.Database, table.Definition, where.Value, "index predicates", SqlType.Bool);
        name ??= ChooseName(table.Schema, table.Name, string.Join("_", NamesOf(create.Elements)), "idx", []);
        StoreIndex(table.Definition, new IndexObject
        {
            Oid = NewOid(table.Schema), TableOid = table.Oid, Name = name, Keys = keys, IsUnique = create.Unique, NullsNotDistinct = create.NullsNotDistinct, Method = method,
            PredicateText = create.Where is null ? null : Resolved.Expression(SqlPrinter.PrintExpr(create.Where.Value), NamedText.Row(table.Definition.Columns), null), Included = [.. create.Include.Select(column => Find(table.Definition, column)!.Number)],
        });
        return "CREATE INDEX";
    }

    /// <summary>ALTER INDEX: its storage options have no meaning here.</summary>
    private void AlterIndex(IndexObject index, StatementNode.AlterTable alter)
    {
        Access.RequireOwner(Current(index.TableOid));
        foreach (var action in alter.Actions)
        {
            if (action is AlterTableAction.SetTablespace move) StorageOptions.RequireTablespace(move.Name);
            else if (action is not (AlterTableAction.SetOptions or AlterTableAction.ResetOptions)) throw TableBuilder.Unsupported("this change of an index", alter.Name.Span);
        }
    }

    /// <summary>What an index is named after: its columns, functions, else "expr"; a name that comes again gets a number.</summary>
    private static IEnumerable<string> NamesOf(IEnumerable<IndexElement> elements)
    {
        var used = new HashSet<string>();
        foreach (var element in elements)
        {
            string name = NameOf(element), free = name;
            for (int i = 1; !used.Add(free); i++) free = name + i;
            yield return free;
        }
    }

    private static string NameOf(IndexElement element) => element.Expression switch
    {
        Expr.Column column => column.Name.Last,
        Expr.Call call => call.Call.Name.Last,
        _ => "expr",
    };

    private IndexKeyObject Key(TableRelation table, IndexElement element)
    {
        bool descending = element.Direction.IsDescending;
        bool nullsFirst = element.Nulls.IsFirst || element.Nulls.IsDefault && descending;
        if (element.Expression is not Expr.Column { Name.Parts.Length: 1 } column)
        {
            Resolved.RejectOwnNames(element.Expression, NamedText.Row(table.Definition.Columns), "an index expression");
            var bound = IndexExpressions.BindImmutable(session.Database, table.Definition, element.Expression, "index expressions", null);
            return new IndexKeyObject { Column = 0, ExpressionText = Resolved.Expression(SqlPrinter.PrintExpr(element.Expression), NamedText.Row(table.Definition.Columns), null), ExpressionType = StoredType.From(bound.Type), Descending = descending, NullsFirst = nullsFirst };
        }

        var found = table.Definition.LiveColumns().FirstOrDefault(candidate => candidate.Name == column.Name.Last)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.Name.Last}\" does not exist");
        return new IndexKeyObject { Column = found.Number, Descending = descending, NullsFirst = nullsFirst };
    }

    private void StoreIndex(TableObject table, IndexObject index)
    {
        bool needsExtractor = IndexExpressions.Has(index);
        var extractor = needsExtractor ? IndexExtractors.For(session.StoreOf(table.Oid), session.Database, table, index) : null;
        var definition = new IndexDefinition(
            index.Oid, table.Oid, index.Name,
            [.. IndexExtractors.KeysOf(table, index)], index.IsUnique)
        {
            IsOrdered = index.Method != "hash" || !index.IsUnique,
            NeedsExtractor = needsExtractor,
            NullsNotDistinct = index.NullsNotDistinct,
            WithoutOverlaps = index.WithoutOverlaps,
        };
        try
        {
            Owner(table.Oid).CreateIndex(definition, extractor);
        }
        catch (SqlException error) when (error.SqlState == SqlState.UniqueViolation && error.ConstraintName is null)
        {
            throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{index.Name}\"", detail: error.Detail) { ConstraintName = index.Name, TableName = table.Name, SchemaName = table.Schema };
        }

        catch (SqlException error) when (error.SqlState == SqlState.ExclusionViolation && error.TableName is null)
        {
            throw new SqlException(SqlState.ExclusionViolation, error.Message) { ConstraintName = index.Name, TableName = table.Name, SchemaName = table.Schema };
        }

        Put(ObjectKindNumber.Index, index.Oid, index);
    }
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER TABLE: columns, defaults, constraints. What needs the rows read or written is said in SQL and run in the same transaction.</summary>
internal sealed partial class DefinitionExecutor
{
    private string AlterTable(StatementNode.AlterTable alter)
    {
        string tag = $"ALTER {SqlPrinter.KindText(alter.Kind).ToUpperInvariant()}";
        if (alter.Kind.IsIndex && Names.FindIndex(session, alter.Name) is { } index)
        {
            AlterIndex(index, alter);
            return tag;
        }

        if (Names.Find(session, alter.Name) is not { } relation)
        {
            if (!alter.IfExists) throw new SqlException(SqlState.UndefinedTable, $"relation \"{alter.Name.Last}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"relation \"{alter.Name.Last}\" does not exist, skipping");
            return tag;
        }

        Access.RequireOwner(relation);
        if (alter.Actions.OfType<AlterTableAction.OwnerTo>().FirstOrDefault() is { } owner)
            ChangeOwner(new ObjectReference(ObjectKind.Table, alter.Name, null, null, alter.Name.Span), owner.Owner);
        if (relation is ViewRelation view && alter.Actions.All(action => action is AlterTableAction.SetOptions or AlterTableAction.ResetOptions))
        {
            SetOptions(view, alter.Actions);
            return tag;
        }

        if (relation is not TableRelation)
        {
            if (alter.Actions.All(action => action is AlterTableAction.OwnerTo)) return tag;
            throw new SqlException(SqlState.WrongObjectType, $"ALTER action cannot be performed on relation \"{relation.Name}\"", alter.Name.Span, detail: "This operation is only supported for tables.");
        }

        if (relation.IsMaterializedView && !alter.Actions.All(action => action is AlterTableAction.OwnerTo or AlterTableAction.SetOptions or AlterTableAction.ResetOptions))
            throw new SqlException(SqlState.WrongObjectType, $"ALTER action cannot be performed on relation \"{relation.Name}\"", alter.Name.Span, detail: "This operation is not supported for materialized views.");
        LockExclusively(((TableRelation)relation).Storage);
        if (alter.Actions.Any(action => action is AlterTableAction.AddColumn or AlterTableAction.DropColumn or AlterTableAction.AlterColumn { Action: AlterColumnAction.SetType })) RequireUnusedRowType((TableRelation)relation);
        foreach (var action in alter.Actions) Alter(Current(relation.Oid), action);
        return tag;
    }

    /// <summary>The table as earlier actions of this very statement left it.</summary>
    private TableRelation Current(int oid) => (TableRelation)session.Catalog.Snapshot.Find(oid)!;

    private void Alter(TableRelation relation, AlterTableAction action)
    {
        var table = relation.Definition;
        switch (action)
        {
            case AlterTableAction.AddColumn add: AddColumn(relation, add); break;
            case AlterTableAction.DropColumn drop: DropColumn(table, drop); break;
            case AlterTableAction.AlterColumn alter: AlterColumn(relation, alter); break;
            case AlterTableAction.AddConstraint { Constraint.Kind: TableConstraintKind.UsingIndex key } add: AddKeyOfIndex(table, add.Constraint, key.Primary, key.Index); break;
            case AlterTableAction.AddConstraint add: AddConstraint(table, add.Constraint); break;
            case AlterTableAction.DropConstraint drop: DropConstraint(table, drop); break;
            case AlterTableAction.AddPeriod { Name.Name: not "system_time" } add: AddPeriod(table, add); break;
            case AlterTableAction.DropPeriod { Name.Name: not "system_time" } drop: DropPeriod(table, drop.Name, drop.Behavior.IsCascade); break;
            case AlterTableAction.ValidateConstraint validate: ValidateConstraint(table, validate.Name); break;
            case AlterTableAction.AlterConstraint alterConstraint: AlterConstraint(table, alterConstraint); break;
            case var versioning when versioning.IsAddSystemVersioning: Put(ObjectKindNumber.Table, table.Oid, table with { IsVersioned = true }); break;
            case var versioning when versioning.IsDropSystemVersioning: Put(ObjectKindNumber.Table, table.Oid, table with { IsVersioned = false }); break;
            case AlterTableAction.OwnerTo or AlterTableAction.ReplicaIdentity or AlterTableAction.ClusterOn or AlterTableAction.SetLogged: break;
            case AlterTableAction.SetTablespace move: StorageOptions.RequireTablespace(move.Name); break;
            case var without when without.IsSetWithoutCluster: break;
            case AlterTableAction.Unsupported { Feature: "SET WITHOUT OIDS" }: break;
            case AlterTableAction.SetOptions set:
                SetOptions(relation, [.. table.Options.Where(old => !set.Options.Any(option => old.StartsWith(option.Name + "=", StringComparison.Ordinal))), .. StorageOptions.Texts(set.Options)]);
                break;
            case AlterTableAction.ResetOptions reset:
                SetOptions(relation, [.. table.Options.Where(old => !reset.Options.Any(option => old.StartsWith(option.Name + "=", StringComparison.Ordinal)))]);
                break;
            case AlterTableAction.EnableDisable other: throw TableBuilder.Unsupported($"ALTER TABLE … {other.Text.ToUpperInvariant()}", SourceSpan.None);
            default: throw TableBuilder.Unsupported($"ALTER TABLE … {action.GetType().Name}", SourceSpan.None);
        }
    }

    /// <summary>The store knows one of them: how long it keeps the history.</summary>
    private void SetOptions(TableRelation relation, string[] options)
    {
        var table = relation.Definition;
        var stored = Owner(table.Oid).DefinitionOf(relation.Storage);
        var retention = HistoryRetention.Of(options);
        if (stored.HistoryRetention != retention) Owner(table.Oid).AlterTable(stored with { HistoryRetention = retention });
        Put(ObjectKindNumber.Table, table.Oid, table with { Options = options });
    }

    private void AddColumn(TableRelation relation, AlterTableAction.AddColumn add)
    {
        var table = relation.Definition;
        string name = add.Column.Name.Name;
        if (table.LiveColumns().Any(column => column.Name == name))
        {
            if (!add.IfNotExists) throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" of relation \"{table.Name}\" already exists");
            session.Notify("NOTICE", SqlState.DuplicateColumn, $"column \"{name}\" of relation \"{table.Name}\" already exists, skipping");
            return;
        }

        var builder = new TableBuilder(session, table.Schema, table.Name, () => NewOid(table.Schema)) { TableOid = table.Oid };
        builder.Columns.AddRange(table.Columns);
        builder.Constraints.AddRange(table.Constraints);
        builder.Periods.AddRange(table.Periods);
        RejectPeriodName(table, add.Column.Name);
        var definition = add.Column.Type is null ? WithInferredType(add.Column) : add.Column;
        builder.AddColumn(definition, (short)(table.Columns.Max(column => column.Number) + 1));
        if (table.NextStoreId() is var storeId && storeId != builder.Columns[^1].Number) builder.Columns[^1] = builder.Columns[^1] with { StoredIn = storeId };
        builder.Finish();
        LockReferenced(builder);
        var column = builder.Columns[^1];
        foreach (var sequence in builder.Sequences) StoreSequence(sequence);
        var changed = table with { Columns = [.. builder.Columns], Constraints = [.. builder.Constraints] };

        // A default that is the same for all rows is kept once, for the rows that are older than the column: the change is instant.
        StoredValue? missing = null;
        bool perRow = false;
        var type = column.Type.ToSqlType();
        if (column is { DefaultText: not null, IsGenerated: false })
        {
            if (column.OwnedSequence != 0 || Volatile(column.DefaultText)) perRow = true;
            else if (ConstantEvaluator.Evaluate(BindDefault(column.DefaultText, type), session.NewContext()).Value is { } value) missing = StoredValues.Unbox(value, type);
        }

        bool hasRows = Any($"SELECT 1 FROM {Quoted(table)} LIMIT 1");
        if (hasRows && column.IsNotNull && missing is null && !perRow && !column.IsGenerated)
            throw new SqlException(SqlState.NotNullViolation, $"column \"{name}\" of relation \"{table.Name}\" contains null values") { TableName = table.Name, SchemaName = table.Schema, ColumnName = name };
        var stored = Owner(relation.Oid).DefinitionOf(relation.Storage);
        Owner(table.Oid).AlterTable(stored with { Columns = stored.Columns.Add(new Storage.ColumnDefinition(column.StoreId, column.Name, type, missing)) });
        Put(ObjectKindNumber.Table, table.Oid, changed);
        if (hasRows && perRow) Run($"UPDATE {Quoted(table)} SET {ObjectNames.QuoteIfNeeded(name)} = DEFAULT");
        else if (hasRows && column.IsGenerated) Run($"UPDATE {Quoted(table)} SET {ObjectNames.QuoteIfNeeded(name)} = DEFAULT");
        foreach (var index in builder.Indexes) StoreIndex(changed, index);
        foreach (var constraint in changed.Constraints.Except(table.Constraints)) ValidateNew(changed, constraint);
    }

    /// <summary>DriftQL's ADD COLUMN c DEFAULT "v" has the default's type.</summary>
    private Frontend.ColumnDefinition WithInferredType(Frontend.ColumnDefinition column)
    {
        var value = column.Constraints.Select(constraint => constraint.Kind).OfType<ColumnConstraintKind.Default>().FirstOrDefault();
        var type = value is null ? SqlType.Text : Binder.Binder.BindExpression(value.Value, session.Environment.BindOptions([]), [], "DEFAULT expressions", null).Type.WithoutTypmod();
        if (type.IsFixedNumeric) type = SqlType.Numeric;
        return new Frontend.ColumnDefinition(column.Name, SqlParser.ParseTypeName(type.ToString()), column.Collation, column.Constraints, column.Span);
    }

    private ScalarExpr BindDefault(string text, SqlType type) => Binder.Binder.BindExpression(SqlParser.ParseExpression(text), session.Environment.BindOptions([]), [], "DEFAULT expressions", type);

    private bool Volatile(string text) => Optimizer.Volatile.Is(BindDefault(text, null!));

    private ColumnObject? Find(TableObject table, Identifier name, bool ifExists = false)
    {
        var column = table.LiveColumns().FirstOrDefault(candidate => candidate.Name == name.Name);
        if (column is not null) return column;
        if (!ifExists) throw new SqlException(SqlState.UndefinedColumn, $"column \"{name.Name}\" of relation \"{table.Name}\" does not exist");
        session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"column \"{name.Name}\" of relation \"{table.Name}\" does not exist, skipping");
        return null;
    }

    private void AlterColumn(TableRelation relation, AlterTableAction.AlterColumn alter)
    {
        var table = relation.Definition;
        var column = Find(table, alter.Name)!;
        void Replace(ColumnObject changed) => ReplaceColumn(table, changed);
        switch (alter.Action)
        {
            case AlterColumnAction.SetType set: SetType(relation, column, set); break;
            case AlterColumnAction.SetDefault set:
                BindDefault(SqlPrinter.PrintExpr(set.Value), column.Type.ToSqlType());
                Replace(column with { DefaultText = Resolved.Expression(SqlPrinter.PrintExpr(set.Value), [], column.Type.ToSqlType()) });
                break;
            case var drop when drop.IsDropDefault: Replace(column with { DefaultText = null }); break;
            case var set when set.IsSetNotNull:
                RequireNoNulls(table, column);
                Replace(column with { IsNotNull = true });
                break;
            case var drop when drop.IsDropNotNull:
                if (table.Constraints.Any(constraint => constraint.Kind == 'p' && constraint.Columns.Contains(column.Number))) throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" is in a primary key");
                if (PeriodOf(table, column) is { } nullable) throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" is in period \"{nullable.Name}\"");
                Replace(column with { IsNotNull = false });
                break;
            case AlterColumnAction.DropExpression: Replace(column with { IsGenerated = false, DefaultText = null }); break;
            case AlterColumnAction.AddIdentity add: AddIdentity(table, column, add); break;
            case AlterColumnAction.SetIdentity set: SetIdentity(table, column, set); break;
            case AlterColumnAction.DropIdentity drop: DropIdentity(table, column, drop.IfExists); break;
            case AlterColumnAction.SetStatistics or AlterColumnAction.SetOptions or AlterColumnAction.ResetOptions or AlterColumnAction.SetStorage or AlterColumnAction.SetCompression: break;
            default: throw TableBuilder.Unsupported("this ALTER COLUMN action", alter.Name.Span);
        }
    }

    private void RequireNoNulls(TableObject table, ColumnObject column)
    {
        if (Any($"SELECT 1 FROM {Quoted(table)} WHERE {ObjectNames.QuoteIfNeeded(column.Name)} IS NULL LIMIT 1"))
            throw new SqlException(SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values") { TableName = table.Name, SchemaName = table.Schema, ColumnName = column.Name };
    }

    /// <summary>
    /// Another type is another column of the store: it is added, filled from the old one, and takes the old one's place. Older versions keep the old one, and the catalog how it was converted.
    /// </summary>
    private void SetType(TableRelation relation, ColumnObject column, AlterColumnAction.SetType set)
    {
        var table = relation.Definition;
        if (PeriodOf(table, column) is { } period) throw new SqlException(SqlState.FeatureNotSupported, $"cannot alter type of column \"{column.Name}\" because it is in period \"{period.Name}\"", set.Type.Span, hint: "Drop the period first.");
        if (session.Catalog.Snapshot.Relations.FirstOrDefault(view => ColumnUses.InView(session, view, table.Oid, column.Number)) is { } user)
            throw new SqlException(SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule", detail: $"rule _RETURN on {(user.IsMaterializedView ? "materialized view" : "view")} {user.Name} depends on column \"{column.Name}\"");
        var type = Binder.TypeResolution.resolve(session.Catalog, set.Type);
        var storage = relation.Storage;
        var stored = Owner(table.Oid).DefinitionOf(storage);
        // Nobody else can write to the table now: what is committed has the old type, what comes has the new one.
        long through = storage.Store.VisibleSequence;
        short storeId = table.NextStoreId(), number = (short)(table.Columns.Max(other => other.Number) + 1);
        string temporary = $"drift new {column.Name}";
        var added = column with { Number = number, StoredIn = storeId, Name = temporary, Type = StoredType.From(type), IsNotNull = false, DefaultText = null, Former = [] };
        Owner(table.Oid).AlterTable(stored with { Columns = stored.Columns.Add(new Storage.ColumnDefinition(storeId, column.Name, type)) });
        Put(ObjectKindNumber.Table, table.Oid, table with { Columns = [.. table.Columns, added] });
        string value = set.Using is null ? $"CAST({ObjectNames.QuoteIfNeeded(column.Name)} AS {SqlPrinter.PrintType(set.Type)})" : SqlPrinter.PrintExpr(set.Using.Value);
        if (set.Using is null) RequireAssignment(relation, column, type);
        bool Uses(string? text) => text is not null && ColumnUses.Of(session, table, text).Contains(column.Number);
        var indexes = session.Catalog.Snapshot.IndexesOf[table.Oid].Where(index => index.Keys.Any(key => key.Column == column.Number || Uses(key.ExpressionText)) || Uses(index.PredicateText)).ToList();
        // A cast of NULL is NULL: such rows needn't be written.
        bool isCast = set.Using is null || set.Using.Value is Expr.Cast { Operand: Expr.Column };
        Run($"UPDATE {Quoted(table)} SET {ObjectNames.QuoteIfNeeded(temporary)} = {value}{(isCast ? $" WHERE {ObjectNames.QuoteIfNeeded(column.Name)} IS NOT NULL" : "")}");
        foreach (var index in indexes) DropStoredIndex(index);

        var retyped = column with
        {
            StoredIn = storeId, Type = StoredType.From(type),
            Former = [.. column.Former, new FormerColumnObject { StoreId = column.StoreId, Type = column.Type, Through = through, Conversion = value }],
        };
        var changed = table with { Columns = [.. table.Columns.Select(other => other.Number == column.Number ? retyped : other)] };
        var after = Owner(table.Oid).DefinitionOf(storage);
        var byId = after.Columns.ToDictionary(definition => definition.Id);
        Owner(table.Oid).AlterTable(after with { Columns = [.. changed.LiveColumns().Select(live => byId[live.StoreId])] });
        Put(ObjectKindNumber.Table, table.Oid, changed);
        foreach (var index in indexes)
        {
            int oid = NewIndexOid(changed, index);
            StoreIndex(changed, index with { Oid = oid, Keys = [.. index.Keys.Select(key => Retyped(changed, key))] });
        }

        var keys = session.Catalog.Snapshot.ForeignKeys;
        foreach (var key in keys.From(table.Oid).Concat(keys.To(table.Oid))) RequireSameTypes(key);
    }

    /// <summary>A foreign key must still lead from a type to one that it can be compared with.</summary>
    private static void RequireSameTypes(ForeignKey key)
    {
        for (int i = 0; i < key.Columns.Length; i++)
        {
            RelationColumn here = key.Referencing.Columns[key.Columns[i]], there = key.Referenced.Columns[key.ReferencedColumns[i]];
            if (!ForeignKeyTypes.Match(here.Type, there.Type))
                throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{key.Definition.Name}\" cannot be implemented", detail: $"Key columns \"{here.Name}\" and \"{there.Name}\" are of incompatible types: {here.Type.WithoutTypmod()} and {there.Type.WithoutTypmod()}.");
        }
    }

    /// <summary>An expression over a column of another type may itself have another type.</summary>
    private IndexKeyObject Retyped(TableObject table, IndexKeyObject key) =>
        key.ExpressionText is null ? key : key with { ExpressionType = StoredType.From(IndexExpressions.TypeOf(session.Database, table, key.ExpressionText)) };

    /// <summary>A rebuilt index has a number of its own; constraints that stand on it follow.</summary>
    private int NewIndexOid(TableObject table, IndexObject index)
    {
        int oid = NewOid(table.Schema);
        var owners = session.Catalog.Snapshot.ForeignKeys.To(table.Oid).Select(key => key.Referencing.Oid).Append(table.Oid).Distinct().ToList();
        foreach (var owner in owners.Select(owner => Current(owner).Definition))
            Put(ObjectKindNumber.Table, owner.Oid, owner with { Constraints = [.. owner.Constraints.Select(constraint => constraint.IndexOid == index.Oid ? constraint with { IndexOid = oid } : constraint)] });
        return oid;
    }

    private static void RequireAssignment(TableRelation relation, ColumnObject column, SqlType target)
    {
        var source = column.Type.ToSqlType();
        if (!Binder.Conversions.canAssign(source, target))
            throw new SqlException(SqlState.DatatypeMismatch, $"column \"{column.Name}\" cannot be cast automatically to type {target}", hint: $"You might need to specify \"USING {ObjectNames.QuoteIfNeeded(column.Name)}::{target}\".") { TableName = relation.Name };
    }

    private void AddConstraint(TableObject table, TableConstraint constraint)
    {
        var builder = new TableBuilder(session, table.Schema, table.Name, () => NewOid(table.Schema)) { TableOid = table.Oid };
        builder.Columns.AddRange(table.Columns);
        builder.Constraints.AddRange(table.Constraints);
        builder.Periods.AddRange(table.Periods);
        if (constraint.Name is { } name && table.Constraints.Any(existing => existing.Name == name.Value.Name))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{name.Value.Name}\" for relation \"{table.Name}\" already exists");
        builder.AddConstraint(constraint);
        builder.Finish();
        LockReferenced(builder);
        var changed = table with { Columns = [.. builder.Columns], Constraints = [.. builder.Constraints] };
        foreach (var column in changed.LiveColumns().Where(column => column.IsNotNull && !table.Columns.First(old => old.Number == column.Number).IsNotNull)) RequireNoNulls(table, column);
        Put(ObjectKindNumber.Table, table.Oid, changed);
        foreach (var index in builder.Indexes) StoreIndex(changed, index);
        foreach (var added in builder.Constraints.Where(added => table.Constraints.All(old => old.Oid != added.Oid))) ValidateNew(changed, added);
    }

    /// <summary>A constraint holds for the rows that are there, unless it was made NOT VALID.</summary>
    private void ValidateNew(TableObject table, ConstraintObject constraint)
    {
        if (constraint.IsNotValid) return;
        if (constraint.Kind == 'c') Validate(table, constraint);
        else if (constraint.Kind == 'f') ValidateReferences(table, constraint);
    }

    private void Validate(TableObject table, ConstraintObject check)
    {
        if (Any($"SELECT 1 FROM {Quoted(table)} WHERE NOT ({check.CheckText}) LIMIT 1"))
            throw new SqlException(SqlState.CheckViolation, $"check constraint \"{check.Name}\" of relation \"{table.Name}\" is violated by some row") { TableName = table.Name, SchemaName = table.Schema, ConstraintName = check.Name };
    }

    private void DropConstraint(TableObject table, AlterTableAction.DropConstraint drop)
    {
        var constraint = table.Constraints.FirstOrDefault(candidate => candidate.Name == drop.Name.Name);
        if (constraint is null)
        {
            if (!drop.IfExists) throw new SqlException(SqlState.UndefinedObject, $"constraint \"{drop.Name.Name}\" of relation \"{table.Name}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"constraint \"{drop.Name.Name}\" of relation \"{table.Name}\" does not exist, skipping");
            return;
        }

        if (Array.Find(table.Periods, period => period.CheckOid == constraint.Oid) is { } period)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop constraint {constraint.Name} on table {table.Name} because period {period.Name} requires it", hint: $"You can drop period {period.Name} instead.");
        if (constraint.Kind is 'p' or 'u')
        {
            DropReferencesTo(Current(table.Oid), $"constraint {constraint.Name} on table {Shown(Current(table.Oid))}", $"index {constraint.Name}", drop.Behavior.IsCascade, key => key.IndexOid == constraint.IndexOid);
            TellCascaded();
            table = Current(table.Oid).Definition;
        }

        DropCommentsOn(WellKnownOids.PgConstraint, constraint.Oid);
        Put(ObjectKindNumber.Table, table.Oid, table with { Constraints = [.. table.Constraints.Where(other => other.Oid != constraint.Oid)] });
        if (constraint.Kind != 'f' && constraint.IndexOid != 0 && session.Catalog.Snapshot.Indexes.TryGetValue(constraint.IndexOid, out var index)) DropStoredIndex(index);
    }

    private string AlterObject(StatementNode.AlterObject alter)
    {
        string tag = $"ALTER {SqlPrinter.KindText(alter.Object.Kind).ToUpperInvariant()}";
        if (alter.Object.Kind.IsRole && alter.Action is AlterObjectAction.RenameTo renameRole) return RenameRole(alter.Object.Name, renameRole.Name.Name);
        if (alter.Action is AlterObjectAction.OwnerTo owned)
        {
            if (!alter.IfExists || Names.Find(session, alter.Object.Name) is not null) ChangeOwner(alter.Object, owned.Owner);
            return tag;
        }

        if (alter.Object.Kind.IsFunction || alter.Object.Kind.IsProcedure || alter.Object.Kind.IsRoutine)
        {
            AlterRoutine(alter.Object, alter.Action);
            return tag;
        }

        if (alter.Object.Kind.IsType)
        {
            AlterTypeObject(alter.Object, alter.Action);
            return tag;
        }

        if (alter.Object.Kind.IsDomain)
        {
            AlterDomainObject(alter.Object, alter.Action);
            return tag;
        }

        if (alter.Object.Kind.IsSchema && alter.Action is AlterObjectAction.RenameTo renameSchema)
        {
            RenameSchema(alter.Object, renameSchema.Name);
            return tag;
        }

        if (alter.Object.Kind.IsIndex && alter.Action is AlterObjectAction.RenameTo renameIndex)
        {
            if (Names.FindIndex(session, alter.Object.Name) is null)
            {
                if (!alter.IfExists) throw new SqlException(SqlState.UndefinedTable, $"relation \"{alter.Object.Name.Last}\" does not exist", alter.Object.Name.Span);
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"relation \"{alter.Object.Name.Last}\" does not exist, skipping");
                return tag;
            }

            var index = FindIndex(alter.Object.Name);
            Put(ObjectKindNumber.Index, index.Oid, index with { Name = renameIndex.Name.Name });
            var owner = Current(index.TableOid).Definition;
            Put(ObjectKindNumber.Table, owner.Oid, owner with { Constraints = [.. owner.Constraints.Select(constraint => constraint.IndexOid == index.Oid ? constraint with { Name = renameIndex.Name.Name } : constraint)] });
            return tag;
        }

        if (Names.Find(session, alter.Object.Name) is not { } relation)
        {
            if (!alter.IfExists) throw new SqlException(SqlState.UndefinedTable, $"relation \"{alter.Object.Name.Last}\" does not exist");
            session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"relation \"{alter.Object.Name.Last}\" does not exist, skipping");
            return tag;
        }

        switch (relation, alter.Action)
        {
            case (TableRelation or ViewRelation or SequenceRelation, AlterObjectAction.RenameTo rename): Rename(relation, relation.Schema, rename.Name.Name); break;
            case (TableRelation or ViewRelation or SequenceRelation, AlterObjectAction.SetSchema move): Rename(relation, RequireSchema(relation, move.Schema), relation.Name); break;
            case (TableRelation table, AlterObjectAction.RenameColumn rename): RenameColumn(table, rename); break;
            case (TableRelation table, AlterObjectAction.RenameConstraint rename):
                Put(ObjectKindNumber.Table, table.Oid, table.Definition with { Constraints = [.. table.Definition.Constraints.Select(constraint => constraint.Name == rename.Old.Name ? constraint with { Name = rename.New.Name } : constraint)] });
                break;
            case (ViewRelation view, AlterObjectAction.RenameColumn rename): RenameColumn(view, rename); break;
            default: throw TableBuilder.Unsupported($"{tag} with this action", alter.Object.Span);
        }

        return tag;
    }

    /// <summary>A schema that objects move to.</summary>
    private string RequireSchema(Identifier name) =>
        session.Catalog.Snapshot.Schemas.ContainsKey(name.Name) ? name.Name : throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name.Name}\" does not exist", name.Span);

    private string RequireSchema(CatalogRelation relation, Identifier name) =>
        IsTemporary(relation.Schema) || session.Catalog.Resolved(name.Name) == session.Temporary?.SchemaName ? throw new SqlException(SqlState.FeatureNotSupported, "cannot move objects into or out of temporary schemas") :
        RequireSchema(name);
}

using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;
using Microsoft.FSharp.Core;

namespace DriftDb.Compiler;

/// <summary>Collects a table's columns and constraints from CREATE TABLE and ALTER TABLE, checks them, and gives them names.</summary>
internal sealed partial class TableBuilder(Session session, string schema, string table, Func<int> newOid)
{
    public List<ColumnObject> Columns { get; } = [];

    public List<ConstraintObject> Constraints { get; } = [];

    /// <summary>Indexes to make: for keys and unique constraints.</summary>
    public List<IndexObject> Indexes { get; } = [];

    /// <summary>Sequences to make: serial and identity.</summary>
    public List<SequenceObject> Sequences { get; } = [];

    public int TableOid { get; init; }

    /// <summary>Adds a column with its constraints.</summary>
    public ColumnObject AddColumn(ColumnDefinition definition, short number)
    {
        string name = definition.Name.Name;
        if (Columns.Exists(column => !column.IsDropped && column.Name == name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
        if (name is "tableoid" or "ctid" or "xmin" or "cmin" or "xmax" or "cmax")
            throw new SqlException(SqlState.DuplicateColumn, $"column name \"{name}\" conflicts with a system column name", definition.Name.Span);
        if (number > Limits.Columns) throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {Limits.Columns} columns");
        var domain = DomainOf(definition);
        var (type, isSerial) = domain is null ? TypeOf(definition) : (domain.BaseType.ToSqlType(), false);
        var column = new ColumnObject { Number = number, Name = name, Type = StoredType.From(type), IsNotNull = isSerial || domain is { IsNotNull: true }, Domain = domain?.Oid ?? 0 };
        if (isSerial) column = WithSequence(column, type, [], identity: '\0');
        // The column is known before its constraints are read: they name it.
        Columns.Add(column);
        foreach (var constraint in definition.Constraints) column = Apply(constraint, column, type, definition);
        if (domain is not null) column = WithDomain(column, domain);
        Columns[^1] = column;
        return column;
    }

    /// <summary>Adds a table constraint.</summary>
    public void AddConstraint(TableConstraint constraint)
    {
        RejectDeferrable(constraint.Attributes, constraint.Kind.IsForeignKey, constraint.Kind.IsCheck, constraint.Span);
        switch (constraint.Kind)
        {
            case TableConstraintKind.PrimaryKey key: AddKey(constraint.Name, key.Columns.Select(name => name.Name), isPrimary: true, false, constraint.Span, key.WithoutOverlaps); break;
            case TableConstraintKind.Unique key: AddKey(constraint.Name, key.Columns.Select(name => name.Name), isPrimary: false, key.NullsNotDistinct, constraint.Span, key.WithoutOverlaps); break;
            case TableConstraintKind.Check check: AddCheck(constraint.Name, check.Condition, null, constraint.Attributes.NotValid); break;
            case TableConstraintKind.ForeignKey key:
                AddForeignKey(constraint.Name, [.. key.Columns], key.Period, key.Reference, constraint.Attributes, constraint.Span);
                break;
            default: throw Unsupported("this kind of constraint", constraint.Span);
        }
    }

    /// <summary>Verifies what can only be verified once all columns are there.</summary>
    public void Finish()
    {
        foreach (var resolve in _references) resolve();
        var names = new ResolvedTexts(session);
        for (int i = 0; i < Constraints.Count; i++)
        {
            if (Constraints[i] is not { Kind: 'c', CheckText: { } text }) continue;
            BindCheck(text);
            Constraints[i] = Constraints[i] with { CheckText = names.Expression(text, NamedText.Row(Columns), SqlType.Bool) };
        }

        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] is not { DefaultText: { } text, IsDropped: false } column) continue;
            var type = column.Type.ToSqlType();
            var expression = SqlParser.ParseExpression(text);
            if (column.IsGenerated) Bind(expression, "column generation expressions", type, withColumns: true);
            else Bind(expression, "DEFAULT expressions", type, withColumns: false);
            Columns[i] = column with { DefaultText = names.Expression(text, column.IsGenerated ? NamedText.Row(Columns) : [], type) };
        }
    }

    public static SqlException Unsupported(string what, SourceSpan span) => new(SqlState.FeatureNotSupported, $"{what} is not supported yet", span);

    private DomainObject? DomainOf(ColumnDefinition definition)
    {
        if (definition.Type?.Value is not { } named || Binder.TypeResolution.domain(session.Catalog, named) is null) return null;
        var domain = session.Catalog.DomainOf(Names.SchemaOf(named.Name), named.Name.Last)!;
        session.Access.RequireUsage(domain);
        return domain;
    }

    /// <summary>A column of a domain has the domain's constraints and its default as its own.</summary>
    private ColumnObject WithDomain(ColumnObject column, DomainObject domain)
    {
        foreach (var check in domain.Checks)
        {
            string name = Constraints.Exists(constraint => constraint.Name == check.Name) ? Choose(column.Name, "check") : check.Name;
            Constraints.Add(new ConstraintObject { Oid = newOid(), Name = name, Kind = 'c', Columns = [column.Number], CheckText = DomainConstraints.For(check.Text, column.Name) });
        }

        return column.DefaultText is null ? column with { DefaultText = domain.DefaultText } : column;
    }

    private (SqlType Type, bool IsSerial) TypeOf(ColumnDefinition definition)
    {
        if (definition.Type is null) throw new SqlException(SqlState.SyntaxError, $"column \"{definition.Name.Name}\" has no type", definition.Name.Span);
        var typeName = definition.Type.Value;
        if (typeName.Name.Parts.Length == 1 && typeName.ArrayBounds.IsEmpty)
        {
            switch (typeName.Name.Last)
            {
                case "serial" or "serial4": return (SqlType.Int4, true);
                case "bigserial" or "serial8": return (SqlType.Int8, true);
                case "smallserial" or "serial2": return (SqlType.Int2, true);
            }
        }

        var type = Binder.TypeResolution.resolve(session.Catalog, typeName);
        if ((type.Distinct ?? type.Element?.Distinct) is not null) session.Access.RequireUsage(session.Catalog.DomainOf(Names.SchemaOf(typeName.Name), typeName.Name.Last)!);
        if (type.Id is TypeId.Record && !type.IsComposite || type.Id is TypeId.Unknown or TypeId.Void or TypeId.Any or TypeId.AnyElement or TypeId.Trigger)
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{definition.Name.Name}\" has pseudo-type {type}", typeName.Span);
        return (type, false);
    }

    /// <summary>The column as an identity column, its sequence among <see cref="Sequences"/>.</summary>
    public ColumnObject WithIdentity(ColumnObject column, IEnumerable<SequenceOption> options, char identity)
    {
        var type = column.Type.ToSqlType();
        if (!type.IsInteger) throw new SqlException(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        return WithSequence(column, type, options, identity);
    }

    private ColumnObject WithSequence(ColumnObject column, SqlType type, IEnumerable<SequenceOption> options, char identity)
    {
        string name = FreeName($"{table}_{column.Name}_seq");
        var sequence = SequenceOptions.Apply(
            new SequenceObject
            {
                Oid = newOid(), Schema = schema, Name = name, Type = StoredType.From(type), OwnerTable = TableOid, OwnerColumn = column.Number,
                Maximum = SequenceOptions.MaximumOf(type),
            },
            options, session);
        Sequences.Add(sequence);
        string literal = $"{ObjectNames.QuoteIfNeeded(schema)}.{ObjectNames.QuoteIfNeeded(name)}".Replace("'", "''", StringComparison.Ordinal);
        return column with { DefaultText = $"nextval('{literal}'::regclass)", IsNotNull = true, Identity = identity, OwnedSequence = sequence.Oid };
    }

    private string FreeName(string wanted)
    {
        string name = wanted;
        for (int i = 1; session.Catalog.Snapshot.IsTaken(schema, name) || Sequences.Exists(sequence => sequence.Name == name); i++) name = wanted + i;
        return name;
    }

    /// <summary>Keys are checked row by row, so they can't be put off; checks never can.</summary>
    private static void RejectDeferrable(ConstraintAttributes attributes, bool isForeignKey, bool isCheck, SourceSpan span)
    {
        if (isForeignKey || !attributes.Deferrable && !attributes.InitiallyDeferred) return;
        throw isCheck ? new SqlException(SqlState.FeatureNotSupported, "CHECK constraints cannot be marked DEFERRABLE", span) : Unsupported("a deferrable key", span);
    }

    private ColumnObject Apply(ColumnConstraint constraint, ColumnObject column, SqlType type, ColumnDefinition definition)
    {
        RejectDeferrable(constraint.Attributes, constraint.Kind is ColumnConstraintKind.References, constraint.Kind is ColumnConstraintKind.Check, constraint.Span);
        switch (constraint.Kind)
        {
            case var kind when kind.IsNotNull: return column with { IsNotNull = true };
            case var kind when kind.IsNull: return column;
            case ColumnConstraintKind.PrimaryKey:
                AddKey(constraint.Name, [column.Name], isPrimary: true, false, constraint.Span, null);
                return column with { IsNotNull = true };
            case ColumnConstraintKind.Unique unique:
                AddKey(constraint.Name, [column.Name], isPrimary: false, unique.NullsNotDistinct, constraint.Span, null);
                return column;
            case ColumnConstraintKind.Check check:
                AddCheck(constraint.Name, check.Condition, column.Name, isNotValid: false);
                return column;
            case ColumnConstraintKind.Default value:
                if (column.DefaultText is not null) throw new SqlException(SqlState.SyntaxError, $"multiple default values specified for column \"{column.Name}\" of table \"{table}\"", constraint.Span);
                BindAt(value.Value, type, withColumns: false, "DEFAULT expressions");
                return column with { DefaultText = SqlPrinter.PrintExpr(value.Value) };
            case ColumnConstraintKind.Identity identity: return WithIdentity(column, identity.Options, identity.Always ? 'a' : 'd');
            case ColumnConstraintKind.Generated generated: return column with { DefaultText = SqlPrinter.PrintExpr(generated.Value), IsGenerated = true };
            case var kind when kind.IsRowStart: return column with { SystemTime = (byte)SystemTimeColumn.RowStart };
            case var kind when kind.IsRowEnd: return column with { SystemTime = (byte)SystemTimeColumn.RowEnd };
            case ColumnConstraintKind.References references:
                AddForeignKey(constraint.Name, [definition.Name], null, references.Reference, constraint.Attributes, constraint.Span);
                return column;
            default: throw Unsupported("this kind of constraint", definition.Span);
        }
    }

    private void AddKey(FSharpOption<Identifier>? name, IEnumerable<string> columnNames, bool isPrimary, bool nullsNotDistinct, SourceSpan span, FSharpOption<Identifier>? withoutOverlaps)
    {
        var period = withoutOverlaps is null ? null : Find(Periods, withoutOverlaps.Value, table);
        if (isPrimary && Constraints.Exists(constraint => constraint.Kind == 'p'))
            throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{table}\" are not allowed", span);
        var named = columnNames.ToList();
        if (period is not null && named.Count == 0) throw new SqlException(SqlState.SyntaxError, "constraint using WITHOUT OVERLAPS needs at least one column besides the period", span);
        var columns = WithPeriod(named.Select(column => Find(column, span)), period, Columns).ToList();
        if (columns.GroupBy(column => column.Number).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{twice.First().Name}\" appears twice in {(isPrimary ? "primary key" : "unique")} constraint", span);
        string chosen = name?.Value.Name ?? (isPrimary ? Choose("", "pkey") : Choose(NamesOf(named, withoutOverlaps), "key"));
        if (isPrimary)
            foreach (var column in columns) Columns[Columns.FindIndex(other => other.Number == column.Number)] = column with { IsNotNull = true };
        var index = new IndexObject
        {
            Oid = newOid(), TableOid = TableOid, Name = chosen, IsUnique = period is null, IsPrimary = isPrimary, NullsNotDistinct = nullsNotDistinct, WithoutOverlaps = period is not null,
            Keys = [.. columns.Select(column => new IndexKeyObject { Column = column.Number })],
        };
        Indexes.Add(index);
        Constraints.Add(new ConstraintObject { Oid = newOid(), Name = chosen, Kind = isPrimary ? 'p' : 'u', Columns = [.. columns.Select(column => column.Number)], IndexOid = index.Oid, HasPeriod = period is not null });
    }

    private void AddCheck(FSharpOption<Identifier>? name, Expr condition, string? column, bool isNotValid)
    {
        string text = SqlPrinter.PrintExpr(condition);
        if (column is null)
        {
            // A check over one column is named after it, as PostgreSQL does.
            var used = ColumnUses.Of(session, new TableObject { Oid = TableOid, Schema = schema, Name = table, Columns = [.. Columns] }, text);
            column = used.Count == 1 ? Columns.Find(candidate => used.Contains(candidate.Number))!.Name : "";
        }

        string chosen = name?.Value.Name ?? Choose(column, "check");
        if (Constraints.Exists(constraint => constraint.Name == chosen))
            throw new SqlException(SqlState.DuplicateObject, $"check constraint \"{chosen}\" already exists");
        Constraints.Add(new ConstraintObject { Oid = newOid(), Name = chosen, Kind = 'c', CheckText = text, IsNotValid = isNotValid });
    }

    private string Choose(string column, string suffix)
    {
        string head = column.Length == 0 ? table : $"{table}_{column}";
        int room = Limits.IdentifierBytes - suffix.Length - 1;
        string wanted = $"{(head.Length > room ? head[..room] : head)}_{suffix}", name = wanted;
        for (int i = 1; Constraints.Exists(constraint => constraint.Name == name) || Indexes.Exists(index => index.Name == name) || session.Catalog.Snapshot.IsTaken(schema, name); i++) name = wanted + i;
        return name;
    }

    private ColumnObject Find(string name, SourceSpan span) => Columns.Find(column => !column.IsDropped && column.Name == name)
        ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" named in key does not exist", span);

    private void BindCheck(string text) => Bind(SqlParser.ParseExpression(text), "check constraints", SqlType.Bool, withColumns: true);

    private void BindAt(Expr expression, SqlType type, bool withColumns, string clause) => Bind(expression, clause, type, withColumns);

    private void Bind(Expr expression, string clause, SqlType type, bool withColumns)
    {
        System.Collections.Immutable.ImmutableArray<OutputColumn> columns = withColumns ? NamedText.Row(Columns) : [];
        // Sequences made by this very statement aren't in the catalog yet.
        if (!withColumns && Sequences.Count > 0 && SqlPrinter.PrintExpr(expression).StartsWith("nextval(", StringComparison.Ordinal)) return;
        var bound = Binder.Binder.BindExpression(expression, session.Environment.BindOptions([]), columns, clause, type);
        if (bound.DescendantsAndSelf().Any(node => node is ScalarSubquery)) throw new SqlException(SqlState.FeatureNotSupported, $"cannot use subquery in {clause switch { "check constraints" => "check constraint", "DEFAULT expressions" => "DEFAULT expression", _ => "column generation expression" }}", expression.Span);
    }
}

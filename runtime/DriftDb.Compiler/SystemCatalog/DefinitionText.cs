using System.Text;

namespace DriftDb.Compiler;

/// <summary>Objects as the statements that would make them: what pg_get_indexdef, pg_get_constraintdef and pg_get_viewdef answer.</summary>
internal static class DefinitionText
{
    /// <summary>A view's query, with the semicolon that PostgreSQL ends it with. Where the view has other names for its columns than the query, they are put around it.</summary>
    public static string View(ObjectNames shown, IDefinedByQuery view)
    {
        string text = shown.Texts.ShownQuery(view.QueryText!);
        var relation = (CatalogRelation)view;
        string[] names = [.. relation.Columns.Select(column => column.Name)];
        var query = ((Frontend.StatementNode.Query)Frontend.SqlParser.ParseOne(view.QueryText!).Node).Item;
        if (Binder.Binder.OutputNames(query) is not { } own || own.SequenceEqual(names)) return $" {text};";
        string columns = string.Join(", ", names.Select(ObjectNames.QuoteIfNeeded));
        return $" SELECT {columns} FROM ({text}) {ObjectNames.QuoteIfNeeded(relation.Name)}({columns});";
    }

    /// <summary>CREATE INDEX.</summary>
    /// <param name="isQualified">True to name the table with its schema.</param>
    /// <param name="isPretty">True to leave out parentheses that nothing needs.</param>
    public static string Index(TableRelation table, IndexObject index, bool isQualified, bool isPretty = false)
    {
        var text = new StringBuilder("CREATE ");
        if (index.IsUnique) text.Append("UNIQUE ");
        text.Append("INDEX ").Append(ObjectNames.QuoteIfNeeded(index.Name)).Append(" ON ");
        if (isQualified) text.Append(ObjectNames.QuoteIfNeeded(table.Schema)).Append('.');
        text.Append(ObjectNames.QuoteIfNeeded(table.Name)).Append(" USING ").Append(index.Method).Append(" (");
        text.AppendJoin(", ", index.Keys.Select(key => KeyWithOrder(table, key, isPretty))).Append(')');
        if (index.Included.Length > 0) text.Append(" INCLUDE (").AppendJoin(", ", index.Included.Select(number => ObjectNames.QuoteIfNeeded(table.Definition.Columns.First(column => column.Number == number).Name))).Append(')');
        if (index.NullsNotDistinct) text.Append(" NULLS NOT DISTINCT");
        if (index.PredicateText is { } predicate) text.Append(" WHERE ").Append(isPretty || Frontend.SqlParser.ParseExpression(predicate).IsColumn ? predicate : InParentheses(predicate));
        return text.ToString();
    }

    /// <summary>One key of an index: a column's name, or an expression, which stands in parentheses unless it is a call.</summary>
    public static string Key(TableRelation table, IndexKeyObject key, bool isPretty = true)
    {
        if (key.Column != 0) return ObjectNames.QuoteIfNeeded(ColumnName(table, key.Column));
        string expression = key.ExpressionText!;
        if (IsCall(expression)) return expression;
        return isPretty ? $"({expression})" : $"(({expression}))";
    }

    /// <summary>A constraint as it stands in CREATE TABLE.</summary>
    public static string Constraint(ObjectNames shown, SessionCatalog names, TableRelation table, ConstraintObject constraint, bool isPretty)
    {
        return Body(shown, names, table, constraint, isPretty) + (constraint.IsNotValid ? " NOT VALID" : "");
    }

    private static string Body(ObjectNames shown, SessionCatalog names, TableRelation table, ConstraintObject constraint, bool isPretty)
    {
        var catalog = names.Snapshot;
        string columns = constraint switch
        {
            { HasPeriod: false } => Columns(table, constraint.Columns),
            { Kind: 'f' } => WithPeriod(table, constraint.Columns),
            _ => $"{Columns(table, constraint.Columns[..^2])}, {PeriodName(table, constraint.Columns)} WITHOUT OVERLAPS",
        };
        switch (constraint.Kind)
        {
            case 'p': return $"PRIMARY KEY ({columns})";
            case 'u': return $"UNIQUE {(catalog.Indexes.TryGetValue(constraint.IndexOid, out var index) && index.NullsNotDistinct ? "NULLS NOT DISTINCT " : "")}({columns})";
            case 'c':
                string check = shown.Texts.ShownExpression(constraint.CheckText!, table.Definition.Columns);
                return $"CHECK ({(isPretty ? check : InParentheses(check))})";
            default: return Foreign(catalog, names, constraint, columns, isPretty);
        }
    }

    private static string Foreign(CatalogSnapshot catalog, SessionCatalog names, ConstraintObject constraint, string columns, bool isPretty)
    {
        if (catalog.Find(constraint.ReferencedTable) is not TableRelation referenced) return $"FOREIGN KEY ({columns}) REFERENCES ???";
        string name = ObjectNames.QuoteIfNeeded(referenced.Name);
        bool isVisible = isPretty || ReferenceEquals(names.Find(null, referenced.Name), referenced);
        string text = $"FOREIGN KEY ({columns}) REFERENCES {(isVisible ? name : $"{ObjectNames.QuoteIfNeeded(referenced.Schema)}.{name}")}({(constraint.HasPeriod ? WithPeriod(referenced, constraint.ReferencedColumns) : Columns(referenced, constraint.ReferencedColumns))})";
        if (constraint.Match == ConstraintObject.MatchFull) text += " MATCH FULL";
        if (constraint.OnUpdate != 'a') text += " ON UPDATE " + Action(constraint.OnUpdate);
        if (constraint.OnDelete != 'a') text += " ON DELETE " + Action(constraint.OnDelete);
        if (constraint.SetColumns.Length > 0 && catalog.Relations.OfType<TableRelation>().FirstOrDefault(table => table.Definition.Constraints.Contains(constraint)) is { } referencing)
            text += $" ({Columns(referencing, constraint.SetColumns)})";
        if (constraint.IsDeferrable) text += " DEFERRABLE";
        if (constraint.IsInitiallyDeferred) text += " INITIALLY DEFERRED";
        return text;
    }

    public static string Action(char action) => action switch { 'r' => "RESTRICT", 'c' => "CASCADE", 'n' => "SET NULL", 'd' => "SET DEFAULT", _ => "NO ACTION" };

    public static string ColumnName(TableRelation table, short number) => table.Definition.Columns.FirstOrDefault(column => column.Number == number)?.Name ?? "";

    private static string Columns(TableRelation table, short[] numbers) => string.Join(", ", numbers.Select(number => ObjectNames.QuoteIfNeeded(ColumnName(table, number))));

    /// <summary>Columns of a foreign key whose last two are the ends of a period.</summary>
    private static string WithPeriod(TableRelation table, short[] numbers) => $"{Columns(table, numbers[..^2])}, PERIOD {PeriodName(table, numbers)}";

    private static string PeriodName(TableRelation table, short[] numbers) => ObjectNames.QuoteIfNeeded(table.Definition.Periods.FirstOrDefault(period => period.Start == numbers[^2] && period.End == numbers[^1])?.Name ?? "");

    private static string KeyWithOrder(TableRelation table, IndexKeyObject key, bool isPretty)
    {
        string text = Key(table, key, isPretty);
        if (key.Descending) return key.NullsFirst ? text + " DESC" : text + " DESC NULLS LAST";
        return key.NullsFirst ? text + " NULLS FIRST" : text;
    }

    private static bool IsCall(string expression) => Frontend.SqlParser.ParseExpression(expression).IsCall;

    private static string InParentheses(string expression) => IsEnclosed(expression) ? expression : $"({expression})";

    /// <summary>True when one pair of parentheses holds the whole text.</summary>
    private static bool IsEnclosed(string text)
    {
        if (!text.StartsWith('(') || !text.EndsWith(')')) return false;
        int depth = 0;
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\'') isQuoted = !isQuoted;
            if (isQuoted) continue;
            if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0 && i < text.Length - 1) return false;
        }

        return true;
    }
}

using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>All texts that the catalog keeps — defaults, checks, generated columns, index expressions, views, domains, parameters' defaults, bodies that aren't strings — as they are after a change of name.</summary>
internal sealed class KeptTexts(Session session, Renaming renaming)
{
    private bool _hasChanged;

    /// <summary>The object with its texts as they are after the change; null when none of them names what changes.</summary>
    public T? Changed<T>(T item, Func<T, T> rewrite) where T : class
    {
        _hasChanged = false;
        var changed = rewrite(item);
        return _hasChanged ? changed : null;
    }

    public TableObject In(TableObject table) => table with
    {
        Constraints = [.. table.Constraints.Select(constraint => constraint.CheckText is null ? constraint : constraint with { CheckText = Expression(constraint.CheckText, table.Columns) })],
        Columns = [.. table.Columns.Select(column => In(column, table.Columns))],
        Query = table.Query is null ? null : Query(table.Query),
    };

    public IndexObject In(IndexObject index, TableObject table) => index with
    {
        PredicateText = index.PredicateText is null ? null : Expression(index.PredicateText, table.Columns),
        Keys = [.. index.Keys.Select(key => key.ExpressionText is null ? key : key with { ExpressionText = Expression(key.ExpressionText, table.Columns) })],
    };

    public ViewObject In(ViewObject view) => view with { Text = Query(view.Text) };

    public DomainObject In(DomainObject domain)
    {
        ColumnObject[] value = [new ColumnObject { Number = 1, Name = "value", Type = domain.BaseType }];
        return domain with
        {
            DefaultText = domain.DefaultText is null ? null : Expression(domain.DefaultText, [], domain.BaseType.ToSqlType()),
            Checks = [.. domain.Checks.Select(check => check with { Text = Expression(check.Text, value) })],
        };
    }

    public RoutineObject In(RoutineObject routine)
    {
        var changed = routine with
        {
            Parameters = [.. routine.Parameters.Select(parameter => parameter.DefaultText is null ? parameter : parameter with { DefaultText = Expression(parameter.DefaultText, [], parameter.Type.ToSqlType()) })],
        };
        if (!routine.IsStandard || !MayName(routine.Source)) return changed;
        var planned = session.Catalog.Snapshot.Planned(routine);
        return RoutineBodies.Rewritten(changed, (text, statement, _) => Text(text, () => NamedText.OfStatement(session, text, statement, planned)));
    }

    private ColumnObject In(ColumnObject column, IReadOnlyList<ColumnObject> row) =>
        column.DefaultText is null && column.Former.Length == 0 ? column : column with
        {
            DefaultText = column.DefaultText is null ? null : Expression(column.DefaultText, row, column.Type.ToSqlType()),
            Former = [.. column.Former.Select(former => former with { Conversion = Expression(former.Conversion, row) })],
        };

    private string Query(string text) => Text(text, () => NamedText.OfQuery(session, text));

    private string Expression(string text, IReadOnlyList<ColumnObject> row, SqlType? target = null) => Text(text, () => NamedText.OfExpression(session, text, NamedText.Row(row), target));

    private bool MayName(string text) => text.Contains(renaming.OldName.Replace("\"", "\"\"", StringComparison.Ordinal), StringComparison.Ordinal);

    private string Text(string text, Func<NamedText> named)
    {
        if (!MayName(text)) return text;
        NamedText found;
        try
        {
            found = named();
        }
        catch (SqlException)
        {
            // It can't be used as it is, whatever names change.
            return text;
        }

        string changed = found.With(renaming.In(found));
        _hasChanged |= changed != text;
        return changed;
    }
}

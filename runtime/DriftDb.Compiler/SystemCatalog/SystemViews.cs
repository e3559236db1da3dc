using System.Collections.Frozen;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>All system views: their columns come from the data file, their rows from the chapters under Views. A relation that no chapter knows is empty.</summary>
internal static class SystemViews
{
    private static readonly FrozenDictionary<string, Action<CatalogRows>> Rows = Chapters().SelectMany(chapter => chapter).ToFrozenDictionary(view => view.Name, view => view.Fill);

    public static IEnumerable<SystemRelation> All()
    {
        foreach (var definition in SystemData.Relations())
        {
            var fill = Rows.GetValueOrDefault($"{definition.Schema}.{definition.Name}");
            yield return new SystemRelation(definition.Oid, definition.Schema, definition.Name, definition.IsTable, definition.Columns, new ViewRows(fill));
        }
    }

    private static IEnumerable<IEnumerable<(string Name, Action<CatalogRows> Fill)>> Chapters() =>
    [
        RelationViews.All, AttributeViews.All, ConstraintViews.All, TypeViews.All, FunctionViews.All, OperatorViews.All, ClusterViews.All, RoleViews.All, SettingViews.All,
        DescriptionViews.All, DependencyViews.All, ActivityViews.All, StatisticsViews.All, ListViews.All, SchemaTables.All, SchemaColumns.All, SchemaConstraints.All, SchemaRoutines.All,
        SchemaPrivileges.All, DriftViews.All,
    ];

    private sealed class ViewRows(Action<CatalogRows>? fill) : ISystemRows
    {
        public void Fill(QueryContext context, TupleBuffer rows) => fill?.Invoke(new CatalogRows(context, rows));
    }
}

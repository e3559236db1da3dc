using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A table over a period of its history: behind its columns come those that some of them were before their type was changed.</summary>
internal sealed class TableHistory : CatalogRelation
{
    private readonly TableRelation _table;

    public TableHistory(TableRelation table)
    {
        _table = table;
        var own = ImmutableArray.CreateBuilder<RelationColumn>();
        var former = new List<RelationColumn>();
        foreach (var (column, definition) in table.Columns.Zip(table.Definition.LiveColumns()))
        {
            var before = ImmutableArray.CreateBuilder<FormerColumn>();
            foreach (var old in definition.Former)
            {
                int ordinal = table.Columns.Length + former.Count;
                // Nothing converts from void: the query says that the older values can't be read any more.
                former.Add(new RelationColumn(ordinal, old.StoreId, definition.Number, "", old.Type.IsGone ? SqlType.Void : old.Type.ToSqlType(), true));
                before.Add(new FormerColumn(ordinal, old.Through, old.Conversion));
            }

            own.Add(column with { Former = before.ToImmutable() });
        }

        Columns = [.. own, .. former];
    }

    public override int Oid => _table.Oid;

    public override string Schema => _table.Schema;

    public override string Name => _table.Name;

    public override RelationKind Kind => RelationKind.Table;

    public override ImmutableArray<RelationColumn> Columns { get; }

    public override ImmutableArray<RelationPeriod> Periods => _table.Periods;

    public override bool IsVersioned => true;

    public override object Source => _table.Source;

    public override ITableStatistics? Statistics(long sequence) => null;
}

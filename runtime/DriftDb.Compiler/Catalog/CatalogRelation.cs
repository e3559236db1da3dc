using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A relation of the catalog: a user's table, view or sequence, or a system view.</summary>
public abstract class CatalogRelation : IRelation
{
    public abstract int Oid { get; }

    public abstract string Schema { get; }

    public abstract string Name { get; }

    public abstract RelationKind Kind { get; }

    public abstract ImmutableArray<RelationColumn> Columns { get; }

    public virtual bool IsVersioned => false;

    public virtual ImmutableArray<IndexInfo> Indexes => [];

    public virtual ImmutableArray<CheckText> Checks => [];

    public virtual ImmutableArray<RelationPeriod> Periods => [];

    public virtual string? ViewText => null;

    public virtual char CheckOption => '\0';

    public virtual IRelation? History => null;

    public virtual bool IsMaterializedView => false;

    public virtual bool IsPopulated => true;

    public virtual ITableStatistics? Statistics(long sequence) => null;

    public virtual object? Source => null;

    /// <summary>Tables and views have a row type; the system's own have none that anyone could use.</summary>
    public int RowTypeOid => this is TableRelation or ViewRelation ? CatalogOids.RowType(Oid) : 0;

    public int RowArrayOid => RowTypeOid == 0 ? 0 : CatalogOids.RowArray(Oid);

    /// <summary>The role that owns it.</summary>
    internal int Owner => StoredOwner == 0 ? WellKnownOids.Superuser : StoredOwner;

    private protected virtual int StoredOwner => 0;

    /// <summary>What was granted on it; null for the default.</summary>
    internal virtual AclEntry[]? Acl => null;

    /// <summary>What was granted on one column.</summary>
    internal virtual AclEntry[] ColumnAcl(short number) => [];

    public override string ToString() => $"{Schema}.{Name}";

    internal static ImmutableArray<RelationColumn> ColumnsOf(IEnumerable<ColumnObject> columns) =>
        [.. columns.Where(column => !column.IsDropped).Select((column, ordinal) => new RelationColumn(ordinal, column.StoreId, column.Number, column.Name, column.Type.ToSqlType(), !column.IsNotNull)
        {
            DefaultText = column.DefaultText,
            Identity = column.Identity,
            IsGenerated = column.IsGenerated,
            SystemTime = (SystemTimeColumn)column.SystemTime,
        })];
}

/// <summary>A table and the store's table behind it.</summary>
public sealed class TableRelation : CatalogRelation, IDefinedByQuery
{
    private readonly Database _database;
    private readonly Lazy<StorageTable?> _storage;

    internal TableRelation(TableObject definition, ImmutableArray<IndexObject> indexes, Database database, DriftStore store, StoreTransaction? transaction)
    {
        Definition = definition;
        IndexObjects = indexes;
        _database = database;
        Columns = ColumnsOf(definition.Columns);
        Periods = [.. definition.Periods.Select(period => new RelationPeriod(period.Name, OrdinalOf(period.Start), OrdinalOf(period.End)))];
        Checks = [.. definition.Constraints.Where(constraint => constraint.Kind == 'c').Select(constraint => new CheckText(constraint.Name, constraint.CheckText!))];
        _storage = new Lazy<StorageTable?>(() => transaction?.FindTable(definition.Oid) ?? store.FindTable(definition.Oid));
        _history = new Lazy<TableHistory?>(() => definition.LiveColumns().Any(column => column.Former.Length > 0) ? new TableHistory(this) : null);
        // The columns' places in the row, for indexes; the store's index objects are looked up when the relation is first planned with.
        var ordinals = Columns.ToDictionary(column => column.AttributeNumber, column => column.Ordinal);
        _indexes = new Lazy<ImmutableArray<IndexInfo>>(() =>
        {
            if (_storage.Value is not { } table) return [];
            var stored = (transaction is null ? table.Indexes : transaction.IndexesOf(table)).ToDictionary(index => index.Definition.Id);
            return [.. indexes.Where(index => stored.ContainsKey(index.Oid)).Select(index => Info(index, ordinals, stored[index.Oid], IndexExpressions.Of(database, definition, index)))];
        });
    }

    private readonly Lazy<ImmutableArray<IndexInfo>> _indexes;
    private readonly Lazy<TableHistory?> _history;

    public TableObject Definition { get; }

    public ImmutableArray<IndexObject> IndexObjects { get; }

    public override int Oid => Definition.Oid;

    public override string Schema => Definition.Schema;

    public override string Name => Definition.Name;

    private protected override int StoredOwner => Definition.Owner;

    internal override AclEntry[]? Acl => Definition.Acl;

    internal override AclEntry[] ColumnAcl(short number) => Definition.Columns.FirstOrDefault(column => column.Number == number)?.Acl ?? [];

    public override RelationKind Kind => RelationKind.Table;

    public override ImmutableArray<RelationColumn> Columns { get; }

    public override ImmutableArray<CheckText> Checks { get; }

    public override ImmutableArray<RelationPeriod> Periods { get; }

    public override bool IsVersioned => Definition.IsVersioned;

    public override bool IsMaterializedView => Definition.Query is not null;

    public override bool IsPopulated => !Definition.IsUnpopulated;

    string? IDefinedByQuery.QueryText => Definition.Query;

    IReadOnlyList<int> IDefinedByQuery.DependsOn => Definition.DependsOn;

    /// <summary>The same as a table that may be written to: how REFRESH fills it.</summary>
    internal TableRelation AsTable(Database database, StoreTransaction transaction) => new(Definition with { Query = null, IsUnpopulated = false }, IndexObjects, database, Storage.Store, transaction);

    public override IRelation? History => _history.Value;

    public override ImmutableArray<IndexInfo> Indexes => _indexes.Value;

    /// <summary>The store's table.</summary>
    public StorageTable Storage => _storage.Value ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{Name}\" does not exist");

    public override object Source => Storage;

    public override ITableStatistics? Statistics(long sequence) => _database.Statistics.Of(this);

    private int OrdinalOf(short number) => Columns.First(column => column.AttributeNumber == number).Ordinal;

    private static IndexInfo Info(IndexObject index, Dictionary<short, int> ordinals, StorageIndex stored, IndexExpressions expressions) =>
        new(index.Oid, index.Name, [.. index.Keys.Select((key, i) => new IndexKey(key.Column == 0 ? -1 : ordinals.GetValueOrDefault(key.Column, -1), key.Descending, key.NullsFirst, expressions.Keys[i]) { ExpressionText = key.ExpressionText })],
            index.IsUnique, index.IsPrimary, stored)
        {
            Predicate = expressions.Predicate,
            EqualityOnly = !stored.Definition.IsOrdered,
            WithoutOverlaps = index.WithoutOverlaps,
        };
}

/// <summary>A view: its query's text.</summary>
public sealed class ViewRelation(ViewObject definition) : CatalogRelation, IDefinedByQuery
{
    public ViewObject Definition { get; } = definition;

    public override int Oid => Definition.Oid;

    public override string Schema => Definition.Schema;

    public override string Name => Definition.Name;

    private protected override int StoredOwner => Definition.Owner;

    internal override AclEntry[]? Acl => Definition.Acl;

    internal override AclEntry[] ColumnAcl(short number) => Definition.Columns.FirstOrDefault(column => column.Number == number)?.Acl ?? [];

    public override RelationKind Kind => RelationKind.View;

    public override ImmutableArray<RelationColumn> Columns { get; } = ColumnsOf(definition.Columns);

    /// <summary>Versioned in the sense that a temporal clause on it reaches the tables inside.</summary>
    public override bool IsVersioned => true;

    public override string ViewText => Definition.Text;

    public override char CheckOption => Definition.CheckOption;

    string IDefinedByQuery.QueryText => Definition.Text;

    IReadOnlyList<int> IDefinedByQuery.DependsOn => Definition.DependsOn;
}

using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Planner.Tests;

/// <summary>
/// The tables that the tests' queries read, with statistics that are given rather than gathered:
/// a (1,000 rows), b (10,000; a_id refers to a, may be NULL), c (100; b_id), and a star: fact (1,000,000), dim (100), day (1,000).
/// </summary>
internal sealed class TestCatalog : ICatalog
{
    private readonly Dictionary<string, TestTable> _tables = [];

    public TestCatalog()
    {
        Add("a", 1_000, Key("id"), Column("x", SqlType.Int4, true, distinct: 100, nulls: 0.1), Column("y", SqlType.Int4, false, distinct: 10), Column("s", SqlType.Text, true, distinct: 500, nulls: 0.2));
        Add("b", 10_000, Key("id"), Indexed("a_id", 1_000, nullable: true), Column("z", SqlType.Int4, true, distinct: 50, nulls: 0.1));
        Add("c", 100, Key("id"), Column("b_id", SqlType.Int4, false, distinct: 100), Column("w", SqlType.Int4, true, distinct: 100, nulls: 0.5));
        Add("fact", 1_000_000, Key("id"), Indexed("dim_id", 100), Indexed("day_id", 1_000), Column("v", SqlType.Int4, false, distinct: 10_000));
        Add("dim", 100, Key("id"), Column("name", SqlType.Text, false, distinct: 100));
        Add("day", 1_000, Key("id"), Column("month", SqlType.Int4, false, distinct: 12));
    }

    public IFunctionCatalog Functions => FunctionCatalog.Builtin;

    public IReadOnlyList<string> SearchPath => ["pg_catalog", "public"];

    public IRelation? FindRelation(string? schema, string name) => schema is null or "public" ? _tables.GetValueOrDefault(name) : null;

    public IRelation? FindRelationAt(string? schema, string name, long catalogVersion) => FindRelation(schema, name);

    public SqlType? FindType(string? schema, string name) => null;

    public bool SchemaExists(string schema) => schema == "public";

    private sealed record ColumnSpec(string Name, SqlType Type, bool Nullable, double Distinct, double Nulls, bool IsKey, bool IsIndexed);

    private static ColumnSpec Key(string name) => new(name, SqlType.Int4, false, -1, 0, true, true);

    private static ColumnSpec Indexed(string name, double distinct, bool nullable = false) => new(name, SqlType.Int4, nullable, distinct, nullable ? 0.1 : 0, false, true);

    private static ColumnSpec Column(string name, SqlType type, bool nullable, double distinct, double nulls = 0) => new(name, type, nullable, distinct, nulls, false, false);

    private void Add(string name, double rows, params ColumnSpec[] columns)
    {
        int oid = 1_000 + 10 * _tables.Count;
        var indexes = columns.Select((column, i) => (column, i)).Where(pair => pair.column.IsIndexed)
            .Select(pair => new IndexInfo(oid + 1 + pair.i, pair.column.IsKey ? $"{name}_pkey" : $"{name}_{pair.column.Name}_idx", [new IndexKey(pair.i, false, false)], pair.column.IsKey, pair.column.IsKey, null));
        var statistics = new TestStatistics(rows, [.. columns.Select(column => new ColumnStatistics(column.Nulls, column.Distinct < 0 ? rows : column.Distinct, 0, column.Distinct < 0 ? rows : column.Distinct))]);
        _tables.Add(name, new TestTable(oid, name, [.. columns.Select((column, i) => new RelationColumn(i, i + 1, (short)(i + 1), column.Name, column.Type, column.Nullable))], [.. indexes], statistics));
    }

    private sealed record TestTable(int Oid, string Name, ImmutableArray<RelationColumn> Columns, ImmutableArray<IndexInfo> Indexes, ITableStatistics Known) : IRelation
    {
        public string Schema => "public";

        public RelationKind Kind => RelationKind.Table;

        public bool IsVersioned => true;

        public string? ViewText => null;

        public object? Source => null;

        public ITableStatistics? Statistics(long sequence) => Known;
    }

    private sealed record TestStatistics(double RowCount, ImmutableArray<ColumnStatistics> Columns) : ITableStatistics
    {
        public double RowBytes => 40;

        public ColumnStatistics? Column(int ordinal) => Columns[ordinal];
    }
}

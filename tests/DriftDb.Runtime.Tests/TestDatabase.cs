using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime.Tests;

/// <summary>A store in a temporary directory with tables made by hand, and what a query needs to run against it.</summary>
internal sealed unsafe class TestDatabase : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "drift-runtime-" + Guid.NewGuid().ToString("N"));
    private long _nextId = 100;

    public TestDatabase() => Store = DriftStore.Open(_directory, new StoreOptions { SyncCommits = false, CheckpointBytes = 0 });

    public DriftStore Store { get; }

    public ColumnIds Ids { get; } = new();

    public TestRelation CreateTable(string name, params (string Name, SqlType Type, bool Nullable)[] columns) => CreateTable(name, null, columns);

    public TestRelation CreateTable(string name, int[]? key, params (string Name, SqlType Type, bool Nullable)[] columns)
    {
        long id = _nextId++;
        using StoreTransaction transaction = Store.Begin();
        StorageTable table = transaction.CreateTable(new TableDefinition(id, "public", name, [.. columns.Select((column, i) => new ColumnDefinition(i + 1, column.Name, column.Type))]));
        ImmutableArray<IndexInfo> indexes = [];
        if (key is not null)
        {
            StorageIndex index = transaction.CreateIndex(new IndexDefinition(_nextId++, id, name + "_pkey", [.. key.Select(k => new KeyColumn(k + 1, columns[k].Type))], true));
            indexes = [new IndexInfo((int)index.Definition.Id, name + "_pkey", [.. key.Select(k => new IndexKey(k, false, false))], true, true, index)];
        }

        transaction.Commit();
        return new TestRelation((int)id, name, [.. columns.Select((column, i) => new RelationColumn(i, i + 1, (short)(i + 1), column.Name, column.Type, column.Nullable))], table, indexes);
    }

    /// <summary>Inserts rows given as boxed values (null for NULL; strings are read as the column's text).</summary>
    public void Insert(TestRelation relation, IEnumerable<object?[]> rows)
    {
        var layout = new TupleLayout([.. relation.Columns.Select(column => column.Type)]);
        using StoreTransaction transaction = Store.Begin();
        var buffer = new TupleBuffer(layout);
        foreach (object?[] row in rows)
        {
            byte* tuple = buffer.Append();
            for (int i = 0; i < row.Length; i++)
            {
                if (row[i] is null) TupleLayout.SetNull(tuple, i);
                else BoxedValue.Store(row[i] is string text ? ValueText.Parse(layout.Types[i], text) : row[i]!, layout.Types[i], tuple + layout.Offset(i), buffer.Arena);
            }
        }

        transaction.BulkInsert((StorageTable)relation.Source!, buffer);
        transaction.Commit();
    }

    public PhysicalTableScan Scan(TestRelation relation, ScalarExpr? filter = null)
    {
        ImmutableArray<OutputColumn> columns = [.. relation.Columns.Select(column => Ids.New(column.Name, column.Type, column.IsNullable))];
        return new PhysicalTableScan(relation, relation.Name, columns, [.. Enumerable.Range(0, columns.Length)], null, filter);
    }

    public QueryContext Context(StoreTransaction? transaction = null) => new()
    {
        Store = Store, Session = new TestSession(), Transaction = transaction, View = transaction?.View ?? Store.LatestView,
    };

    /// <summary>Runs a plan; each row as its values' text joined by |, NULL as ∅.</summary>
    public List<string> Run(PhysicalPlan plan, bool compiled = true, object?[]? parameters = null, StoreTransaction? transaction = null, int rowsPerCall = int.MaxValue, long? rowsAffected = null)
    {
        SqlType[] types = [.. PlanInspector.ParameterTypes(plan)];
        CompiledQuery query = CompiledQuery.Compile(plan, new CompileOptions { CompileAboveRows = compiled ? 0 : double.MaxValue });
        QueryContext context = Context(transaction);
        var buffer = new TupleBuffer(query.ParameterLayout);
        if (types.Length > 0)
        {
            byte* row = buffer.Append();
            for (int i = 0; i < types.Length; i++)
            {
                if (parameters![i] is null) TupleLayout.SetNull(row, i);
                else BoxedValue.Store(parameters[i] is string text ? ValueText.Parse(types[i], text) : parameters[i]!, types[i], row + query.ParameterLayout.Offset(i), buffer.Arena);
            }

            context.Parameters = row;
        }

        using QueryExecution execution = query.Start(context);
        var output = new TupleBuffer(query.OutputLayout);
        var rows = new List<string>();
        while (true)
        {
            ExecutionStatus status = execution.Next(output, rowsPerCall);
            for (int i = 0; i < output.Count; i++) rows.Add(Text(output.Row(i), query.OutputLayout));
            output.Clear();
            if (status == ExecutionStatus.MoreRows) continue;
            if (status != ExecutionStatus.Done) throw new InvalidOperationException($"the statement ended with {status}");
            if (rowsAffected is { } expected && expected != execution.RowsAffected)
                throw new InvalidOperationException($"{execution.RowsAffected} rows affected, {expected} expected");
            GC.KeepAlive(buffer); // the context has the parameters' address only
            return rows;
        }
    }

    public static string Text(byte* row, TupleLayout layout) => string.Join("|", Enumerable.Range(0, layout.ColumnCount).Select(i =>
        TupleLayout.IsNull(row, i) ? "∅" : ValueText.Format(layout.Types[i], row + layout.Offset(i))));

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(_directory, true);
    }
}

internal sealed record TestRelation(int Oid, string Name, ImmutableArray<RelationColumn> Columns, object? Source, ImmutableArray<IndexInfo> Indexes) : IRelation
{
    public string Schema => "public";

    public RelationKind Kind => RelationKind.Table;

    public bool IsVersioned => true;

    public string? ViewText => null;

    public ITableStatistics? Statistics(long sequence) => null;
}

internal sealed class TestSession : ISessionServices, IObjectNames
{
    public string CurrentUser => "drift";

    public string SessionUser => "drift";

    public string CurrentDatabase => "test";

    public string? CurrentSchema => "public";

    public IReadOnlyList<string> SearchPath => ["public"];

    public int ProcessId => 42;

    public long TransactionTimeMicros => 800_000_000_000_000;

    public long StatementTimeMicros => 800_000_000_000_000;

    public long ClockMicros => (DateTime.UtcNow - new DateTime(2000, 1, 1)).Ticks / 10;

    public long TransactionId => 7;

    public string? GetSetting(string name) => name == "search_path" ? "public" : null;

    public string SetSetting(string name, string value, bool isLocal) => value;

    public long NextValue(int sequenceOid) => 1;

    public long CurrentValue(int sequenceOid) => 1;

    public void SetValue(int sequenceOid, long value, bool isCalled)
    {
    }

    public long LastValue() => 1;

    public Datum CallRoutine(QueryContext context, int oid, Datum[] arguments) => throw new NotSupportedException("These tests have no routines.");

    public void CallRoutine(QueryContext context, int oid, Datum[] arguments, RowWriter rows) => throw new NotSupportedException("These tests have no routines.");

    public IObjectNames ObjectNames => this;

    public string? NameOf(TypeId regType, int oid) => null;

    public int OidOf(TypeId regType, string name) => 0;
}

namespace DriftDb.Compiler;

/// <summary>DriftDB's own: drift.transactions, the database's history commit by commit; drift.erasures, what was taken out of it; drift.maintenance, what the store does by itself.</summary>
internal static class DriftViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("drift.transactions", Transactions), ("drift.erasures", Erasures), ("drift.maintenance", Maintenance)];

    private static void Erasures(CatalogRows rows)
    {
        foreach (var erasure in rows.Database.Store.Erasures)
        {
            var table = rows.Database.Store.FindTable(erasure.TableId)?.Definition;
            rows.Add(erasure.Number, table?.SchemaName, table?.Name, erasure.Sequence, erasure.TimeMicros, erasure.User, erasure.Rows.Count);
        }
    }

    private static void Maintenance(CatalogRows rows)
    {
        foreach (var status in rows.Database.Store.Maintenance)
            rows.Add(status.Task.ToString().ToLowerInvariant(), status.Runs, status.Failures, Time(status.LastStarted), Time(status.LastFinished), status.Error, Time(status.RetryAt));

        static object? Time(long micros) => micros == 0 ? null : micros;
    }

    private static void Transactions(CatalogRows rows)
    {
        var store = rows.Database.Store;
        int count = store.TransactionCount;
        for (int i = 0; i < count; i++)
        {
            var commit = store.TransactionAt(i);
            rows.Add(commit.FirstSequence, commit.LastSequence, commit.TimeMicros, commit.User, commit.Application, commit.Message);
        }
    }
}

namespace DriftDb.Compiler;

/// <summary>DriftDB's own: drift.transactions, the database's history commit by commit; drift.erasures, what was taken out of it.</summary>
internal static class DriftViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("drift.transactions", Transactions), ("drift.erasures", Erasures)];

    private static void Erasures(CatalogRows rows)
    {
        foreach (var erasure in rows.Database.Store.Erasures)
        {
            var table = rows.Database.Store.FindTable(erasure.TableId)?.Definition;
            rows.Add(erasure.Number, table?.SchemaName, table?.Name, erasure.Sequence, erasure.TimeMicros, erasure.User, erasure.Rows.Count);
        }
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

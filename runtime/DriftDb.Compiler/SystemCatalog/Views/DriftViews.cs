namespace DriftDb.Compiler;

/// <summary>DriftDB's own: drift.transactions, the database's history commit by commit.</summary>
internal static class DriftViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("drift.transactions", Transactions)];

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

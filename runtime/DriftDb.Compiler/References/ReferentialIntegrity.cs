using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>What came of a check.</summary>
internal enum CheckOutcome
{
    Passed,
    /// <summary>A lock isn't free: the statement is taken back, waits and runs again.</summary>
    MustWait,
    /// <summary>A referenced row changed after the statement's snapshot: the statement is taken back and runs again.</summary>
    Changed,
}

/// <summary>
/// Foreign keys are checked when a statement is done, over all rows that it changed (the write set knows them), and before the commit where they are deferred.
/// </summary>
/// <remarks>
/// A row that is referred to is locked FOR KEY SHARE by whoever checks, FOR UPDATE by whoever deletes it or changes its key: so of two such transactions the second waits and then sees what
/// the first has done.
/// </remarks>
internal static class ReferentialIntegrity
{
    /// <summary>Checks and cascades for what a statement has done since the mark.</summary>
    public static CheckOutcome AfterStatement(Session session, Session.SessionMark since)
    {
        session.RefreshViews();
        var keys = session.Catalog.Snapshot.ForeignKeys;
        var written = WrittenTables(session);
        // All keys that are gone are noted before anything cascades: what a cascade changes is its own statement's to look at.
        var referenced = new List<ReferencedCheck>();
        foreach (int table in written)
        {
            foreach (var key in keys.To(table))
            {
                var check = new ReferencedCheck(session, key);
                bool isDeferred = session.Deferral.IsDeferred(key.Definition);
                session.Deferral.HasPending |= isDeferred;
                check.Collect(MarkOf(table, since), wantsChecks: !isDeferred, wantsActions: true);
                referenced.Add(check);
            }
        }

        foreach (var check in referenced)
            if (check.Run() is not CheckOutcome.Passed and var outcome) return outcome;
        foreach (int table in written)
        {
            foreach (var key in keys.From(table))
            {
                if (session.Deferral.IsDeferred(key.Definition)) session.Deferral.HasPending = true;
                else if (new ReferencingCheck(session, key).Run(MarkOf(table, since)) is not CheckOutcome.Passed and var outcome) return outcome;
            }
        }

        return CheckOutcome.Passed;
    }

    /// <summary>Checks what was left for later, over all that the transaction has done.</summary>
    /// <param name="session">Whose transaction.</param>
    /// <param name="isWanted">Which constraints.</param>
    public static CheckOutcome Deferred(Session session, Func<ConstraintObject, bool> isWanted)
    {
        if (!session.Deferral.HasPending || session.CurrentTransaction is null) return CheckOutcome.Passed;
        session.RefreshViews();
        var keys = session.Catalog.Snapshot.ForeignKeys;
        foreach (int table in WrittenTables(session))
        {
            foreach (var key in keys.To(table).Where(key => key.Definition.IsDeferrable && isWanted(key.Definition)))
            {
                var check = new ReferencedCheck(session, key);
                check.Collect(default, wantsChecks: true, wantsActions: false);
                if (check.Run() is not CheckOutcome.Passed and var outcome) return outcome;
            }

            foreach (var key in keys.From(table).Where(key => key.Definition.IsDeferrable && isWanted(key.Definition)))
                if (new ReferencingCheck(session, key).Run(default) is not CheckOutcome.Passed and var outcome) return outcome;
        }

        return CheckOutcome.Passed;
    }

    private static TransactionMark MarkOf(int table, Session.SessionMark since) => TemporaryObjects.Owns(table) ? since.Temporary ?? default : since.Main;

    private static List<int> WrittenTables(Session session)
    {
        var tables = session.CurrentTransaction!.WrittenTables.Select(table => (int)table.Id).ToList();
        if (session.Temporary?.Transaction is { } temporary) tables.AddRange(temporary.WrittenTables.Select(table => (int)table.Id));
        return tables;
    }
}

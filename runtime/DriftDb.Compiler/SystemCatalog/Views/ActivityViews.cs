using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Who does what right now: pg_stat_activity, pg_stat_database, prepared statements, cursors.</summary>
internal static class ActivityViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_stat_activity", Activity), ("pg_catalog.pg_stat_database", Databases), ("pg_catalog.pg_prepared_statements", PreparedStatements), ("pg_catalog.pg_cursors", Cursors),
    ];

    private static void Activity(CatalogRows rows)
    {
        foreach (var session in rows.Session.Instance.Sessions.OrderBy(session => session.ProcessId))
        {
            bool isOwn = ReferenceEquals(session, rows.Session), isInBlock = session.InBlock;
            string state = isOwn || session.IsRunning ? "active" : !isInBlock ? "idle" : session.IsFailed ? "idle in transaction (aborted)" : "idle in transaction";
            rows.Add(
                session.Database.Oid, session.Database.Name, session.ProcessId, null, (rows.Session.Access.TryFind(session.Options.User)?.Oid ?? 0) is var oid and not 0 ? oid : null, session.Options.User,
                session.Settings.Required("application_name"), session.Options.ClientInet, null, null, session.StartedMicros,
                isInBlock || isOwn ? session.TransactionTimeMicros : null, session.StatementTimeMicros, session.StatementTimeMicros,
                session.WaitingOn is null ? null : "Lock", session.WaitingOn is null ? null : "transactionid", state, null, null, null, "", "client backend");
        }
    }

    private static void Databases(CatalogRows rows)
    {
        foreach (var database in rows.Session.Instance.Databases.OrderBy(database => database.Oid))
        {
            int backends = rows.Session.Instance.Sessions.Count(session => ReferenceEquals(session.Database, database));
            long commits = database.Store.TransactionCount;
            rows.Add(
                database.Oid, database.Name, backends, commits, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, null, null, 0d, 0d, 0d, 0d, 0d, 0L, 0L, 0L, 0L, null);
        }
    }

    private static void PreparedStatements(CatalogRows rows)
    {
        foreach (var statement in rows.Session.Statements.Where(statement => statement.Name.Length > 0))
        {
            rows.Add(
                statement.Name, statement.Text, statement.PreparedMicros, statement.ParameterTypes.Select(TypeNames.Oid).ToArray(), statement.FromSql, 0L, 0L);
        }
    }

    private static void Cursors(CatalogRows rows)
    {
        foreach (var portal in rows.Session.Portals) rows.Add(portal.Name, portal.Statement.Text, portal.IsHeld, portal.ResultFormat(0) == 1, portal.IsScrollable, rows.Session.StatementTimeMicros);
    }
}

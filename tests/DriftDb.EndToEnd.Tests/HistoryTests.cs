using DriftDb.Compiler;
using DriftDb.Types;
using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>
/// The promise of time as a property: what a query answered at sequence s is what the same query answers <c>AS OF @seq:s</c> ever after, through updates,
/// deletes, schema changes, checkpoints and restarts.
/// </summary>
public sealed class HistoryTests
{
    private const string Question = "SELECT * FROM accounts{0} ORDER BY id";
    private const string Sum = "SELECT count(*), sum(balance), min(owner), max(owner) FROM accounts{0} WHERE balance >= 0";
    private const string Join = "SELECT a.id, b.id FROM accounts{0} a JOIN accounts{0} b ON a.id = b.id + 1 WHERE a.balance > b.balance ORDER BY 1";

    // Answered through an expression index, a partial index and their combination wherever the planner finds them cheaper.
    private const string ByExpression = "SELECT id FROM accounts{0} WHERE lower(owner) = 'owner 3' ORDER BY id";
    private const string ByPredicate = "SELECT id, owner FROM accounts{0} WHERE owner = 'Owner 3' AND balance >= 0 ORDER BY id";
    private const string Orphans = "SELECT count(*) FROM notes{0} n WHERE n.account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts{0} a WHERE a.id = n.account)";
    private const string Notes = "SELECT * FROM notes{0} ORDER BY id";

    private sealed record Memory(long Sequence, string Query, string Answer);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Remembered_answers_stay(int seed)
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(seed);
        var memories = new List<Memory>();
        var database = DriftDatabase.Open(directory.Path);
        try
        {
            database.Execute("CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric(12,2) NOT NULL DEFAULT 0)");
            database.Execute("CREATE INDEX ON accounts (owner)");
            database.Execute("CREATE INDEX ON accounts (lower(owner))");
            database.Execute("CREATE INDEX ON accounts (owner, id) WHERE balance >= 0");
            database.Execute("CREATE TABLE notes (id serial PRIMARY KEY, account int REFERENCES accounts ON DELETE SET NULL ON UPDATE CASCADE)");
            int columns = 0;
            for (int step = 0; step < 400; step++)
            {
                Change(database, random, ref columns);
                if (random.Next(4) == 0)
                {
                    foreach (string query in new[] { Question, Sum, Join, ByExpression, ByPredicate, Orphans, Notes })
                        memories.Add(new Memory(database.CurrentSequence, query, Ask(database, string.Format(query, ""))));
                }

                if (step % 90 == 89)
                {
                    if (random.Next(2) == 0) database.Execute("CHECKPOINT");
                    database.Dispose();
                    database = DriftDatabase.Open(directory.Path);
                }

                if (step % 50 == 49) Verify(database, memories, seed, step);
            }

            Verify(database, memories, seed, 400);
        }
        finally
        {
            database.Dispose();
        }
    }

    /// <summary>A wrong answer must be seen: the memory of another moment doesn't pass for this one.</summary>
    [Fact]
    public void A_planted_wrong_moment_is_caught()
    {
        using var directory = new TemporaryDirectory();
        using var database = DriftDatabase.Open(directory.Path);
        database.Execute("CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric(12,2) NOT NULL DEFAULT 0)");
        database.Execute("INSERT INTO accounts VALUES (1, 'a', 1)");
        var memory = new Memory(database.CurrentSequence, Question, Ask(database, string.Format(Question, "")));
        database.Execute("UPDATE accounts SET balance = 2");
        Assert.ThrowsAny<Exception>(() => Verify(database, [memory with { Sequence = database.CurrentSequence }], 0, 0));
    }

    private static void Change(DriftDatabase database, Random random, ref int columns)
    {
        int id = random.Next(40);
        try
        {
            switch (random.Next(14))
            {
                case < 5: database.Execute($"INSERT INTO accounts (id, owner, balance) VALUES ({id}, '{(random.Next(2) == 0 ? "owner" : "Owner")} {random.Next(10)}', {random.Next(-500, 1000)}.{random.Next(10)}) ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, owner = excluded.owner"); break;
                case < 8: database.Execute($"UPDATE accounts SET balance = balance + {random.Next(100)} WHERE id % 7 = {id % 7}"); break;
                case 8: database.Execute($"DELETE FROM accounts WHERE id = {id}"); break;
                case 9:
                    database.Execute("BEGIN");
                    database.Execute($"UPDATE accounts SET owner = 'tx' WHERE id = {id}");
                    database.Execute("SAVEPOINT s");
                    database.Execute("DELETE FROM accounts");
                    database.Execute("ROLLBACK TO s");
                    database.Execute($"UPDATE accounts SET balance = 7 WHERE id = {id}");
                    database.Execute(random.Next(2) == 0 ? "COMMIT" : "ROLLBACK");
                    break;
                case 10 when random.Next(4) == 0:
                    if (columns < 5) database.Execute($"ALTER TABLE accounts ADD COLUMN extra{columns++} int DEFAULT {columns}");
                    // A schema change takes no number of its own: between two events a number stands for the state after the event.
                    database.Execute($"INSERT INTO accounts (id, balance) VALUES ({1000 + database.CurrentSequence}, 0)");
                    break;
                case 11: database.Execute($"INSERT INTO notes (account) VALUES ({id}), (NULL)"); break;
                case 12: database.Execute($"UPDATE accounts SET id = {random.Next(40)} WHERE id = {id}"); break;
                default: database.Execute($"INSERT INTO accounts (id, owner) VALUES ({id}, NULL)"); break;
            }
        }
        catch (SqlException error) when (error.SqlState is SqlState.UniqueViolation or SqlState.ForeignKeyViolation)
        {
            // A duplicate, or a note on an account that isn't there, is part of the game; nothing of it may stay.
        }
    }

    private static string Ask(DriftDatabase database, string query) => string.Join("\n", database.Query(query));

    private static void Verify(DriftDatabase database, List<Memory> memories, int seed, int step)
    {
        foreach (var memory in memories)
        {
            string past = Ask(database, string.Format(memory.Query, $" FOR SYSTEM_TIME AS OF @seq:{memory.Sequence}"));
            if (memory.Query == Orphans) Assert.Equal("0", memory.Answer);
            Assert.True(past == memory.Answer, $"seed {seed}, step {step}: {memory.Query} at {memory.Sequence} answered\n{past}\nand not\n{memory.Answer}");
        }
    }
}

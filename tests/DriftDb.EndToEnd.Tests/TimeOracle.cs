using DriftDb.Compiler;
using DriftDb.Types;
using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>
/// A database that changes at random, and what it must go on answering. <b>Remember</b>: what a query answered at sequence s is its answer <c>AS OF @seq:s</c> ever after. <b>Replay</b>: so it is when snapshots and
/// indexes are made again from the events alone. <b>Diff</b>: the rows at b are the rows at a, without those that ended and with those that began between.
/// </summary>
internal sealed class TimeOracle(int seed) : IDisposable
{
    // Answered through an expression index, a partial index and their combination wherever the planner finds them cheaper. "tag" and "extra" change their types; a literal fits all of them.
    private const string Orphans = "SELECT count(*) FROM notes{0} n WHERE n.account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts{0} a WHERE a.id = n.account)";

    private static readonly string[] Questions =
    [
        "SELECT * FROM accounts{0} ORDER BY id",
        "SELECT count(*), sum(balance), min(owner), max(owner) FROM accounts{0} WHERE balance >= 0",
        "SELECT a.id, b.id FROM accounts{0} a JOIN accounts{0} b ON a.id = b.id + 1 WHERE a.balance > b.balance ORDER BY 1",
        "SELECT id FROM accounts{0} WHERE lower(owner) = 'owner 3' ORDER BY id",
        "SELECT id, owner FROM accounts{0} WHERE owner = 'Owner 3' AND balance >= 0 ORDER BY id",
        "SELECT id, tag FROM accounts{0} WHERE tag = '7' ORDER BY id",
        "SELECT count(DISTINCT tag), count(*) FILTER (WHERE tag IS NULL) FROM accounts{0}",
        Orphans,
        "SELECT * FROM notes{0} ORDER BY id",
    ];

    /// <summary>Types that the column "tag" goes through; each value of one can be read as one of the others.</summary>
    private static readonly string[] TagTypes = ["int", "bigint", "numeric", "text", "varchar(20)", "smallint"];

    private sealed record Memory(long Sequence, string Query, string Answer);

    private readonly TemporaryDirectory _directory = new();
    private readonly Random _random = new(seed);
    private readonly List<Memory> _memories = [];
    private readonly List<long> _moments = [];
    private DriftDatabase _database = null!;
    private string _tagIndex = "";
    private int _columns;

    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }

    public void Run(int steps)
    {
        _database = DriftDatabase.Open(_directory.Path);
        _database.Execute("CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric(12,2) NOT NULL DEFAULT 0, tag int)");
        _database.Execute("CREATE INDEX ON accounts (owner)");
        _database.Execute("CREATE INDEX ON accounts (lower(owner))");
        _database.Execute("CREATE INDEX ON accounts (owner, id) WHERE balance >= 0");
        _database.Execute("CREATE TABLE notes (id serial PRIMARY KEY, account int REFERENCES accounts ON DELETE SET NULL ON UPDATE CASCADE)");
        for (int step = 0; step < steps; step++)
        {
            try
            {
                Change();
                if (_random.Next(4) == 0) Remember();
                if (step % 30 == 29) Maintain();
                if (step % 90 == 89) Restart(fromEventsAlone: _random.Next(3) == 0);
                if (step % 50 == 49 || step == steps - 1)
                {
                    Verify();
                    CompareMoments();
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"new TimeOracle({seed}), step {step}", exception);
            }
        }
    }

    /// <summary>Remembers an answer under another moment than its own, for proving that it is seen.</summary>
    public void RememberWrongly()
    {
        Remember();
        _database.Execute("UPDATE accounts SET balance = balance + 1");
        _memories[^Questions.Length] = _memories[^Questions.Length] with { Sequence = _database.CurrentSequence };
        Verify();
    }

    private void Remember()
    {
        long sequence = _database.CurrentSequence;
        _moments.Add(sequence);
        foreach (string query in Questions) _memories.Add(new Memory(sequence, query, Ask(string.Format(query, ""))));
    }

    private void Change()
    {
        int id = _random.Next(40);
        try
        {
            switch (_random.Next(15))
            {
                case < 5:
                    _database.Execute($"INSERT INTO accounts (id, owner, balance, tag) VALUES ({id}, '{(_random.Next(2) == 0 ? "owner" : "Owner")} {_random.Next(10)}', {_random.Next(-500, 1000)}.{_random.Next(10)}, '{_random.Next(9)}') "
                        + "ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, owner = excluded.owner, tag = excluded.tag");
                    break;
                case < 8: _database.Execute($"UPDATE accounts SET balance = balance + {_random.Next(100)} WHERE id % 7 = {id % 7}"); break;
                case 8: _database.Execute(_random.Next(60) == 0 ? "TRUNCATE accounts, notes" : $"DELETE FROM accounts WHERE id = {id}"); break;
                case 9:
                    _database.Execute("BEGIN");
                    _database.Execute($"UPDATE accounts SET owner = 'tx' WHERE id = {id}");
                    _database.Execute("SAVEPOINT s");
                    _database.Execute("DELETE FROM accounts");
                    _database.Execute("ROLLBACK TO s");
                    _database.Execute($"UPDATE accounts SET balance = 7 WHERE id = {id}");
                    _database.Execute(_random.Next(2) == 0 ? "COMMIT" : "ROLLBACK");
                    break;
                case 10 when _random.Next(2) == 0:
                    ChangeSchema();
                    // A schema change takes no number of its own: between two events a number stands for the state after the event.
                    _database.Execute($"INSERT INTO accounts (id, balance) VALUES ({1000 + _database.CurrentSequence}, 0)");
                    break;
                case 11: _database.Execute($"INSERT INTO notes (account) VALUES ({id}), (NULL)"); break;
                case 12: _database.Execute($"UPDATE accounts SET id = {_random.Next(40)} WHERE id = {id}"); break;
                case 13: _database.Execute($"UPDATE accounts SET tag = '{_random.Next(9)}' WHERE id % 5 = {id % 5}"); break;
                default: _database.Execute($"INSERT INTO accounts (id, owner) VALUES ({id}, NULL)"); break;
            }
        }
        catch (SqlException error) when (error.SqlState is SqlState.UniqueViolation or SqlState.ForeignKeyViolation)
        {
            // A duplicate, or a note on an account that isn't there, is part of the game; nothing of it may stay.
        }
    }

    private void ChangeSchema()
    {
        switch (_random.Next(6))
        {
            case 0:
                _database.Execute($"ALTER TABLE accounts ADD COLUMN extra{_columns++} int DEFAULT {_columns}");
                break;
            case 1 when _columns > 0:
                _database.Execute($"ALTER TABLE accounts DROP COLUMN IF EXISTS extra{_random.Next(_columns)}");
                break;
            case 2 when _columns > 0:
                string name = $"extra{_random.Next(_columns)}";
                if (Ask($"SELECT 1 FROM information_schema.columns WHERE table_name = 'accounts' AND column_name = '{name}'").Length > 0) _database.Execute($"ALTER TABLE accounts RENAME COLUMN {name} TO extra{_columns++}");
                break;
            case 3:
                if (_tagIndex.Length > 0) _database.Execute($"DROP INDEX {_tagIndex}");
                _tagIndex = _tagIndex.Length > 0 ? "" : $"accounts_tag_{_database.CurrentSequence}";
                if (_tagIndex.Length > 0) _database.Execute($"CREATE INDEX {_tagIndex} ON accounts (tag, id)");
                break;
            default:
                string type = TagTypes[_random.Next(TagTypes.Length)];
                _database.Execute($"ALTER TABLE accounts ALTER COLUMN tag TYPE {type} USING tag::{type}");
                break;
        }
    }

    private void Maintain() => _database.Execute(_random.Next(4) switch { 0 => "CHECKPOINT", 1 => "COMPACT accounts", 2 => "SNAPSHOT accounts", _ => "ANALYZE" });

    private void Restart(bool fromEventsAlone)
    {
        _database.Dispose();
        if (fromEventsAlone)
        {
            foreach (string file in Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(file => file.EndsWith(".snap", StringComparison.Ordinal) || file.EndsWith(".idx", StringComparison.Ordinal)).ToList()) File.Delete(file);
        }

        _database = DriftDatabase.Open(_directory.Path);
    }

    private string Ask(string query) => string.Join("\n", _database.Query(query));

    /// <summary>The newest memories and some of the others.</summary>
    private void Verify()
    {
        for (int i = 0; i < _memories.Count; i++)
        {
            if (i < _memories.Count - 60 && _random.Next(_memories.Count) > 150) continue;
            Memory memory = _memories[i];
            string past = Ask(string.Format(memory.Query, $" FOR SYSTEM_TIME AS OF @seq:{memory.Sequence}"));
            if (memory.Query == Orphans) Assert.Equal("0", memory.Answer);
            Assert.True(past == memory.Answer, $"{memory.Query} at {memory.Sequence} answered\n{past}\nand not\n{memory.Answer}");
        }
    }

    /// <summary>Versions are told by the event that made them.</summary>
    private void CompareMoments()
    {
        if (_moments.Count < 2) return;
        for (int i = 0; i < 4; i++)
        {
            long a = _moments[_random.Next(_moments.Count)], b = _moments[_random.Next(_moments.Count)];
            if (a > b) (a, b) = (b, a);
            HashSet<long> before = Versions($"FOR SYSTEM_TIME AS OF @seq:{a}"), after = Versions($"FOR SYSTEM_TIME AS OF @seq:{b}"), between = Versions($"FOR SYSTEM_TIME BETWEEN @seq:{a} AND @seq:{b}");
            HashSet<long> ended = Versions($"FOR SYSTEM_TIME ALL WHERE system_time_end <= (SELECT max(committed_at) FROM drift.transactions WHERE last_sequence = {b})");
            Assert.Equal(before.Order(), between.Where(version => version <= a).Order());
            Assert.Equal(after.Order(), between.Except(ended).Order());
        }
    }

    private HashSet<long> Versions(string period) => [.. _database.Query($"SELECT __sequence FROM accounts {period}").Select(row => long.Parse(row[0]!.ToString()!, System.Globalization.CultureInfo.InvariantCulture))];
}

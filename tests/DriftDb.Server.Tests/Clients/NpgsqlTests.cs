using Npgsql;
using NpgsqlTypes;
using Xunit;

namespace DriftDb.Server.Tests.Clients;

/// <summary>.NET's driver: the extended protocol, binary throughout.</summary>
[Collection(ServerCollection.Name)]
public sealed class NpgsqlTests(ServerFixture server)
{
    private NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(server.NpgsqlConnectionString);
        connection.Open();
        return connection;
    }

    private static int Execute(NpgsqlConnection connection, string sql, params object?[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(NpgsqlConnection connection, string sql, params object?[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteScalar();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object? value in values) command.Parameters.Add(value is NpgsqlParameter parameter ? parameter : new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    private enum Mood
    {
        Sad,
        Ok,
        VeryHappy,
    }

    private sealed record Address
    {
        public string? Street { get; set; }

        public int Number { get; set; }

        public Mood Mood { get; set; }
    }

    /// <summary>Npgsql reads pg_type, pg_enum and pg_attribute to learn what the types are, and then speaks binary.</summary>
    [Fact]
    public void Enums_and_composite_types_are_mapped()
    {
        using (var setup = Open())
        {
            Execute(setup, "create type npgsql_mood as enum ('sad', 'ok', 'very_happy')");
            Execute(setup, "create type npgsql_address as (street text, number int, mood npgsql_mood)");
            Execute(setup, "create table npgsql_users (id int primary key, mood npgsql_mood, moods npgsql_mood[], home npgsql_address, homes npgsql_address[])");
        }

        var builder = new NpgsqlDataSourceBuilder(server.NpgsqlConnectionString);
        builder.MapEnum<Mood>("npgsql_mood");
        builder.MapComposite<Address>("npgsql_address");
        using var source = builder.Build();
        using var connection = source.OpenConnection();
        var home = new Address { Street = "Main \"1\"", Number = 7, Mood = Mood.VeryHappy };
        Execute(connection, "insert into npgsql_users values ($1, $2, $3, $4, $5)", 1, Mood.Ok, new[] { Mood.VeryHappy, Mood.Sad }, home, new[] { home });
        Execute(connection, "insert into npgsql_users (id, mood) values ($1, 'sad')", 2);
        using (var command = new NpgsqlCommand("select mood, moods, home, homes from npgsql_users where mood >= $1 order by mood", connection) { Parameters = { new NpgsqlParameter { Value = Mood.Ok } } })
        using (var reader = command.ExecuteReader())
        {
            Assert.True(reader.Read());
            Assert.Equal("public.npgsql_mood", reader.GetDataTypeName(0));
            Assert.Equal(Mood.Ok, reader.GetFieldValue<Mood>(0));
            Assert.Equal([Mood.VeryHappy, Mood.Sad], reader.GetFieldValue<Mood[]>(1));
            Assert.Equal(home, reader.GetFieldValue<Address>(2));
            Assert.Equal([home], reader.GetFieldValue<Address[]>(3));
            Assert.False(reader.Read());
        }

        // Without a mapping a label is a string.
        using var plain = Open();
        plain.ReloadTypes();
        Assert.Equal("very_happy", Scalar(plain, "select (home).mood from npgsql_users where id = $1", 1));
        var error = Assert.Throws<PostgresException>(() => Execute(plain, "insert into npgsql_users (id, mood) values (3, 'bored')"));
        Assert.Equal("22P02", error.SqlState);
        Assert.Equal("invalid input value for enum npgsql_mood: \"bored\"", error.MessageText);
    }

    [Fact]
    public void Values_of_the_everyday_types_go_in_and_come_out()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_types(id int primary key, b bool, s smallint, l bigint, f real, d double precision, n numeric(12,3), w numeric, t text, v varchar(10), y bytea, dt date, ts timestamp, tz timestamptz, u uuid, j json, jb jsonb)");
        var uuid = Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        var stamp = new DateTime(2024, 2, 29, 12, 34, 56, 789, DateTimeKind.Unspecified);
        var instant = new DateTime(2024, 2, 29, 12, 34, 56, 789, DateTimeKind.Utc);
        int inserted = Execute(
            connection,
            "insert into npgsql_types values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)",
            1, true, (short)-2, 1L << 40, 1.5f, 0.1, 12345.678m, 79228162514264337593543950335m, "né'\\", "varchar", new byte[] { 0, 255, 1 },
            new DateOnly(2024, 2, 29), stamp, instant, uuid,
            new NpgsqlParameter { Value = "{\"a\": 1}", NpgsqlDbType = NpgsqlDbType.Json }, new NpgsqlParameter { Value = "{\"a\": 1}", NpgsqlDbType = NpgsqlDbType.Jsonb });
        Assert.Equal(1, inserted);
        Execute(connection, "insert into npgsql_types(id) values ($1)", 2);

        using var command = new NpgsqlCommand("select * from npgsql_types order by id", connection);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        object[] expected = [1, true, (short)-2, 1L << 40, 1.5f, 0.1, 12345.678m, 79228162514264337593543950335m, "né'\\", "varchar", new byte[] { 0, 255, 1 }];
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], reader.GetValue(i));
        Assert.Equal(new DateOnly(2024, 2, 29), reader.GetFieldValue<DateOnly>(11));
        Assert.Equal(stamp, reader.GetDateTime(12));
        Assert.Equal(instant, reader.GetDateTime(13));
        Assert.Equal(uuid, reader.GetGuid(14));
        Assert.Equal("{\"a\": 1}", reader.GetString(15));
        Assert.Equal("{\"a\": 1}", reader.GetString(16));
        Assert.True(reader.Read());
        for (int i = 1; i < reader.FieldCount; i++) Assert.True(reader.IsDBNull(i));
        Assert.False(reader.Read());
    }

    [Fact]
    public void Null_parameters()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_null(id int primary key, t text)");
        Execute(connection, "insert into npgsql_null values ($1, $2)", 1, new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        Assert.Equal(DBNull.Value, Scalar(connection, "select t from npgsql_null where id = $1", 1));
        Assert.Equal(1L, Scalar(connection, "select count(*) from npgsql_null where t is null"));
    }

    [Fact]
    public void A_failed_transaction_is_rolled_back()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_tx(id int primary key)");
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection, "insert into npgsql_tx values (1)");
            var duplicate = Assert.Throws<PostgresException>(() => Execute(connection, "insert into npgsql_tx values (1)"));
            Assert.Equal(("23505", "npgsql_tx_pkey", "npgsql_tx"), (duplicate.SqlState, duplicate.ConstraintName, duplicate.TableName));
            Assert.Equal("25P02", Assert.Throws<PostgresException>(() => Execute(connection, "select 1")).SqlState);
            transaction.Rollback();
        }

        Assert.Equal(0L, Scalar(connection, "select count(*) from npgsql_tx"));
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection, "insert into npgsql_tx values (1)");
            transaction.Commit();
        }

        Assert.Equal(1L, Scalar(connection, "select count(*) from npgsql_tx"));
    }

    [Fact]
    public void Errors_carry_SQLSTATE_and_position()
    {
        using var connection = Open();
        var error = Assert.Throws<PostgresException>(() => Execute(connection, "select nosuch"));
        Assert.Equal(("42703", 8), (error.SqlState, error.Position));
        Assert.Equal("42601", Assert.Throws<PostgresException>(() => Execute(connection, "selec 1")).SqlState);
        Assert.Equal("22012", Assert.Throws<PostgresException>(() => Execute(connection, "select 1/0")).SqlState);
        Assert.Equal(1, Scalar(connection, "select 1"));
    }

    [Fact]
    public void Prepared_commands_and_batches()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_batch(id int primary key, v int)");
        using (var insert = new NpgsqlCommand("insert into npgsql_batch values ($1, $2)", connection))
        {
            var id = insert.Parameters.Add(new NpgsqlParameter<int>());
            var v = insert.Parameters.Add(new NpgsqlParameter<int>());
            insert.Prepare();
            for (int i = 0; i < 100; i++)
            {
                ((NpgsqlParameter<int>)id).TypedValue = i;
                ((NpgsqlParameter<int>)v).TypedValue = i * i;
                Assert.Equal(1, insert.ExecuteNonQuery());
            }
        }

        using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("select count(*) from npgsql_batch"), new("update npgsql_batch set v = 0 where id < 10"), new("select sum(v) from npgsql_batch where id <= 10") },
        };
        using var reader = batch.ExecuteReader();
        reader.Read();
        Assert.Equal(100L, reader.GetInt64(0));
        Assert.True(reader.NextResult());
        reader.Read();
        Assert.Equal(100L, reader.GetInt64(0));
    }

    [Fact]
    public void The_past_is_asked_for_with_a_parameter()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_past(id int primary key, v text)");
        Execute(connection, "insert into npgsql_past values (1, 'old')");
        object then = Scalar(connection, "select __sequence from npgsql_past where id = 1")!;
        var thenTime = (DateTime)Scalar(connection, "select system_time_start from npgsql_past where id = 1")!;
        Execute(connection, "update npgsql_past set v = 'new' where id = 1");
        Assert.Equal("new", Scalar(connection, "select v from npgsql_past where id = 1"));
        Assert.Equal("old", Scalar(connection, $"select v from npgsql_past for system_time as of @seq:{then} where id = 1"));
        Assert.Equal("old", Scalar(connection, "select v from npgsql_past for system_time as of $1 where id = $2", thenTime, 1));
    }

    [Fact]
    public async Task A_listener_is_told_while_it_waits()
    {
        await using var listener = Open();
        await using var sender = Open();
        string? payload = null;
        listener.Notification += (_, args) => payload = args.Payload;
        Execute(listener, "listen npgsql_channel");
        Execute(sender, "notify npgsql_channel, 'hello'");
        using var timeout = new CancellationTokenSource(5_000);
        await listener.WaitAsync(timeout.Token);
        Assert.Equal("hello", payload);
    }

    [Fact]
    public void Copy_in_binary_and_out_as_text()
    {
        using var connection = Open();
        Execute(connection, "create table npgsql_copy(id int primary key, t text)");
        using (var writer = connection.BeginBinaryImport("copy npgsql_copy from stdin (format binary)"))
        {
            for (int i = 0; i < 1000; i++)
            {
                writer.StartRow();
                writer.Write(i, NpgsqlDbType.Integer);
                if (i % 2 == 0) writer.WriteNull();
                else writer.Write("t" + i, NpgsqlDbType.Text);
            }

            Assert.Equal(1000UL, writer.Complete());
        }

        using var reader = connection.BeginTextExport("copy (select * from npgsql_copy where id < 2 order by id) to stdout");
        Assert.Equal("0\t\\N\n1\tt1\n", reader.ReadToEnd());
    }
}

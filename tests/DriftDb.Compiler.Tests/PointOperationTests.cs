using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Everyday statements by key run on prebuilt operators: no code generation, and one plan for all their literals.</summary>
public sealed class PointOperationTests
{
    [Theory]
    [InlineData("SELECT id, balance, owner FROM accounts WHERE id = $1")]
    [InlineData("UPDATE accounts SET balance = balance + $2 WHERE id = $1")]
    [InlineData("UPDATE accounts SET balance = balance - -$2 WHERE id = $1")]
    [InlineData("UPDATE accounts SET owner = $3 WHERE id = $1")]
    [InlineData("DELETE FROM accounts WHERE id = $1")]
    [InlineData("INSERT INTO accounts (id, balance, owner) VALUES ($1, $2, $3)")]
    public void Literals_of_their_own_types_need_no_code(string sql)
    {
        using var database = new TestDatabase();
        database.Database.Execute("CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL, owner text, since timestamptz GENERATED ALWAYS AS ROW START, until timestamptz GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until))");
        var stages = database.Database.Compiler.Compile(sql, SqlType.Int4, SqlType.Int4, SqlType.Text);
        Assert.True(stages.Query.IsPointOperation);
    }
}

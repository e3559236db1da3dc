using System.Text;
using DriftDb.Protocol;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Server.Tests.Protocol;

public class AuthenticationTests
{
    // RFC 7677, section 3.
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private static ScramExchange Exchange() => new(ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096), ServerNonce);

    [Fact]
    public void The_RFCs_exchange_is_ours()
    {
        var exchange = Exchange();
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", exchange.First("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        string? final = exchange.Final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", final);
    }

    [Fact]
    public void A_wrong_proof_is_no_proof()
    {
        var exchange = Exchange();
        exchange.First("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        Assert.Null(exchange.Final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData("x,,n=u,r=abc")]
    [InlineData("p=tls-unique,,n=u,r=abc")]
    [InlineData("n,a=other,n=u,r=abc")]
    [InlineData("n,,r=abc")]
    [InlineData("n,,n=u,r=")]
    [InlineData("n,,n=u,r=a\u0001")]
    [InlineData("n,,m=x,n=u,r=abc")]
    public void Malformed_first_messages_are_fatal(string message) => Assert.True(Assert.Throws<SqlException>(() => Exchange().First(message)).IsFatal);

    [Theory]
    [InlineData("")]
    [InlineData("c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=short")]
    public void Malformed_final_messages_are_fatal(string message)
    {
        var exchange = Exchange();
        exchange.First("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        Assert.True(Assert.Throws<SqlException>(() => exchange.Final(message)).IsFatal);
    }

    [Fact]
    public void An_unknown_users_salt_is_the_same_each_time()
    {
        byte[] secret = [1, 2, 3];
        Assert.Equal(ScramVerifier.Mock("nobody", secret).Salt, ScramVerifier.Mock("nobody", secret).Salt);
        Assert.NotEqual(ScramVerifier.Mock("nobody", secret).Salt, ScramVerifier.Mock("other", secret).Salt);
    }

    [Fact]
    public void Md5_is_PostgreSQLs()
    {
        // select 'md5' || md5(md5('secretuser') || 'salt')
        string hash = Md5Password.Hash("secret", "user");
        string answer = "md5" + Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.ASCII.GetBytes(hash + "salt")));
        Assert.True(Md5Password.Verify(hash, "salt"u8, Encoding.ASCII.GetBytes(answer)));
        Assert.False(Md5Password.Verify(hash, "salu"u8, Encoding.ASCII.GetBytes(answer)));
        Assert.False(Md5Password.Verify(hash, "salt"u8, default));
    }
}

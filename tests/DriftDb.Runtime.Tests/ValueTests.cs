using System.Globalization;
using DriftDb.Types;
using Calendar = DriftDb.Types.Calendar;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed unsafe class ValueTests
{
    [Theory]
    [InlineData("boolean", "yes", "t")]
    [InlineData("smallint", " -32768 ", "-32768")]
    [InlineData("bigint", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("oid", "4294967295", "4294967295")]
    [InlineData("real", "0.1", "0.1")]
    [InlineData("double precision", "1e15", "1e+15")]
    [InlineData("double precision", "123456789012345", "123456789012345")]
    [InlineData("double precision", "0.0001", "0.0001")]
    [InlineData("double precision", "0.00001", "1e-05")]
    [InlineData("double precision", "1e300", "1e+300")]
    [InlineData("double precision", "-0", "-0")]
    [InlineData("real", "1234567", "1.234567e+06")]
    [InlineData("numeric", "1.500", "1.500")]
    [InlineData("numeric", "1e3", "1000")]
    [InlineData("numeric", "-.5", "-0.5")]
    [InlineData("numeric", "123456789012345678901234567890123456789012345.6789", "123456789012345678901234567890123456789012345.6789")]
    [InlineData("numeric", "nan", "NaN")]
    [InlineData("numeric", "-inf", "-Infinity")]
    [InlineData("date", "2024-02-29", "2024-02-29")]
    [InlineData("date", "0044-03-15 BC", "0044-03-15 BC")]
    [InlineData("date", "Jan 8, 1999", "1999-01-08")]
    [InlineData("date", "8-Jan-99", "1999-01-08")]
    [InlineData("date", "1/8/1999", "1999-01-08")]
    [InlineData("date", "19990108", "1999-01-08")]
    [InlineData("date", "infinity", "infinity")]
    [InlineData("time without time zone", "04:05 PM", "16:05:00")]
    [InlineData("time without time zone", "04:05:06.789", "04:05:06.789")]
    [InlineData("time with time zone", "04:05:06-08", "04:05:06-08")]
    [InlineData("timestamp without time zone", "2004-10-19T10:23:54.5", "2004-10-19 10:23:54.5")]
    [InlineData("timestamp with time zone", "2004-10-19 10:23:54+02", "2004-10-19 08:23:54+00")]
    [InlineData("timestamp with time zone", "2004-10-19 10:23:54 America/New_York", "2004-10-19 14:23:54+00")]
    [InlineData("timestamp without time zone", "-infinity", "-infinity")]
    [InlineData("interval", "1 year 2 months 3 days 4 hours 5 minutes 6 seconds", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "1-2", "1 year 2 mons")]
    [InlineData("interval", "3 4:05:06", "3 days 04:05:06")]
    [InlineData("interval", "1.5 days", "1 day 12:00:00")]
    [InlineData("interval", "-1 day +2 hours", "-1 days +02:00:00")]
    [InlineData("interval", "2 days ago", "-2 days")]
    [InlineData("interval", "0", "00:00:00")]
    [InlineData("uuid", "{A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("bytea", "\\xDEADBEEF", "\\xdeadbeef")]
    [InlineData("bytea", "a\\000b", "\\x610062")]
    [InlineData("jsonb", "{\"bb\":1,\"a\":[1, 2.50,{}],\"bb\":2, \"c\":\"\\u00e9\\n\"}", "{\"a\": [1, 2.50, {}], \"c\": \"é\\n\", \"bb\": 2}")]
    [InlineData("json", "{\"a\" :1}", "{\"a\" :1}")]
    [InlineData("integer[]", "{1,NULL,3}", "{1,NULL,3}")]
    [InlineData("integer[]", "[0:1]={1,2}", "[0:1]={1,2}")]
    [InlineData("text[]", "{{a,\"b c\"},{\"\",\"NULL\"}}", "{{a,\"b c\"},{\"\",\"NULL\"}}")]
    [InlineData("text[]", "{\"a\\\"b\",c\\,d}", "{\"a\\\"b\",\"c,d\"}")]
    [InlineData("text[]", "{}", "{}")]
    [InlineData("oidvector", "23 25", "23 25")]
    public void Text_and_binary_round_trip(string typeName, string input, string shown)
    {
        SqlType type = FunctionReflection.ParseType(typeName);
        object value = ValueText.Parse(type, input);
        Assert.Equal(shown, ValueText.Format(type, value));
        Assert.Equal(shown, ValueText.Format(type, ValueText.Parse(type, shown)));
        var binary = new ByteWriter();
        byte* slot = stackalloc byte[16];
        var arena = new Arena();
        BoxedValue.Store(value, type, slot, arena);
        ValueWriter.WriteBinary(binary, type, slot);
        ValueReader.ReadBinary(binary.Written, type, slot, arena, FormatSettings.Default);
        Assert.Equal(shown, ValueText.Format(type, slot));
    }

    [Theory]
    [InlineData("integer", "x", "22P02", "invalid input syntax for type integer: \"x\"")]
    [InlineData("integer", "", "22P02", "invalid input syntax for type integer: \"\"")]
    [InlineData("integer", "99999999999", "22003", "value \"99999999999\" is out of range for type integer")]
    [InlineData("smallint", "40000", "22003", "value \"40000\" is out of range for type smallint")]
    [InlineData("boolean", "maybe", "22P02", "invalid input syntax for type boolean: \"maybe\"")]
    [InlineData("double precision", "1e400", "22003", "\"1e400\" is out of range for type double precision")]
    [InlineData("date", "2021-02-30", "22008", "date/time field value out of range: \"2021-02-30\"")]
    [InlineData("date", "nonsense", "22007", "invalid input syntax for type date: \"nonsense\"")]
    [InlineData("uuid", "123", "22P02", "invalid input syntax for type uuid: \"123\"")]
    [InlineData("numeric", "1.2.3", "22P02", "invalid input syntax for type numeric: \"1.2.3\"")]
    [InlineData("json", "{a:1}", "22P02", "invalid input syntax for type json")]
    [InlineData("integer[]", "1,2", "22P02", "malformed array literal: \"1,2\"")]
    [InlineData("interval", "soon", "22007", "invalid input syntax for type interval: \"soon\"")]
    public void Errors_have_the_words_of_PostgreSQL(string typeName, string input, string state, string message)
    {
        var error = Assert.Throws<SqlException>(() => ValueText.Parse(FunctionReflection.ParseType(typeName), input));
        Assert.Equal((state, message), (error.SqlState, error.Message));
    }

    [Theory]
    [InlineData("+", "1.5", "2.25", "3.75")]
    [InlineData("-", "1", "1.00", "0.00")]
    [InlineData("*", "1.10", "2.200", "2.42000")]
    [InlineData("/", "1", "3", "0.33333333333333333333")]
    [InlineData("/", "2", "3", "0.66666666666666666667")]
    [InlineData("/", "10", "4", "2.5000000000000000")]
    [InlineData("/", "100000", "3", "33333.333333333333")]
    [InlineData("/", "1", "7000000", "0.000000142857142857142857")]
    [InlineData("%", "-7.5", "2", "-1.5")]
    [InlineData("*", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999", "9999999999999999999999999999999999999800000000000000000000000000000000000001")]
    [InlineData("+", "NaN", "1", "NaN")]
    [InlineData("-", "Infinity", "Infinity", "NaN")]
    public void Numeric_arithmetic_has_PostgreSQLs_scales(string op, string left, string right, string expected)
    {
        SqlNumeric a = SqlNumeric.Parse(left), b = SqlNumeric.Parse(right);
        SqlNumeric result = op switch { "+" => SqlNumeric.Add(a, b), "-" => SqlNumeric.Subtract(a, b), "*" => SqlNumeric.Multiply(a, b), "/" => SqlNumeric.Divide(a, b), _ => SqlNumeric.Modulo(a, b) };
        Assert.Equal(expected, result.ToString());
    }

    [Theory]
    [InlineData("2.5", 0, "3")]
    [InlineData("-2.5", 0, "-3")]
    [InlineData("1234.567", -2, "1200")]
    [InlineData("0.045", 2, "0.05")]
    public void Numeric_rounds_half_away_from_zero(string value, int digits, string expected) => Assert.Equal(expected, SqlNumeric.Parse(value).Round(digits).ToString());

    [Fact]
    public void Numeric_is_compared_and_hashed_by_value_and_survives_its_encoding()
    {
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++)
        {
            string digits = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)('0' + random.Next(10))));
            int scale = random.Next(0, 20);
            var number = new SqlNumeric(System.Numerics.BigInteger.Parse((random.Next(2) == 0 ? "-" : "") + digits, CultureInfo.InvariantCulture), scale);
            Assert.Equal(number.ToString(), SqlNumeric.Decode(number.ToBytes()).ToString());
            SqlNumeric wider = number.WithScale(scale + random.Next(0, 10));
            Assert.Equal(0, number.CompareTo(wider));
            Assert.Equal(number.GetHashCode(), wider.GetHashCode());
            Assert.Equal(ValueComparer.HashBytes(SqlType.Numeric, number.ToBytes()), ValueComparer.HashBytes(SqlType.Numeric, wider.ToBytes()));
            SqlNumeric more = SqlNumeric.Add(number, SqlNumeric.Parse("0.001"));
            Assert.True(number.CompareTo(more) < 0);
            var low = new DriftDb.Storage.KeyBuilder();
            var high = new DriftDb.Storage.KeyBuilder();
            NumericKey.Encode(number, low);
            NumericKey.Encode(more, high);
            Assert.True(low.Key.SequenceCompareTo(high.Key) < 0);
        }
    }

    [Fact]
    public void Days_and_dates_agree_with_the_frameworks_calendar()
    {
        for (var date = new DateOnly(1, 1, 1); date < new DateOnly(9990, 1, 1); date = date.AddDays(17))
        {
            int days = Calendar.ToDays(date.Year, date.Month, date.Day);
            Assert.Equal(date.DayNumber - new DateOnly(2000, 1, 1).DayNumber, days);
            Assert.Equal((date.Year, date.Month, date.Day), Calendar.FromDays(days));
            Assert.Equal((int)date.DayOfWeek, Calendar.DayOfWeek(days));
            Assert.Equal(ISOWeek.GetWeekOfYear(date.ToDateTime(default)), Calendar.IsoWeek(days).Week);
        }
    }
}

using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>Functions called through generated code, in both tiers, against answers of PostgreSQL 15.</summary>
public sealed class FunctionTests
{
    /// <summary>name(type:value, …) → text; operators as name "op:||".</summary>
    [Theory]
    [InlineData("upper", "HELLO", "text:hello")]
    [InlineData("substr", "lph", "text:alphabet", "int4:2", "int4:3")]
    [InlineData("substr", "él", "text:hélas", "int4:2", "int4:2")]
    [InlineData("substr", "al", "text:alphabet", "int4:-1", "int4:4")]
    [InlineData("length", "5", "text:hélas")]
    [InlineData("lpad", "xyxhi", "text:hi", "int4:5", "text:xy")]
    [InlineData("split_part", "def", "text:abc~@~def~@~ghi", "text:~@~", "int4:2")]
    [InlineData("initcap", "Hi Thomas", "text:hi THOMAS")]
    [InlineData("translate", "a2x5", "text:12345", "text:143", "text:ax")]
    [InlineData("regexp_replace", "ThM", "text:Thomas", "text:.[mN]a.", "text:M")]
    [InlineData("op:||", "ab3", "text:ab", "int4:3")]
    [InlineData("concat_ws", "a,b", "text:,", "text:a", "text:∅", "text:b")]
    [InlineData("format", "Hello World, \"Foo bar\"", "text:Hello %s, %I", "text:World", "text:Foo bar")]
    [InlineData("quote_literal", "'O''Reilly'", "text:O'Reilly")]
    [InlineData("md5", "900150983cd24fb0d6963f7d28e17f72", "text:abc")]
    [InlineData("round", "42.44", "numeric:42.4382", "int4:2")]
    [InlineData("sqrt", "1.414213562373095", "numeric:2")]
    [InlineData("exp", "2.7182818284590452", "numeric:1.0")]
    [InlineData("ln", "0.6931471805599453", "numeric:2.0")]
    [InlineData("power", "729.0000000000000000", "numeric:9", "numeric:3")]
    [InlineData("op:^", "8", "float8:2", "float8:3")]
    [InlineData("extract", "38.500000", "text:second", "timestamp:2001-02-16 20:38:38.5")]
    [InlineData("extract", "982355920.120000", "text:epoch", "timestamptz:2001-02-16 20:38:40.12+00")]
    [InlineData("extract", "7", "text:isodow", "date:2001-02-18")]
    [InlineData("date_trunc", "2001-02-16 20:00:00", "text:hour", "timestamp:2001-02-16 20:38:40")]
    [InlineData("age", "43 years 9 mons 27 days", "timestamp:2001-04-10", "timestamp:1957-06-13")]
    [InlineData("op:+", "2001-09-29 00:00:00", "date:2001-09-28", "interval:1 day")]
    [InlineData("op:-", "3", "date:2001-10-01", "date:2001-09-28")]
    [InlineData("op:-", "1 day 15:00:00", "timestamp:2001-09-29 03:00", "timestamp:2001-09-27 12:00")]
    [InlineData("op:*", "03:30:00", "interval:1 hour", "float8:3.5")]
    [InlineData("to_char", "2002-04-20 17:31:12", "timestamp:2002-04-20 17:31:12.66", "text:YYYY-MM-DD HH24:MI:SS")]
    [InlineData("to_char", "Saturday , 20  05:31:12", "timestamp:2002-04-20 17:31:12.66", "text:Day, DD  HH12:MI:SS")]
    [InlineData("to_char", "-12454.80", "numeric:-12454.8", "text:FM999999.00")]
    [InlineData("to_char", " 1,234.50", "numeric:1234.5", "text:9,999.99")]
    [InlineData("to_char", " 0012", "int4:12", "text:0000")]
    [InlineData("to_date", "2000-12-05", "text:05 Dec 2000", "text:DD Mon YYYY")]
    [InlineData("op:->>", "2", "jsonb:{\"a\": {\"b\":2}, \"c\": 2}", "text:c")]
    [InlineData("op:->", "{\"b\": 2}", "jsonb:{\"a\": {\"b\":2}}", "text:a")]
    [InlineData("op:#>>", "3", "jsonb:{\"a\":[1,2,3],\"b\":[4,5,6]}", "text[]:{a,2}")]
    [InlineData("op:@>", "t", "jsonb:{\"a\":1, \"b\":2}", "jsonb:{\"b\":2}")]
    [InlineData("op:||", "{\"a\": \"b\", \"c\": \"d\"}", "jsonb:{\"a\":\"b\"}", "jsonb:{\"c\":\"d\"}")]
    [InlineData("jsonb_build_object", "{\"bar\": 2, \"foo\": 1}", "text:foo", "int4:1", "text:bar", "int4:2")]
    [InlineData("array_to_string", "1,2,3,*,5", "int4[]:{1,2,3,NULL,5}", "text:,", "text:*")]
    [InlineData("string_to_array", "{xx,NULL,zz}", "text:xx~~yy~~zz", "text:~~", "text:yy")]
    [InlineData("op:@>", "t", "int4[]:{1,4,3}", "int4[]:{3,1,3}")]
    [InlineData("array_length", "∅", "int4[]:{1,2}", "int4:2")]
    [InlineData("encode", "MTIz", "bytea:123", "text:base64")]
    [InlineData("starts_with", "t", "text:alphabet", "text:alph")]
    [InlineData("justify_interval", "29 days 23:00:00", "interval:1 mon -1 hour")]
    public void Answers(string name, string expected, params string[] arguments)
    {
        Assert.Equal(expected, Call(name, arguments, compiled: true));
        Assert.Equal(expected, Call(name, arguments, compiled: false));
    }

    private static string Call(string name, string[] arguments, bool compiled)
    {
        using var db = new TestDatabase();
        ImmutableArray<ScalarExpr> constants = [.. arguments.Select(Constant)];
        IEnumerable<FunctionSignature> found = name.StartsWith("op:", StringComparison.Ordinal) ? FunctionCatalog.Builtin.FindOperators(name[3..]) : FunctionCatalog.Builtin.FindFunctions(name);
        FunctionSignature signature = found.Where(f => Fits(f, constants)).OrderBy(f => f.ParameterTypes.Count(t => t.Id is TypeId.AnyElement or TypeId.AnyNonArray or TypeId.Any)).First();
        SqlType result = signature.ReturnType;
        var call = new ScalarCall(signature, constants, result);
        OutputColumn column = db.Ids.New("x", result, true);
        var plan = new PhysicalValues([column], [[call]]);
        return db.Run(plan, compiled).Single();
    }

    private static bool Fits(FunctionSignature f, ImmutableArray<ScalarExpr> arguments)
    {
        if (f.IsVariadic ? arguments.Length < f.ParameterTypes.Length : arguments.Length != f.ParameterTypes.Length) return false;
        for (int i = 0; i < arguments.Length; i++)
        {
            SqlType parameter = f.ParameterTypes[Math.Min(i, f.ParameterTypes.Length - 1)];
            SqlType element = parameter.IsArray ? parameter.Element! : parameter;
            bool any = element.Id is TypeId.Any or TypeId.AnyElement or TypeId.AnyNonArray;
            if (any ? parameter.IsArray != arguments[i].Type.IsArray && parameter.IsArray : !parameter.SameTypeAs(arguments[i].Type)) return false;
        }

        return true;
    }

    private static ScalarExpr Constant(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        SqlType type = FunctionReflection.ParseType(text[..colon]);
        string value = text[(colon + 1)..];
        return value == "∅" ? ScalarConstant.Null(type) : new ScalarConstant(ValueText.Parse(type, value), type);
    }
}

using DriftDb.Plan;

namespace DriftDb.Runtime;

/// <summary>
/// Makes a static method an SQL function. Parameter and result types follow from the CLR types (bool, short, int, long, float, double, <c>Interval</c>, <c>Uuid</c>, <c>ByteSlice</c> = text,
/// <c>SqlNumeric</c>, string = text, <c>byte[]</c> = bytea) unless <see cref="Parameters"/> and <see cref="Returns"/> name SQL types. A first parameter of type <see cref="QueryContext"/>
/// gets the context. For arguments or a result that may be NULL take and return <c>Datum</c>, or <c>T?</c> of the value types and string.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class SqlFunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>SQL type names of the parameters, separated by commas ("text, integer", "anyarray, anyelement"); null: by the CLR types.</summary>
    public string? Parameters { get; init; }

    /// <summary>SQL type name of the result; null: by the CLR type.</summary>
    public string? Returns { get; init; }

    public Volatility Volatility { get; init; } = Volatility.Immutable;

    /// <summary>NULL for any NULL argument, without being called. Methods with nullable parameters set it to false.</summary>
    public bool Strict { get; init; } = true;

    /// <summary>The last parameter may come any number of times; the method takes it as an array of <c>Datum</c>.</summary>
    public bool Variadic { get; init; }

    /// <summary>Names of the parameters, separated by commas, for a function that is called by name; null for others.</summary>
    public string? Names { get; init; }

    /// <summary>How many of the last parameters may be left out: they are 0 then.</summary>
    public int Optional { get; init; }

    /// <summary>pg_proc.oid; 0 for one that is made up.</summary>
    public int Oid { get; init; }
}

/// <summary>Makes a static method the function behind an operator (one parameter: a prefix operator).</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SqlOperatorAttribute(string symbol, string functionName) : SqlFunctionAttribute(functionName)
{
    public string Symbol { get; } = symbol;
}

/// <summary>Makes a static method a set-returning function: it returns nothing, and appends rows through its last parameter, a <see cref="RowWriter"/>.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SqlTableFunctionAttribute(string name) : SqlFunctionAttribute(name)
{
    /// <summary>"name type, name type": the columns; null for one column named as the function, of type <see cref="SqlFunctionAttribute.Returns"/>.</summary>
    public string? Columns { get; init; }
}

/// <summary>Makes a class derived from <see cref="AggregateState"/> an aggregate function; one object is made for each group.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class SqlAggregateAttribute(string name, string parameters, string returns) : Attribute
{
    public string Name { get; } = name;

    public string Parameters { get; } = parameters;

    public string Returns { get; } = returns;

    /// <summary>Rows with a NULL argument don't reach the state.</summary>
    public bool Strict { get; init; } = true;

    /// <summary>Called with WITHIN GROUP: the last parameter is what is ordered by, and the state gets the rows in that order.</summary>
    public bool OrderedSet { get; init; }
}

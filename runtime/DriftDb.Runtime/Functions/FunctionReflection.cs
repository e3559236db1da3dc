using System.Collections.Immutable;
using System.Reflection;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What code generation knows of a scalar function: the method to call.</summary>
internal sealed record MethodImplementation(MethodInfo Method, bool TakesContext, bool IsVariadic);

/// <summary>An aggregate by its state class.</summary>
internal sealed record StateImplementation(Type StateType, bool IsStrict);

/// <summary>Reads signatures off attributed methods and classes.</summary>
internal static class FunctionReflection
{
    private static readonly Dictionary<Type, ImmutableArray<FunctionSignature>> s_signatures = [];
    private static readonly Lock s_lock = new();
    private static int s_nextOid = 9_000;

    /// <summary>The functions that a class declares. They are read once: every database of the process has the same ones, under the same numbers.</summary>
    public static ImmutableArray<FunctionSignature> Read(Type type)
    {
        lock (s_lock)
        {
            if (!s_signatures.TryGetValue(type, out var signatures)) s_signatures.Add(type, signatures = [.. Declared(type)]);
            return signatures;
        }
    }

    private static IEnumerable<FunctionSignature> Declared(Type type)
    {
        foreach (SqlAggregateAttribute aggregate in type.GetCustomAttributes<SqlAggregateAttribute>(false))
            yield return new FunctionSignature
            {
                Name = aggregate.Name, ParameterTypes = ParseTypes(aggregate.Parameters), ReturnType = ParseType(aggregate.Returns), Kind = FunctionKind.Aggregate, IsOrderedSet = aggregate.OrderedSet,
                CollectsValues = aggregate.OrderedSet || typeof(CollectingAggregate).IsAssignableFrom(type),
                Oid = s_nextOid++, Implementation = new StateImplementation(type, aggregate.Strict),
            };

        foreach (MethodInfo method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            foreach (SqlFunctionAttribute attribute in method.GetCustomAttributes<SqlFunctionAttribute>(false))
                yield return Signature(method, attribute);
    }

    private static FunctionSignature Signature(MethodInfo method, SqlFunctionAttribute attribute)
    {
        ParameterInfo[] parameters = method.GetParameters();
        bool takesContext = parameters.Length > 0 && parameters[0].ParameterType == typeof(QueryContext);
        IEnumerable<ParameterInfo> sql = parameters.Skip(takesContext ? 1 : 0).Where(parameter => parameter.ParameterType != typeof(RowWriter));
        ImmutableArray<SqlType> types = attribute.Parameters is { } text ? ParseTypes(text) : [.. sql.Select(parameter => TypeOf(parameter.ParameterType, method))];
        var table = attribute as SqlTableFunctionAttribute;
        return new FunctionSignature
        {
            Name = attribute.Name,
            Operator = (attribute as SqlOperatorAttribute)?.Symbol,
            ParameterTypes = types,
            IsVariadic = attribute.Variadic,
            ParameterNames = attribute.Names is { } names ? [.. names.Split(',').Select(name => name.Trim())] : [],
            DefaultValues = [.. types[^attribute.Optional..].Select(type => type.Id == TypeId.Float8 ? (object?)0.0 : 0)],
            ReturnType = attribute.Returns is { } returns ? ParseType(returns) : table is not null ? SqlType.Record : TypeOf(method.ReturnType, method),
            ReturnColumns = table?.Columns is { } columns ? [.. columns.Split(',').Select(ParseColumn)] : [],
            Kind = table is not null ? FunctionKind.Table : FunctionKind.Scalar,
            Volatility = attribute.Volatility,
            IsStrict = attribute.Strict,
            NeverNull = Nullable.GetUnderlyingType(method.ReturnType) is null && method.ReturnType != typeof(Datum) && !IsNullableReference(method),
            Oid = attribute.Oid != 0 ? attribute.Oid : s_nextOid++,
            Implementation = new MethodImplementation(method, takesContext, attribute.Variadic),
        };
    }

    private static bool IsNullableReference(MethodInfo method) =>
        !method.ReturnType.IsValueType && method.ReturnType != typeof(void) && new NullabilityInfoContext().Create(method.ReturnParameter).ReadState == NullabilityState.Nullable;

    private static (string, SqlType) ParseColumn(string text)
    {
        string[] parts = text.Trim().Split(' ', 2);
        return (parts[0], ParseType(parts[1]));
    }

    private static ImmutableArray<SqlType> ParseTypes(string text) => text.Length == 0 ? [] : [.. text.Split(',').Select(ParseType)];

    public static SqlType ParseType(string text)
    {
        string name = text.Trim();
        if (name.EndsWith("[]", StringComparison.Ordinal)) return SqlType.ArrayOf(ParseType(name[..^2]));
        if (name == "anyarray") return SqlType.ArrayOf(SqlType.Of(TypeId.AnyElement));
        if (name == "char") return SqlType.Char1;
        return TypeNames.Find(name) ?? throw new InvalidOperationException($"no type {name}");
    }

    private static SqlType TypeOf(Type type, MethodInfo method)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool)) return SqlType.Bool;
        if (type == typeof(short)) return SqlType.Int2;
        if (type == typeof(int)) return SqlType.Int4;
        if (type == typeof(long)) return SqlType.Int8;
        if (type == typeof(float)) return SqlType.Float4;
        if (type == typeof(double)) return SqlType.Float8;
        if (type == typeof(Interval)) return SqlType.Interval;
        if (type == typeof(Uuid)) return SqlType.Uuid;
        if (type == typeof(SqlNumeric)) return SqlType.Numeric;
        if (type == typeof(TimeTz)) return SqlType.TimeTz;
        if (type == typeof(ByteSlice) || type == typeof(string)) return SqlType.Text;
        if (type == typeof(byte[])) return SqlType.Bytea;
        if (type == typeof(void)) return SqlType.Void;
        throw new InvalidOperationException($"{method.DeclaringType}.{method.Name}: name the SQL type for {type}");
    }
}

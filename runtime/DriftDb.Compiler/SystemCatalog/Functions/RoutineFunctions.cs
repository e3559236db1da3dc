using DriftDb.Plan;
using DriftDb.Runtime;

namespace DriftDb.Compiler;

/// <summary>Signatures of functions as text, for \df and drivers.</summary>
internal static class RoutineFunctions
{
    [SqlFunction("pg_get_function_arguments", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_get_function_identity_arguments", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Arguments(QueryContext context, int oid)
    {
        if (Find(context, oid) is not { } function)
        {
            string[]? row = TypeFunction(oid);
            return row is null ? null : string.Join(", ", row[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(type => DefinitionFunctions.FormatType(context, SystemData.Number(type), null)));
        }

        var arguments = function.ParameterTypes.Select((type, i) => (function.IsVariadic && i == function.ParameterTypes.Length - 1 ? "VARIADIC " : "") + type);
        return string.Join(", ", arguments);
    }

    [SqlFunction("pg_get_function_result", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Result(QueryContext context, int oid)
    {
        if (Find(context, oid) is not { } function) return TypeFunction(oid) is { } row ? DefinitionFunctions.FormatType(context, SystemData.Number(row[3]), null) : null;
        if (function.Kind != FunctionKind.Table) return function.ReturnType.ToString();
        return function.ReturnColumns.IsDefaultOrEmpty ? "SETOF " + function.ReturnType : $"TABLE({string.Join(", ", function.ReturnColumns.Select(column => $"{column.Name} {column.Type}"))})";
    }

    /// <summary>Functions are methods of this program: their declaration is all that there is to show.</summary>
    [SqlFunction("pg_get_functiondef", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Definition(QueryContext context, int oid)
    {
        if (Find(context, oid) is not { } function) return null;
        string volatility = function.Volatility.ToString().ToUpperInvariant();
        return $"CREATE OR REPLACE FUNCTION pg_catalog.{function.Name}({Arguments(context, oid)})\n RETURNS {Result(context, oid)}\n LANGUAGE internal\n {volatility}{(function.IsStrict ? " STRICT" : "")}\nAS $function${function.Name}$function$\n";
    }

    private static FunctionSignature? Find(QueryContext context, int oid) => context.SessionOf().Catalog.Functions.All.FirstOrDefault(function => function.Oid == oid);

    private static string[]? TypeFunction(int oid) => SystemData.Table("type_functions.tsv").FirstOrDefault(row => SystemData.Number(row[0]) == oid);
}

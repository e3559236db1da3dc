using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Signatures of functions as text, for \df and drivers.</summary>
internal static class RoutineFunctions
{
    [SqlFunction("pg_get_function_arguments", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Arguments(QueryContext context, int oid) => Stored(context, oid) is { } routine ? Arguments(context, routine, withDefaults: true) : SystemArguments(context, oid);

    [SqlFunction("pg_get_function_identity_arguments", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? IdentityArguments(QueryContext context, int oid) => Stored(context, oid) is { } routine ? Arguments(context, routine, withDefaults: false) : SystemArguments(context, oid);

    private static string? SystemArguments(QueryContext context, int oid)
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
        if (Stored(context, oid) is { } routine) return Result(context, routine);
        if (Find(context, oid) is not { } function) return TypeFunction(oid) is { } row ? DefinitionFunctions.FormatType(context, SystemData.Number(row[3]), null) : null;
        if (function.Kind != FunctionKind.Table) return function.ReturnType.ToString();
        return function.ReturnColumns.IsDefaultOrEmpty ? "SETOF " + function.ReturnType : $"TABLE({string.Join(", ", function.ReturnColumns.Select(column => $"{column.Name} {column.Type}"))})";
    }

    /// <summary>The body in the standard's form; null for one that is a string.</summary>
    [SqlFunction("pg_get_function_sqlbody", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? StandardBody(QueryContext context, int oid) => Stored(context, oid) is { IsStandard: true } routine ? routine.Source : null;

    /// <summary>The system's functions are methods of this program: their declaration is all that there is to show.</summary>
    [SqlFunction("pg_get_functiondef", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Definition(QueryContext context, int oid)
    {
        if (Stored(context, oid) is { } routine) return Definition(context, routine);
        if (Find(context, oid) is not { } function) return null;
        string volatility = function.Volatility.ToString().ToUpperInvariant();
        return $"CREATE OR REPLACE FUNCTION pg_catalog.{function.Name}({Arguments(context, oid)})\n RETURNS {Result(context, oid)}\n LANGUAGE internal\n {volatility}{(function.IsStrict ? " STRICT" : "")}\nAS $function${function.Name}$function$\n";
    }

    private static string Definition(QueryContext context, RoutineObject routine)
    {
        string kind = routine.IsProcedure ? "PROCEDURE" : "FUNCTION";
        string options = (routine.Volatility switch { 'i' => " IMMUTABLE", 's' => " STABLE", _ => "" }) + (routine.IsStrict ? " STRICT" : "") + (routine.IsSecurityDefiner ? " SECURITY DEFINER" : "");
        string settings = string.Concat(routine.Settings.Select(setting => $" SET {ShownSetting(setting)}\n"));
        string body = routine.IsStandard ? routine.Source : $"AS ${kind.ToLowerInvariant()}${routine.Source}${kind.ToLowerInvariant()}$";
        string result = routine.IsProcedure ? "" : $" RETURNS {Result(context, routine)}\n";
        return $"CREATE OR REPLACE {kind} {ObjectNames.Qualify(routine.Schema, routine.Name)}({Arguments(context, routine, withDefaults: true)})\n{result} LANGUAGE {routine.Language}\n{(options.Length > 0 ? options + "\n" : "")}{settings}{body}\n";
    }

    /// <summary><c>search_path TO 'a', 'b'</c>: a list of names is shown name by name.</summary>
    private static string ShownSetting(string setting)
    {
        int end = setting.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = (setting[..end], setting[(end + 1)..]);
        string[] values = name == "search_path" ? [.. value.Split(',', StringSplitOptions.TrimEntries).Select(ObjectNames.Unquote)] : [value];
        return $"{string.Join('.', name.Split('.').Select(ObjectNames.QuoteIfNeeded))} TO {string.Join(", ", values.Select(text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"))}";
    }

    private static string Arguments(QueryContext context, RoutineObject routine, bool withDefaults) =>
        string.Join(", ", routine.Parameters.Where(parameter => parameter.Mode != 't').Select(parameter =>
        {
            string mode = parameter.Mode switch { 'o' => "OUT ", 'b' => "INOUT ", 'v' => "VARIADIC ", _ => routine.IsProcedure ? "IN " : "" };
            string name = parameter.Name.Length > 0 ? ObjectNames.QuoteIfNeeded(parameter.Name) + " " : "";
            string value = withDefaults && parameter.DefaultText is { } text ? " DEFAULT " + ObjectNames.Of(context).Texts.ShownExpression(text, []) : "";
            return $"{mode}{name}{DefinitionFunctions.FormatType(context, parameter.Type.TypeOid, parameter.Type.Typmod)}{value}";
        }));

    private static string? Result(QueryContext context, RoutineObject routine)
    {
        if (routine.IsProcedure) return null;
        var columns = routine.Parameters.Where(parameter => parameter.Mode == 't').ToList();
        if (columns.Count > 0) return $"TABLE({string.Join(", ", columns.Select(column => $"{ObjectNames.QuoteIfNeeded(column.Name)} {DefinitionFunctions.FormatType(context, column.Type.TypeOid, column.Type.Typmod)}"))})";
        string type = routine.ToRoutine().ReturnType is { Id: not TypeId.Record } one ? DefinitionFunctions.FormatType(context, TypeNames.Oid(one), -1)! : DefinitionFunctions.FormatType(context, routine.ReturnType.TypeOid, -1)!;
        return routine.ReturnsSet ? "SETOF " + type : type;
    }

    private static RoutineObject? Stored(QueryContext context, int oid) => oid < WellKnownOids.FirstUser ? null : context.CatalogOf().AllRoutines.FirstOrDefault(routine => routine.Oid == oid);

    private static FunctionSignature? Find(QueryContext context, int oid) => context.SessionOf().Catalog.Functions.All.FirstOrDefault(function => function.Oid == oid);

    private static string[]? TypeFunction(int oid) => SystemData.Table("type_functions.tsv").FirstOrDefault(row => SystemData.Number(row[0]) == oid);
}

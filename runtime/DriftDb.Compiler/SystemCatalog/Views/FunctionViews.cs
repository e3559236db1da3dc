using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>pg_proc, pg_aggregate, pg_language: the function catalog, users' routines, and the in- and output functions that pg_type names.</summary>
internal static class FunctionViews
{
    private const int InternalLanguage = 12, SqlLanguage = 14, PlpgsqlLanguage = 13_600;

    public static IEnumerable<(string, Action<CatalogRows>)> All =>
        [("pg_catalog.pg_proc", Functions), ("pg_catalog.pg_aggregate", Aggregates), ("pg_catalog.pg_language", Languages)];

    private static void Functions(CatalogRows rows)
    {
        rows.AddFixed(TypeFunctions);
        // The functions behind operators are shown too, as PostgreSQL does. They don't change while the instance is open, but an embedding program may have added some.
        foreach (var function in rows.Database.Functions.All) Add(rows, function);
        foreach (var routine in rows.Catalog.AllRoutines) Add(rows, routine);
    }

    private static void TypeFunctions(CatalogRows rows)
    {
        foreach (string[] row in SystemData.Table("type_functions.tsv"))
        {
            int[] arguments = [.. row[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SystemData.Number)];
            Add(rows, SystemData.Number(row[0]), row[1], 'f', row[5] == "t", false, row[4][0], 0, 0, SystemData.Number(row[3]), arguments, null, null, null);
        }
    }

    private static void Add(CatalogRows rows, FunctionSignature function)
    {
        int[] arguments = [.. function.ParameterTypes.Select(TypeNames.Oid)];
        int variadic = function.IsVariadic ? arguments[^1] : 0;
        char kind = function.Kind switch { FunctionKind.Aggregate => 'a', FunctionKind.Window => 'w', _ => 'f' };
        char volatility = function.Volatility switch { Volatility.Immutable => 'i', Volatility.Stable => 's', _ => 'v' };
        int[]? all = null;
        char[]? modes = null;
        string[]? names = null;
        if (!function.ReturnColumns.IsDefaultOrEmpty)
        {
            all = [.. arguments, .. function.ReturnColumns.Select(column => TypeNames.Oid(column.Type))];
            modes = [.. arguments.Select(_ => 'i'), .. function.ReturnColumns.Select(_ => 't')];
            names = [.. arguments.Select(_ => ""), .. function.ReturnColumns.Select(column => column.Name)];
        }

        int defaults = function.DefaultValues.IsDefaultOrEmpty ? 0 : function.DefaultValues.Length;
        Add(rows, function.Oid, function.Name, kind, function.IsStrict, function.Kind == FunctionKind.Table, volatility, variadic, defaults, TypeNames.Oid(function.ReturnType), arguments, all, modes, names);
    }

    private static void Add(
        CatalogRows rows, int oid, string name, char kind, bool isStrict, bool returnsSet, char volatility, int variadic, int defaults, int result, int[] arguments, int[]? all, char[]? modes, string[]? names) =>
        rows.Add(
            oid, name, WellKnownOids.CatalogSchema, WellKnownOids.Superuser, InternalLanguage, 1f, returnsSet ? 1000f : 0f, variadic, 0, kind, false, false, isStrict, returnsSet, volatility, 's',
            (short)arguments.Length, (short)defaults, result, arguments, all, modes, names, null, null, name, null, null, null, null);

    /// <summary>A function or procedure of users.</summary>
    private static void Add(CatalogRows rows, RoutineObject routine)
    {
        var parameters = routine.Parameters;
        int[] arguments = [.. routine.InputTypes.Select(type => type.TypeOid)];
        bool isPlain = parameters.All(parameter => parameter.Mode == 'i');
        int variadic = parameters.LastOrDefault(parameter => parameter.Mode == 'v') is { } last ? TypeNames.Oid(last.Type.ToSqlType().Element!) : 0;
        int result = routine.IsProcedure && isPlain ? (int)TypeId.Void : rows.Session.Catalog.Snapshot.Planned(routine).ReturnType is var type && routine.ReturnType.Oid == (int)TypeId.Record ? TypeNames.Oid(type) : routine.ReturnType.TypeOid;
        string defaults = string.Join(", ", parameters.Where(parameter => parameter.DefaultText is not null).Select(parameter => parameter.DefaultText));
        rows.Add(
            routine.Oid, routine.Name, RelationViews.SchemaOid(rows, routine.Schema), routine.OwnerOid, routine.IsProcedural ? PlpgsqlLanguage : SqlLanguage, 100f, routine.ReturnsSet ? 1000f : 0f, variadic, 0, routine.IsProcedure ? 'p' : 'f', routine.IsSecurityDefiner, false,
            routine.IsStrict, routine.ReturnsSet, routine.Volatility, 'u', (short)arguments.Length, (short)parameters.Count(parameter => parameter.DefaultText is not null), result, arguments,
            isPlain ? null : parameters.Select(parameter => parameter.Type.TypeOid).ToArray(), isPlain ? null : parameters.Select(parameter => parameter.Mode).ToArray(),
            parameters.All(parameter => parameter.Name.Length == 0) ? null : parameters.Select(parameter => parameter.Name).ToArray(), defaults.Length > 0 ? defaults : null, null,
            routine.IsStandard ? "" : routine.Source, null, routine.IsStandard ? routine.Source : null, routine.Settings.Length > 0 ? routine.Settings : null, rows.Session.Access.Shown(routine.Acl));
    }

    private static void Aggregates(CatalogRows rows)
    {
        foreach (var function in rows.Database.Functions.All.Where(function => function.Kind == FunctionKind.Aggregate))
            rows.Add(function.Oid, 'n', (short)0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, 'r', 'r', 0, TypeNames.Oid(function.ReturnType), 0, 0, 0, null, null);
    }

    private static void Languages(CatalogRows rows)
    {
        rows.Add(InternalLanguage, "internal", WellKnownOids.Superuser, false, false, 0, 0, 2246, null);
        rows.Add(SqlLanguage, "sql", WellKnownOids.Superuser, false, true, 0, 0, 2248, null);
        rows.Add(PlpgsqlLanguage, "plpgsql", WellKnownOids.Superuser, true, true, 0, 0, 0, null);
    }
}

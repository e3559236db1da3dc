using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>information_schema.routines and parameters: the system's functions and users' routines.</summary>
internal static class SchemaRoutines
{
    /// <summary>The standard gives information_schema.routines this many columns; the numbers below are places among them.</summary>
    private const int ColumnCount = 82;

    public static IEnumerable<(string, Action<CatalogRows>)> All => [("information_schema.routines", Routines), ("information_schema.parameters", Parameters)];

    private static IEnumerable<FunctionSignature> Functions(CatalogRows rows) => rows.Database.Functions.All.Where(function => function.Operator is null && function.Kind != FunctionKind.Aggregate);

    private static string SpecificName(FunctionSignature function) => $"{function.Name}_{SchemaTables.Text(function.Oid)}";

    private static void Routines(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var function in Functions(rows))
        {
            var values = new object?[ColumnCount];
            values[0] = values[3] = database;
            values[1] = values[4] = "pg_catalog";
            (values[2], values[5], values[6]) = (SpecificName(function), function.Name, "FUNCTION");
            (values[13], values[28], values[29], values[30]) = (SchemaColumns.DataType(function.ReturnType), database, "pg_catalog", TypeNames.TypName(function.ReturnType));
            (values[35], values[36], values[39], values[40]) = ("0", "EXTERNAL", "INTERNAL", "GENERAL");
            (values[41], values[42], values[43]) = (SchemaTables.YesNo(function.Volatility == Volatility.Immutable), "MODIFIES", SchemaTables.YesNo(function.IsStrict));
            (values[45], values[46], values[49], values[57]) = ("YES", 0, "INVOKER", "NO");
            rows.Add(values);
        }

        foreach (var routine in rows.Catalog.AllRoutines)
        {
            var values = new object?[ColumnCount];
            var result = routine.ToRoutine().ReturnType;
            values[0] = values[3] = database;
            values[1] = values[4] = routine.Schema;
            (values[2], values[5], values[6]) = (SpecificName(routine), routine.Name, routine.IsProcedure ? "PROCEDURE" : "FUNCTION");
            if (!routine.IsProcedure) (values[13], values[28], values[29], values[30]) = (SchemaColumns.DataType(result), database, SchemaColumns.SchemaOf(rows, result), TypeNames.TypName(result));
            (values[35], values[36], values[37], values[39], values[40]) = ("0", "SQL", routine.Source, "SQL", "GENERAL");
            (values[41], values[42], values[43]) = (SchemaTables.YesNo(routine.Volatility == 'i'), "MODIFIES", routine.IsProcedure ? null : SchemaTables.YesNo(routine.IsStrict));
            (values[45], values[46], values[49], values[57]) = ("YES", 0, routine.IsSecurityDefiner ? "DEFINER" : "INVOKER", "NO");
            rows.Add(values);
        }
    }

    private static string SpecificName(RoutineObject routine) => $"{routine.Name}_{SchemaTables.Text(routine.Oid)}";

    private static void Parameters(CatalogRows rows)
    {
        string database = rows.Database.Name;
        foreach (var function in Functions(rows))
        {
            for (int i = 0; i < function.ParameterTypes.Length; i++)
            {
                var type = function.ParameterTypes[i];
                rows.Add(
                    database, "pg_catalog", SpecificName(function), i + 1, "IN", "NO", "NO", null, SchemaColumns.DataType(type), null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    database, "pg_catalog", TypeNames.TypName(type), null, null, null, null, SchemaTables.Text(i + 1), null);
            }
        }

        foreach (var routine in rows.Catalog.AllRoutines)
        {
            for (int i = 0; i < routine.Parameters.Length; i++)
            {
                var parameter = routine.Parameters[i];
                var type = parameter.Type.ToSqlType();
                rows.Add(
                    database, routine.Schema, SpecificName(routine), i + 1, parameter.Mode switch { 'i' => "IN", 'b' => "INOUT", _ => "OUT" }, "NO", "NO", parameter.Name.Length > 0 ? parameter.Name : null, SchemaColumns.DataType(type),
                    null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    database, SchemaColumns.SchemaOf(rows, type), TypeNames.TypName(type), null, null, null, null, SchemaTables.Text(i + 1), parameter.DefaultText);
            }
        }
    }
}

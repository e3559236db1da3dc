using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>to_regclass and its kin: an object by its name, NULL when there is none.</summary>
internal static class NameFunctions
{
    [SqlFunction("to_regclass", Returns = "regclass", Volatility = Volatility.Stable)] public static int? Class(QueryContext context, string name) => Find(context, TypeId.RegClass, name);
    [SqlFunction("to_regtype", Returns = "regtype", Volatility = Volatility.Stable)] public static int? Type(QueryContext context, string name) => Find(context, TypeId.RegType, name);
    [SqlFunction("to_regproc", Returns = "regproc", Volatility = Volatility.Stable)] public static int? Function(QueryContext context, string name) => Find(context, TypeId.RegProc, name);
    [SqlFunction("to_regprocedure", Returns = "regprocedure", Volatility = Volatility.Stable)] public static int? Procedure(QueryContext context, string name) => Find(context, TypeId.RegProcedure, name);
    [SqlFunction("to_regnamespace", Returns = "regnamespace", Volatility = Volatility.Stable)] public static int? Schema(QueryContext context, string name) => Find(context, TypeId.RegNamespace, name);
    [SqlFunction("to_regrole", Returns = "regrole", Volatility = Volatility.Stable)] public static int? Role(QueryContext context, string name) => Find(context, TypeId.RegRole, name);
    [SqlFunction("to_regcollation", Returns = "regcollation", Volatility = Volatility.Stable)] public static int? Collation(QueryContext context, string name) => Find(context, TypeId.RegCollation, name);
    [SqlFunction("to_regoper", Returns = "regoper", Volatility = Volatility.Stable)] public static int? Operator(QueryContext context, string name) => Find(context, TypeId.RegOper, name);

    private static int? Find(QueryContext context, TypeId kind, string name)
    {
        try
        {
            return ObjectNames.Of(context).OidOf(kind, name);
        }
        catch (SqlException error) when (error.SqlState is SqlState.UndefinedTable or SqlState.UndefinedObject or SqlState.UndefinedFunction or SqlState.InvalidSchemaName)
        {
            return null;
        }
    }
}

using System.Text;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// has_…_privilege and pg_has_role. The one role may do everything, so the answer is true for whatever exists; a name that doesn't is the error that it
/// is in PostgreSQL, an oid that doesn't is NULL.
/// </summary>
internal static class PrivilegeFunctions
{
    [SqlFunction("has_table_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_any_column_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_any_column_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_sequence_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_sequence_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnRelation(QueryContext context, Datum relation, Datum right) => Exists(context, TypeId.RegClass, relation);

    [SqlFunction("has_table_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_table_privilege", Parameters = "oid, text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_any_column_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_any_column_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_sequence_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_sequence_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnRelation(QueryContext context, Datum role, Datum relation, Datum right) => Role(context, role) ? OnRelation(context, relation, right) : null;

    [SqlFunction("has_column_privilege", Parameters = "text, text, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "oid, text, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_column_privilege", Parameters = "text, smallint, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "oid, smallint, text", Volatility = Volatility.Stable)]
    public static bool? OnColumn(QueryContext context, Datum relation, Datum column, Datum right) => Exists(context, TypeId.RegClass, relation);

    [SqlFunction("has_column_privilege", Parameters = "name, text, text, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "name, oid, text, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_column_privilege", Parameters = "name, oid, smallint, text", Volatility = Volatility.Stable)]
    public static bool? OnColumn(QueryContext context, Datum role, Datum relation, Datum column, Datum right) => Role(context, role) ? OnColumn(context, relation, column, right) : null;

    [SqlFunction("has_schema_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_schema_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnSchema(QueryContext context, Datum schema, Datum right) => Exists(context, TypeId.RegNamespace, schema);

    [SqlFunction("has_schema_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_schema_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_schema_privilege", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnSchema(QueryContext context, Datum role, Datum schema, Datum right) => Role(context, role) ? OnSchema(context, schema, right) : null;

    [SqlFunction("has_database_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_database_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnDatabase(QueryContext context, Datum database, Datum right)
    {
        var instance = context.SessionOf().Instance;
        if (database.Type!.Kind == PhysicalKind.Int32) return instance.Databases.Any(candidate => candidate.Oid == database.As<int>()) ? true : null;
        string name = Text(database);
        return instance.FindDatabase(name) is not null ? true : throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");
    }

    [SqlFunction("has_database_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_database_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnDatabase(QueryContext context, Datum role, Datum database, Datum right) => Role(context, role) ? OnDatabase(context, database, right) : null;

    [SqlFunction("has_function_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_function_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnFunction(QueryContext context, Datum function, Datum right) => Exists(context, TypeId.RegProcedure, function);

    [SqlFunction("has_function_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_function_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnFunction(QueryContext context, Datum role, Datum function, Datum right) => Role(context, role) ? OnFunction(context, function, right) : null;

    [SqlFunction("has_type_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_type_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnType(QueryContext context, Datum type, Datum right) => Exists(context, TypeId.RegType, type);

    [SqlFunction("has_type_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_type_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnType(QueryContext context, Datum role, Datum type, Datum right) => Role(context, role) ? OnType(context, type, right) : null;

    [SqlFunction("has_language_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_language_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_tablespace_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_tablespace_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_parameter_privilege", Parameters = "text, text", Volatility = Volatility.Stable)]
    public static bool OnOther(Datum target, Datum right) => true;

    [SqlFunction("has_language_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_language_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_tablespace_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_tablespace_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool OnOther(QueryContext context, Datum role, Datum target, Datum right) => Role(context, role);

    [SqlFunction("pg_has_role", Parameters = "name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool HasRole(QueryContext context, Datum role, Datum right) => Role(context, role);

    [SqlFunction("pg_has_role", Parameters = "name, name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_has_role", Parameters = "oid, name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    public static bool HasRole(QueryContext context, Datum member, Datum role, Datum right) => Role(context, member) && Role(context, role);

    /// <summary>True for a role that exists; a name that doesn't is an error, public has what everyone has.</summary>
    private static bool Role(QueryContext context, Datum role)
    {
        var session = context.SessionOf();
        if (role.Type!.Kind == PhysicalKind.Int32) return Roles.NameOf(session, role.As<int>()) is not null;
        string name = Text(role);
        if (name == "public" || Roles.OidOf(session, name) != 0) return true;
        throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist");
    }

    private static bool? Exists(QueryContext context, TypeId kind, Datum target)
    {
        var names = ObjectNames.Of(context);
        if (target.Type!.Kind == PhysicalKind.Int32) return target.As<int>() != 0 && names.NameOf(kind, target.As<int>()) is not null ? true : null;
        return names.OidOf(kind, Text(target)) != 0;
    }

    private static string Text(Datum value) => Encoding.UTF8.GetString(value.Bytes.Span);
}

using System.Text;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>has_…_privilege and pg_has_role. A name that doesn't exist is the error that it is in PostgreSQL, an oid that doesn't is NULL.</summary>
internal static class PrivilegeFunctions
{
    private const string WithGrantOption = " with grant option";

    [SqlFunction("has_table_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_sequence_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_sequence_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnRelation(QueryContext context, Datum relation, Datum right) => OnRelation(context, Access(context).CurrentRole, relation, right, anyColumn: false);

    [SqlFunction("has_table_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_table_privilege", Parameters = "oid, text, text", Volatility = Volatility.Stable), SqlFunction("has_table_privilege", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_sequence_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_sequence_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnRelation(QueryContext context, Datum role, Datum relation, Datum right) => Role(context, role) is { } found ? OnRelation(context, found, relation, right, anyColumn: false) : null;

    [SqlFunction("has_any_column_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_any_column_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnAnyColumn(QueryContext context, Datum relation, Datum right) => OnRelation(context, Access(context).CurrentRole, relation, right, anyColumn: true);

    [SqlFunction("has_any_column_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_any_column_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnAnyColumn(QueryContext context, Datum role, Datum relation, Datum right) => Role(context, role) is { } found ? OnRelation(context, found, relation, right, anyColumn: true) : null;

    [SqlFunction("has_column_privilege", Parameters = "text, text, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "oid, text, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_column_privilege", Parameters = "text, smallint, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "oid, smallint, text", Volatility = Volatility.Stable)]
    public static bool? OnColumn(QueryContext context, Datum relation, Datum column, Datum right) => OnColumn(context, Access(context).CurrentRole, relation, column, right);

    [SqlFunction("has_column_privilege", Parameters = "name, text, text, text", Volatility = Volatility.Stable), SqlFunction("has_column_privilege", Parameters = "name, oid, text, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_column_privilege", Parameters = "name, oid, smallint, text", Volatility = Volatility.Stable)]
    public static bool? OnColumn(QueryContext context, Datum role, Datum relation, Datum column, Datum right) => Role(context, role) is { } found ? OnColumn(context, found, relation, column, right) : null;

    [SqlFunction("has_schema_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_schema_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnSchema(QueryContext context, Datum schema, Datum right) => OnSchema(context, Access(context).CurrentRole, schema, right);

    [SqlFunction("has_schema_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_schema_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_schema_privilege", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnSchema(QueryContext context, Datum role, Datum schema, Datum right) => Role(context, role) is { } found ? OnSchema(context, found, schema, right) : null;

    [SqlFunction("has_database_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_database_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnDatabase(QueryContext context, Datum database, Datum right) => OnDatabase(context, Access(context).CurrentRole, database, right);

    [SqlFunction("has_database_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_database_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnDatabase(QueryContext context, Datum role, Datum database, Datum right) => Role(context, role) is { } found ? OnDatabase(context, found, database, right) : null;

    [SqlFunction("has_function_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_function_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnFunction(QueryContext context, Datum function, Datum right) => Exists(context, TypeId.RegProcedure, function);

    [SqlFunction("has_function_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_function_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnFunction(QueryContext context, Datum role, Datum function, Datum right) => Role(context, role) is not null ? OnFunction(context, function, right) : null;

    [SqlFunction("has_type_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_type_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? OnType(QueryContext context, Datum type, Datum right) => Exists(context, TypeId.RegType, type);

    [SqlFunction("has_type_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_type_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool? OnType(QueryContext context, Datum role, Datum type, Datum right) => Role(context, role) is not null ? OnType(context, type, right) : null;

    [SqlFunction("has_language_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_language_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_tablespace_privilege", Parameters = "text, text", Volatility = Volatility.Stable), SqlFunction("has_tablespace_privilege", Parameters = "oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_parameter_privilege", Parameters = "text, text", Volatility = Volatility.Stable)]
    public static bool OnOther(Datum target, Datum right) => true;

    [SqlFunction("has_language_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_language_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("has_tablespace_privilege", Parameters = "name, text, text", Volatility = Volatility.Stable), SqlFunction("has_tablespace_privilege", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    public static bool OnOther(QueryContext context, Datum role, Datum target, Datum right) => Role(context, role) is not null;

    [SqlFunction("pg_has_role", Parameters = "name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "oid, text", Volatility = Volatility.Stable)]
    public static bool? HasRole(QueryContext context, Datum role, Datum right) => Role(context, role) is { } found ? IsMember(context, Access(context).CurrentRole, found, right) : null;

    [SqlFunction("pg_has_role", Parameters = "name, name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "name, oid, text", Volatility = Volatility.Stable)]
    [SqlFunction("pg_has_role", Parameters = "oid, name, text", Volatility = Volatility.Stable), SqlFunction("pg_has_role", Parameters = "oid, oid, text", Volatility = Volatility.Stable)]
    public static bool? HasRole(QueryContext context, Datum member, Datum role, Datum right) => Role(context, member) is { } who && Role(context, role) is { } found ? IsMember(context, who, found, right) : null;

    private static bool IsMember(QueryContext context, RoleObject member, RoleObject role, Datum right) =>
        member.IsSuperuser || Access(context).Roles.RolesOf(member.Oid, byInheritance: Text(right).StartsWith("usage", StringComparison.OrdinalIgnoreCase)).Contains(role.Oid);

    private static bool? OnRelation(QueryContext context, RoleObject role, Datum target, Datum right, bool anyColumn)
    {
        var access = Access(context);
        int oid = OidOf(context, TypeId.RegClass, target);
        if (context.SessionOf().Catalog.Snapshot.Find(oid) is not { } relation) return Exists(context, TypeId.RegClass, target) is null ? null : role.IsSuperuser || AsksOnly(right, Rights.Select);
        return Any(right, (asked, grantable) => grantable
            ? access.MayGrant(role, relation.Owner, relation.Acl, AccessControl.KindOf(relation), asked)
            : anyColumn ? access.HasOnAny(role, relation, asked) : access.Has(role, AccessControl.KindOf(relation), relation.Owner, relation.Acl, asked));
    }

    private static bool? OnColumn(QueryContext context, RoleObject role, Datum target, Datum column, Datum right)
    {
        var access = Access(context);
        int oid = OidOf(context, TypeId.RegClass, target);
        if (context.SessionOf().Catalog.Snapshot.Find(oid) is not { } relation) return Exists(context, TypeId.RegClass, target) is null ? null : role.IsSuperuser || AsksOnly(right, Rights.Select);
        var found = column.Type!.Id == TypeId.Int2
            ? relation.Columns.FirstOrDefault(candidate => candidate.AttributeNumber == column.As<short>())
            : relation.Columns.FirstOrDefault(candidate => candidate.Name == Text(column)) ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{Text(column)}\" of relation \"{relation.Name}\" does not exist");
        return found is null ? null : Any(right, (asked, _) => access.HasOnColumns(role, relation, asked, [found.Ordinal]));
    }

    private static bool? OnSchema(QueryContext context, RoleObject role, Datum target, Datum right)
    {
        var access = Access(context);
        int oid = OidOf(context, TypeId.RegNamespace, target);
        var schema = context.SessionOf().Catalog.Snapshot.Schemas.Values.FirstOrDefault(candidate => candidate.Oid == oid);
        if (schema is null) return Exists(context, TypeId.RegNamespace, target) is null ? null : role.IsSuperuser || AsksOnly(right, Rights.Usage);
        return Any(right, (asked, grantable) => grantable ? access.MayGrant(role, schema.OwnerOid, schema.EffectiveAcl, SecuredKind.Schema, asked) : access.Has(role, SecuredKind.Schema, schema.OwnerOid, schema.EffectiveAcl, asked));
    }

    private static bool? OnDatabase(QueryContext context, RoleObject role, Datum target, Datum right)
    {
        var instance = context.SessionOf().Instance;
        bool isOid = target.Type!.Kind == PhysicalKind.Int32;
        var database = isOid ? instance.Databases.FirstOrDefault(candidate => candidate.Oid == target.As<int>()) : instance.FindDatabase(Text(target));
        if (database is null) return isOid ? null : throw new SqlException(SqlState.InvalidCatalogName, $"database \"{Text(target)}\" does not exist");
        var rights = database.Catalog.DatabaseRights;
        return Any(right, (asked, grantable) => grantable
            ? Access(context).MayGrant(role, rights.OwnerOid, rights.Acl, SecuredKind.Database, asked)
            : Access(context).Has(role, SecuredKind.Database, rights.OwnerOid, rights.Acl, asked));
    }

    /// <summary>True when any of the rights in a list such as <c>SELECT, UPDATE WITH GRANT OPTION</c> is there.</summary>
    private static bool Any(Datum list, Func<Rights, bool, bool> has) => Parse(list).Any(asked => has(asked.Right, asked.Grantable));

    private static bool AsksOnly(Datum list, Rights right) => Parse(list).All(asked => asked.Right == right && !asked.Grantable);

    private static List<(Rights Right, bool Grantable)> Parse(Datum list) => [.. Text(list).Split(',').Select(part =>
    {
        string word = part.Trim();
        bool grantable = word.EndsWith(WithGrantOption, StringComparison.OrdinalIgnoreCase);
        var right = RightNames.Find(grantable ? word[..^WithGrantOption.Length] : word);
        return right != Rights.None ? (right, grantable) : throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{word}\"");
    })];

    /// <summary>The role; a name that isn't there is an error, an oid that isn't is null. PUBLIC is a role that nobody is a member of.</summary>
    private static RoleObject? Role(QueryContext context, Datum role)
    {
        var access = Access(context);
        if (role.Type!.Kind == PhysicalKind.Int32) return access.TryFind(role.As<int>());
        string name = Text(role);
        return name == "public" ? new RoleObject { Oid = Acl.Public, Name = name } : access.Required(name);
    }

    private static bool? Exists(QueryContext context, TypeId kind, Datum target)
    {
        var names = ObjectNames.Of(context);
        if (target.Type!.Kind == PhysicalKind.Int32) return target.As<int>() != 0 && names.NameOf(kind, target.As<int>()) is not null ? true : null;
        return names.OidOf(kind, Text(target)) != 0;
    }

    private static int OidOf(QueryContext context, TypeId kind, Datum target) => target.Type!.Kind == PhysicalKind.Int32 ? target.As<int>() : ObjectNames.Of(context).OidOf(kind, Text(target));

    private static AccessControl Access(QueryContext context) => context.SessionOf().Access;

    private static string Text(Datum value) => Encoding.UTF8.GetString(value.Bytes.Span);
}

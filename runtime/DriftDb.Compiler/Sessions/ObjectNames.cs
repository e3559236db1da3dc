using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;
using SqlWords = DriftDb.Grammar.SqlWords;
using WordClass = DriftDb.Grammar.WordClass;

namespace DriftDb.Compiler;

/// <summary>Names behind regclass, regtype and their kin, as a session's search path resolves them.</summary>
internal sealed class ObjectNames(Session session) : IObjectNames
{
    /// <summary>Kept texts as the session would write them.</summary>
    public ResolvedTexts Texts => new(session);

    public string? NameOf(TypeId regType, int oid)
    {
        switch (regType)
        {
            case TypeId.RegClass: return ClassName(oid);
            case TypeId.RegType: return oid == 0 ? "-" : TypeNames.FromOid(oid)?.ToString() ?? UserTypeName(oid);
            case TypeId.RegNamespace: return SchemaName(oid);
            case TypeId.RegRole: return oid == 0 ? "-" : session.Access.TryFind(oid)?.Name is { } role ? QuoteIfNeeded(role) : null;
            case TypeId.RegProc: return oid == 0 ? "-" : RoutineName(oid, withArguments: false);
            case TypeId.RegProcedure:
                return oid == 0 ? "-" : session.Catalog.Functions.All.FirstOrDefault(function => function.Oid == oid) is { } signature ? $"{QuoteIfNeeded(signature.Name)}({string.Join(",", signature.ParameterTypes)})" : RoutineName(oid, withArguments: true);
            case TypeId.RegCollation: return oid switch { 100 => "\"default\"", 950 => "\"C\"", 951 => "\"POSIX\"", 12340 => "ucs_basic", _ => null };
            default: return null;
        }
    }

    public int OidOf(TypeId regType, string name)
    {
        if (name == "-") return 0;
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int oid)) return oid;
        switch (regType)
        {
            case TypeId.RegClass: return ClassOid(name);
            case TypeId.RegType: return TypeNames.Oid(Binder.TypeResolution.resolve(session.Catalog, SqlParser.ParseTypeName(name)));
            case TypeId.RegNamespace:
                return SchemaOid(Unquote(name)) ?? throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist");
            case TypeId.RegRole:
                return (session.Access.TryFind(Unquote(name))?.Oid ?? 0) is var role and not 0 ? role : throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist");
            case TypeId.RegProc or TypeId.RegProcedure:
                if (RoutineOid(regType, name) is { } routine) return routine;
                string plain = Unquote(name.Split('(')[0].Split('.')[^1]);
                var named = session.Catalog.Functions.FindFunctions(plain);
                if (regType == TypeId.RegProc && named.Select(function => function.Oid).Distinct().Count() > 1) throw new SqlException(SqlState.AmbiguousFunction, $"more than one function named \"{plain}\"");
                if (regType == TypeId.RegProcedure && named.FirstOrDefault(function => HasParameters(function, name)) is { } exact) return exact.Oid;
                if (named is [var only, ..]) return only.Oid;
                return SystemData.TypeFunctions.FirstOrDefault(entry => entry.Value == plain).Key is var oidOfType and not 0 ? oidOfType : throw new SqlException(SqlState.UndefinedFunction, $"function \"{name}\" does not exist");
            case TypeId.RegCollation:
                return Unquote(name.Split('.')[^1]) switch { "default" => 100, "C" => 950, "POSIX" => 951, "ucs_basic" => 12340, _ => throw new SqlException(SqlState.UndefinedObject, $"collation \"{name}\" for encoding \"UTF8\" does not exist") };
            default:
                throw new SqlException(SqlState.FeatureNotSupported, $"names of type {TypeNames.Display(regType)} are not supported");
        }
    }

    /// <summary>Whether <c>f(integer, text)</c> means this overload.</summary>
    private bool HasParameters(FunctionSignature function, string signature)
    {
        int open = signature.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !signature.TrimEnd().EndsWith(')')) return false;
        string inside = signature.TrimEnd()[(open + 1)..^1];
        var types = inside.Trim().Length == 0 ? [] : inside.Split(',').Select(type => Binder.TypeResolution.resolve(session.Catalog, SqlParser.ParseTypeName(type))).ToList();
        return types.Count == function.ParameterTypes.Length && types.Zip(function.ParameterTypes).All(pair => pair.First.SameTypeAs(pair.Second));
    }

    /// <summary>The schema's name; null when there is none with this oid.</summary>
    public string? SchemaName(int oid) =>
        SystemCatalog.Schemas.FirstOrDefault(entry => entry.Value == oid).Key ?? session.Catalog.Snapshot.Schemas.Values.FirstOrDefault(schema => schema.Oid == oid)?.Name;

    public int? SchemaOid(string name) =>
        SystemCatalog.Schemas.TryGetValue(name, out int oid) ? oid : session.Catalog.Snapshot.Schemas.TryGetValue(name, out var schema) ? schema.Oid : null;

    /// <summary>Splits <c>schema.name</c>, either part quoted or not.</summary>
    public static (string? Schema, string Name) Split(string text)
    {
        if (SqlParser.ParseExpression(text) is not Expr.Column column) throw new SqlException(SqlState.InvalidName, $"invalid name syntax: \"{text}\"");
        var parts = column.Name.Texts.ToList();
        return (parts.Count > 1 ? parts[^2] : null, parts[^1]);
    }

    /// <summary>The name as it must be written: quoted when it isn't lower case or is a word of the grammar's own.</summary>
    public static string QuoteIfNeeded(string name) =>
        name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            && SqlWords.Classify(name) is null or WordClass.Plain or WordClass.Suffix
            ? name
            : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>A name with its schema, to be put into SQL.</summary>
    public static string Qualify(string schema, string name) => $"{QuoteIfNeeded(schema)}.{QuoteIfNeeded(name)}";

    /// <summary>The names as the session of a running query sees them.</summary>
    public static ObjectNames Of(QueryContext context) => (ObjectNames)context.Session.ObjectNames;

    /// <summary>The name of a type that isn't the system's, with its schema where the search path wouldn't find it. A row type has its relation's name.</summary>
    public string? UserTypeName(int oid)
    {
        var catalog = session.Catalog.Snapshot;
        if (catalog.Types.Find(oid) is { IsArray: true } array) return UserTypeName(TypeNames.Oid(array.Element!)) + "[]";
        if (catalog.Types.Enum(oid) is { } labels) return Qualified(labels.Schema, labels.Name, oid);
        if (catalog.Types.Composite(oid) is { } composite) return Qualified(composite.Schema, composite.Name, oid);
        if (catalog.Domains.Values.FirstOrDefault(domain => domain.Oid == oid) is { } named)
            return session.Catalog.DomainOf(null, named.Name)?.Oid == oid ? QuoteIfNeeded(named.Name) : Qualify(named.Schema, named.Name);
        return CatalogOids.RelationOfRowType(oid) is var relation and not 0 ? ClassName(relation) : null;
    }

    private string Qualified(string schema, string name, int typeOid) =>
        session.Catalog.FindType(null, name) is { } found && TypeNames.Oid(found) == typeOid ? QuoteIfNeeded(name) : Qualify(schema, name);

    /// <summary>The user's routine of this name, with the types of its arguments for regprocedure; null when there is none.</summary>
    private int? RoutineOid(TypeId regType, string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        var (schema, name) = Split(open < 0 ? text : text[..open]);
        var found = session.Catalog.FindRoutines(schema, name);
        if (open < 0 || regType == TypeId.RegProc) return found.Count > 1 ? throw new SqlException(SqlState.AmbiguousFunction, $"more than one function named \"{text}\"") : found.Count == 1 ? found[0].Oid : null;
        string inner = text[(open + 1)..].TrimEnd().TrimEnd(')').Trim();
        int[] types = inner.Length == 0 ? [] : [.. inner.Split(',').Select(type => TypeNames.Oid(Binder.TypeResolution.resolve(session.Catalog, SqlParser.ParseTypeName(type.Trim()))))];
        return found.FirstOrDefault(routine => routine.Signature.ParameterTypes.Select(TypeNames.Oid).SequenceEqual(types))?.Oid;
    }

    /// <summary>The routine's name, for regprocedure with the types of its arguments.</summary>
    private string? RoutineName(int oid, bool withArguments)
    {
        if (oid < WellKnownOids.FirstUser || session.Catalog.Snapshot.AllRoutines.FirstOrDefault(routine => routine.Oid == oid) is not { } found) return FunctionName(oid);
        string name = session.Catalog.SearchPath.Contains(found.Schema) ? QuoteIfNeeded(found.Name) : Qualify(found.Schema, found.Name);
        return withArguments ? $"{name}({string.Join(",", found.InputTypes.Select(type => TypeNames.FromOid(type.TypeOid)?.ToString() ?? UserTypeName(type.TypeOid)))})" : name;
    }

    private string? FunctionName(int oid) => session.Catalog.Functions.All.FirstOrDefault(function => function.Oid == oid)?.Name ?? SystemData.TypeFunctions.GetValueOrDefault(oid);

    private int ClassOid(string text)
    {
        var (schema, name) = Split(text);
        if (session.Catalog.Find(schema, name) is { } relation) return relation.Oid;
        var schemas = schema is null ? session.Catalog.SearchPath : [schema];
        foreach (string candidate in schemas)
            if (session.Catalog.Snapshot.FindIndex(candidate, name) is { } index) return index.Oid;
        if (session.Catalog.CompositeOf(schema, name) is { } composite) return composite.RelationOid;
        throw new SqlException(SqlState.UndefinedTable, $"relation \"{text}\" does not exist");
    }

    private string? ClassName(int oid)
    {
        if (oid == 0) return "-";
        if ((session.Catalog.Snapshot.Find(oid) ?? (CatalogRelation?)SystemCatalog.Find(oid)) is { } relation) return Qualified(relation.Schema, relation.Name, relation);
        if (session.Catalog.Snapshot.Types.Composites.FirstOrDefault(type => type.RelationOid == oid) is { } composite) return UserTypeName(composite.Oid);
        if (session.Catalog.Snapshot.Indexes.TryGetValue(oid, out var index) && session.Catalog.Snapshot.Find(index.TableOid) is { } table)
            return session.Catalog.SearchPath.Contains(table.Schema) ? QuoteIfNeeded(index.Name) : $"{QuoteIfNeeded(table.Schema)}.{QuoteIfNeeded(index.Name)}";
        return null;
    }

    /// <summary>With its schema only where the search path wouldn't find it.</summary>
    private string Qualified(string schema, string name, CatalogRelation relation) =>
        ReferenceEquals(session.Catalog.Find(null, name), relation) ? QuoteIfNeeded(name) : $"{QuoteIfNeeded(schema)}.{QuoteIfNeeded(name)}";

    public static string Unquote(string name) => name.Length > 1 && name[0] == '"' ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name.ToLowerInvariant();
}

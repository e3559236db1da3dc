using System.Collections.Frozen;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Enums, composite types and the row types of relations at one version of the catalog, by pg_type.oid. Objects of the catalog store the oid alone; what the type is comes from here, from the same
/// version: so a query about the past sees the labels of the past.
/// </summary>
internal sealed class UserTypes
{
    private readonly FrozenDictionary<int, EnumObject> _enums;
    private readonly FrozenDictionary<int, CompositeObject> _composites;
    private readonly Dictionary<int, (string Name, ColumnObject[] Columns)> _relations;
    private readonly Dictionary<int, SqlType?> _known = [];

    public UserTypes(IEnumerable<EnumObject> enums, IEnumerable<CompositeObject> composites, IEnumerable<TableObject> tables, IEnumerable<ViewObject> views)
    {
        _enums = enums.ToFrozenDictionary(type => type.Oid);
        _composites = composites.ToFrozenDictionary(type => type.Oid);
        _relations = tables.Select(table => (table.Oid, table.Name, table.Columns)).Concat(views.Select(view => (view.Oid, view.Name, view.Columns)))
            .ToDictionary(relation => CatalogOids.RowType(relation.Oid), relation => (relation.Name, relation.Columns));
    }

    public IEnumerable<EnumObject> Enums => _enums.Values.OrderBy(type => type.Oid);

    public IEnumerable<CompositeObject> Composites => _composites.Values.OrderBy(type => type.Oid);

    public EnumObject? Enum(int oid) => _enums.GetValueOrDefault(oid);

    public CompositeObject? Composite(int oid) => _composites.GetValueOrDefault(oid);

    public EnumObject? Enum(string schema, string name) => _enums.Values.FirstOrDefault(type => type.Schema == schema && type.Name == name);

    public CompositeObject? Composite(string schema, string name) => _composites.Values.FirstOrDefault(type => type.Schema == schema && type.Name == name);

    /// <summary>The type with this pg_type.oid, or the array of such a one; null when there is none.</summary>
    public SqlType? Find(int oid)
    {
        if (Element(oid) is { } type) return type;
        int element = _enums.Values.FirstOrDefault(candidate => candidate.ArrayOid == oid)?.Oid ?? _composites.Values.FirstOrDefault(candidate => candidate.ArrayOid == oid)?.Oid
            ?? _relations.Keys.FirstOrDefault(row => CatalogOids.RowArray(CatalogOids.RelationOfRowType(row)) == oid);
        return element != 0 && Element(element) is { } found ? SqlType.ArrayOf(found) : null;
    }

    /// <summary>The enum or composite type of this name, in the schema or, when none is given, in the one of these where it is found first.</summary>
    public SqlType? Find(string name, IReadOnlyList<string> schemas)
    {
        foreach (string schema in schemas)
        {
            if ((Enum(schema, name)?.Oid ?? Composite(schema, name)?.Oid) is { } oid) return Element(oid);
        }

        return null;
    }

    private SqlType? Element(int oid)
    {
        lock (_known)
        {
            if (!_known.TryGetValue(oid, out var type)) _known[oid] = type = Make(oid);
            return type;
        }
    }

    private SqlType? Make(int oid)
    {
        if (_enums.TryGetValue(oid, out var labels)) return labels.ToSqlType();
        if (_composites.TryGetValue(oid, out var composite)) return Row(oid, composite.ArrayOid, composite.Name, composite.Columns);
        return _relations.TryGetValue(oid, out var relation) ? Row(oid, CatalogOids.RowArray(CatalogOids.RelationOfRowType(oid)), relation.Name, relation.Columns) : null;
    }

    private SqlType Row(int oid, int arrayOid, string name, ColumnObject[] columns) =>
        SqlType.RowOf(new RowType(oid, arrayOid, ObjectNames.QuoteIfNeeded(name), [.. columns.Where(column => !column.IsDropped).Select(column => new RowField(column.Name, Resolve(column.Type).ToSqlType()))]));

    public StoredType Resolve(StoredType type) => type.UserOid == 0 ? type : type with { Resolved = Element(type.UserOid) };

    public ColumnObject[] Resolve(ColumnObject[] columns)
    {
        if (!Array.Exists(columns, column => column.Type.UserOid != 0 || Array.Exists(column.Former, former => former.Type.UserOid != 0))) return columns;
        return [.. columns.Select(column => column with { Type = Resolve(column.Type), Former = [.. column.Former.Select(former => former with { Type = Resolve(former.Type) })] })];
    }

    public TableObject Resolve(TableObject table) => table with { Columns = Resolve(table.Columns), Types = this };

    public ViewObject Resolve(ViewObject view) => view with { Columns = Resolve(view.Columns) };

    public CompositeObject Resolve(CompositeObject type) => type with { Columns = Resolve(type.Columns) };

    public IndexObject Resolve(IndexObject index) =>
        index with { Keys = [.. index.Keys.Select(key => key.ExpressionType is { UserOid: not 0 } type ? key with { ExpressionType = Resolve(type) } : key)] };

    public DomainObject Resolve(DomainObject domain) => domain with { BaseType = Resolve(domain.BaseType) };

    public RoutineObject Resolve(RoutineObject routine) =>
        routine with { ReturnType = Resolve(routine.ReturnType), Parameters = [.. routine.Parameters.Select(parameter => parameter with { Type = Resolve(parameter.Type) })] };
}

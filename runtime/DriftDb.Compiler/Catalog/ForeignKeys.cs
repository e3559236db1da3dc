namespace DriftDb.Compiler;

/// <summary>The foreign keys of a catalog, by the table that they lead from and the one they lead to.</summary>
internal sealed class ForeignKeys
{
    private readonly ILookup<int, ForeignKey> _from, _to;

    public ForeignKeys(CatalogSnapshot catalog)
    {
        var keys = new List<ForeignKey>();
        foreach (var table in catalog.Relations.OfType<TableRelation>())
            foreach (var constraint in table.Definition.Constraints.Where(constraint => constraint.Kind == 'f'))
                if (catalog.Find(constraint.ReferencedTable) is TableRelation referenced) keys.Add(new ForeignKey(constraint, table, referenced));
        // Names decide the order in which keys are checked, as they do in PostgreSQL.
        keys.Sort(static (a, b) => string.CompareOrdinal(a.Definition.Name, b.Definition.Name));
        _from = keys.ToLookup(key => key.Referencing.Oid);
        _to = keys.ToLookup(key => key.Referenced.Oid);
    }

    /// <summary>Keys of the table itself.</summary>
    public IEnumerable<ForeignKey> From(int table) => _from[table];

    /// <summary>Keys of any table that refer to this one.</summary>
    public IEnumerable<ForeignKey> To(int table) => _to[table];

    /// <summary>Whether a change of the table can concern any foreign key.</summary>
    public bool Concern(int table) => _from.Contains(table) || _to.Contains(table);
}

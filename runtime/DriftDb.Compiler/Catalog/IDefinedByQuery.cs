namespace DriftDb.Compiler;

/// <summary>A relation that a query defines: a view, or a materialized view. A table may be one.</summary>
internal interface IDefinedByQuery
{
    /// <summary>The query, printed; null for a table that is none of them.</summary>
    string? QueryText { get; }

    /// <summary>Oids of the relations that the query names.</summary>
    IReadOnlyList<int> DependsOn { get; }
}

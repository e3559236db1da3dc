namespace DriftDb.Types;

/// <summary>Limits that bound what a statement may ask for; exceeding one is an <see cref="SqlException"/>, never a crash.</summary>
public static class Limits
{
    /// <summary>Bytes of an identifier (PostgreSQL's NAMEDATALEN - 1); longer ones are truncated.</summary>
    public const int IdentifierBytes = 63;

    /// <summary>Columns of a table or of a result.</summary>
    public const int Columns = 1600;

    /// <summary>Nesting depth of a statement's text, counted before ANTLR recurses: a stack overflow kills a .NET process.</summary>
    public const int NestingDepth = 1_000;

    /// <summary>Parameters of a prepared statement (the protocol's Int16, unsigned).</summary>
    public const int Parameters = 65_535;

    /// <summary>Bytes of one value and of one wire message (1 GiB - 1, as PostgreSQL).</summary>
    public const int ValueBytes = 0x3FFFFFFF;

    /// <summary>Rows of a column chunk.</summary>
    public const int ChunkRows = 65_536;

    /// <summary>Rows of a vector: what a pipeline's delegate is called with.</summary>
    public const int VectorRows = 2_048;
}

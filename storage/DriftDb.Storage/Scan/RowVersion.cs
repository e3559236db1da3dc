using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// One version of one row, where it lies. Readers take the column by its id; reading a NULL gives zeros. Byte slices stay valid as long as this value (or its owner) is referenced
/// and, for a transaction's own rows, as long as the transaction lives.
/// </summary>
public readonly unsafe partial struct RowVersion
{
    public partial long RowId { get; }

    /// <summary>Sequence of the event that made it; 0 for a row of the own transaction.</summary>
    public partial long BeginSequence { get; }

    /// <summary>Sequence of the event that ended it; <see cref="long.MaxValue"/> while it is current for the reader.</summary>
    public partial long EndSequence { get; }

    public partial bool IsNull(int columnId);

    public partial bool GetBool(int columnId);

    public partial short GetInt16(int columnId);

    public partial int GetInt32(int columnId);

    public partial long GetInt64(int columnId);

    public partial Int128 GetInt128(int columnId);

    public partial float GetFloat32(int columnId);

    public partial double GetFloat64(int columnId);

    public partial Interval GetInterval(int columnId);

    public partial Uuid GetUuid(int columnId);

    public partial ByteSlice GetBytes(int columnId);

    /// <summary>Writes the whole row as a tuple of the definition's layout. Bytes stay where they are: slices point into the store.</summary>
    public partial void CopyTo(byte* tuple, TableDefinition definition);
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Up to <see cref="Limits.VectorRows"/> rows of a table as compiled code reads them: the address of each requested column's first row, and a
/// selection of the rows that count. A full scan points straight into a chunk; an index scan gathers its rows into buffers of the same shape,
/// so that there is one loop for both.
/// </summary>
/// <remarks>
/// Column slot k, row r (0 ≤ r &lt; 2,048): the value is at <c>Data[k] + r * width</c>; it is NULL where <c>Validity[k]</c> isn't 0 and bit r of that bitmap
/// is 0 (a NULL's data is zeros). A <see cref="PhysicalKind.Bytes"/> value is an entry (u32 offset, u32 length) whose bytes are at <c>Heap[k] + offset</c>.
/// The memory belongs to the source that filled the vector and stays valid until its next call.
/// </remarks>
public sealed unsafe class ScanVector : IDisposable
{
    private readonly nint[] _pointers;
    private readonly ushort[] _selection = GC.AllocateUninitializedArray<ushort>(Limits.VectorRows, pinned: true);

    public ScanVector(int slotCount)
    {
        SlotCount = slotCount;
        _pointers = GC.AllocateArray<nint>(Math.Max(1, slotCount * 3), pinned: true);
        fixed (nint* pointers = _pointers)
        {
            Data = pointers;
            Validity = pointers + slotCount;
            Heap = pointers + slotCount * 2;
        }

        fixed (ushort* selection = _selection) Selection = selection;
    }

    public int SlotCount { get; }

    /// <summary>Number of entries of <see cref="Selection"/>.</summary>
    public int Count { get; set; }

    /// <summary>The rows that count, ascending, each below 2,048; room for 2,048.</summary>
    public ushort* Selection { get; }

    public nint* Data { get; }

    public nint* Validity { get; }

    public nint* Heap { get; }

    /// <summary>Keeps alive whatever the pointers point into (the chunk's arrays); set by the source.</summary>
    public object? Owner { get; set; }

    public void Dispose() => Owner = null;
}

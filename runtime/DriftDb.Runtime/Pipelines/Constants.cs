using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// The constants of a query that generated code reads by address: lifted out, so that the code doesn't depend on them. Pinned memory that lives as long as the query.
/// </summary>
internal sealed unsafe class ConstantPool
{
    private readonly List<(object Value, SqlType Type)> _values = [];
    private readonly List<byte[]> _rows = [];
    private readonly Arena _arena = new();
    private int _frozen;
    private long _address;

    /// <summary>The row that has all constants known so far.</summary>
    public long Address => Volatile.Read(ref _address);

    /// <summary>Adds a constant; its offset.</summary>
    public int Add(object value, SqlType type)
    {
        _values.Add((value, type));
        return (_values.Count - 1) * 16;
    }

    /// <summary>Lays the constants out, once all are known; the row's address. Called again when some have been added since: running queries keep the row that they began with.</summary>
    public long Freeze()
    {
        if (_rows.Count > 0 && _frozen == _values.Count) return _address;
        byte[] pinned = GC.AllocateArray<byte>(_values.Count * 16 + 16, pinned: true);
        byte* row = (byte*)Unsafe.AsPointer(ref pinned[0]);
        for (int i = 0; i < _values.Count; i++) BoxedValue.Store(_values[i].Value, _values[i].Type, row + i * 16, _arena);
        _rows.Add(pinned);
        _frozen = _values.Count;
        Volatile.Write(ref _address, (long)row);
        return (long)row;
    }
}

/// <summary>The slots in which an apply leaves the outer row's values: a NULL flag in 8 bytes, then 16 bytes of value.</summary>
internal sealed class OuterSlots
{
    public int Count { get; private set; }

    public Dictionary<int, SqlType> Types { get; } = [];

    public void Declare(int slot, SqlType type)
    {
        Count = Math.Max(Count, slot + 1);
        Types.TryAdd(slot, type);
    }

    public static int NullOffset(int slot) => slot * 24;

    public static int ValueOffset(int slot) => slot * 24 + 8;
}

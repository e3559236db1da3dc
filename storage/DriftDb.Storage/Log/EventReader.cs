using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>Decodes events' payloads. The payload must lie in a pinned array: slices of decoded tuples point into it.</summary>
internal static unsafe class EventReader
{
    /// <summary>Overwrites the tuple's slots with the (column, value) pairs that follow.</summary>
    public static void Columns(ref MessagePackReader reader, TableDefinition definition, byte* tuple)
    {
        while (!reader.End)
        {
            int ordinal = Ordinal(definition, reader.ReadInt32());
            Value(ref reader, definition.Layout, ordinal, tuple);
        }
    }

    public static void Value(ref MessagePackReader reader, TupleLayout layout, int ordinal, byte* tuple)
    {
        if (reader.TryReadNil())
        {
            TupleLayout.SetNull(tuple, ordinal);
            return;
        }

        tuple[ordinal >> 3] &= (byte)~(1 << (ordinal & 7));
        byte* slot = tuple + layout.Offset(ordinal);
        SqlType type = layout.Types[ordinal];
        switch (type.Kind)
        {
            case PhysicalKind.Bool: *slot = reader.ReadBoolean() ? (byte)1 : (byte)0; break;
            case PhysicalKind.Int16: *(short*)slot = reader.ReadInt16(); break;
            case PhysicalKind.Int32: *(int*)slot = reader.ReadInt32(); break;
            case PhysicalKind.Int64: Unsafe.WriteUnaligned(slot, reader.ReadInt64()); break;
            case PhysicalKind.Float32: *(float*)slot = reader.ReadSingle(); break;
            case PhysicalKind.Float64: Unsafe.WriteUnaligned(slot, reader.ReadDouble()); break;
            case PhysicalKind.Int128 or PhysicalKind.Interval or PhysicalKind.Uuid: Binary(ref reader).CopyTo(new Span<byte>(slot, 16)); break;
            default:
                ReadOnlySpan<byte> bytes = default;
                if (!type.IsString) bytes = Binary(ref reader);
                else if (!reader.TryReadStringSpan(out bytes)) throw Corrupt("a string value can't be read");
                Unsafe.WriteUnaligned(slot, new ByteSlice((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)), bytes.Length));
                break;
        }
    }

    public static int Ordinal(TableDefinition definition, int columnId)
    {
        int ordinal = definition.OrdinalOf(columnId);
        return ordinal >= 0 ? ordinal : throw Corrupt($"event names column {columnId}, which table {definition.Id} doesn't have");
    }

    public static ReadOnlySpan<byte> Binary(scoped ref MessagePackReader reader)
    {
        var sequence = reader.ReadBytes() ?? throw Corrupt("a value is missing");
        return sequence.FirstSpan;
    }

    public static (long CommitNumber, CommittedTransaction Commit) Commit(ref MessagePackReader reader, long lastSequence)
    {
        long number = reader.ReadInt64(), first = reader.ReadInt64(), time = reader.ReadInt64(), version = reader.ReadInt64();
        return (number, new CommittedTransaction(first, lastSequence, time, version, reader.ReadString() ?? "", reader.ReadString() ?? "", reader.ReadString()));
    }

    public static SqlException Corrupt(string what) => new(SqlState.DataCorrupted, what);
}

/// <summary>Comparing tuples of one layout.</summary>
internal static unsafe class TupleComparison
{
    /// <summary>Same bytes, or both NULL. (Not SQL's equality: 1.0 and 1.00, -0 and 0 differ, as a change of them must be logged.)</summary>
    public static bool SameValue(byte* a, byte* b, TupleLayout layout, int column)
    {
        bool isNull = TupleLayout.IsNull(a, column);
        if (isNull != TupleLayout.IsNull(b, column)) return false;
        if (isNull) return true;
        int offset = layout.Offset(column);
        PhysicalKind kind = layout.Types[column].Kind;
        switch (kind.ColumnWidthBytes())
        {
            case 1: return a[offset] == b[offset];
            case 2: return *(short*)(a + offset) == *(short*)(b + offset);
            case 4: return *(int*)(a + offset) == *(int*)(b + offset);
            case 16: return Unsafe.ReadUnaligned<Int128>(a + offset) == Unsafe.ReadUnaligned<Int128>(b + offset);
            default:
                if (kind == PhysicalKind.Bytes) return Unsafe.ReadUnaligned<ByteSlice>(a + offset).Equals(Unsafe.ReadUnaligned<ByteSlice>(b + offset));
                return Unsafe.ReadUnaligned<long>(a + offset) == Unsafe.ReadUnaligned<long>(b + offset);
        }
    }

    /// <summary>Copies a tuple with its bytes into the buffer's memory.</summary>
    public static byte* CopyInto(TupleBuffer buffer, byte* tuple)
    {
        TupleLayout layout = buffer.Layout;
        byte* copy = buffer.Append();
        Unsafe.CopyBlockUnaligned(copy, tuple, (uint)layout.StrideBytes);
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            if (layout.Types[i].Kind != PhysicalKind.Bytes || TupleLayout.IsNull(tuple, i)) continue;
            var slice = Unsafe.ReadUnaligned<ByteSlice>(tuple + layout.Offset(i));
            Unsafe.WriteUnaligned(copy + layout.Offset(i), buffer.Arena.Copy(slice));
        }

        return copy;
    }
}

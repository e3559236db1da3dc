using System.Runtime.InteropServices;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The store's single values as boxed constants and back.</summary>
internal static class StoredValues
{
    public static unsafe object Box(StoredValue value, SqlType type)
    {
        if (type.Kind == PhysicalKind.Bytes) return value.Bytes.ToArray();
        byte* slot = stackalloc byte[16];
        value.Bytes.CopyTo(new Span<byte>(slot, 16));
        return BoxedValue.Load(type, slot);
    }

    public static unsafe StoredValue Unbox(object value, SqlType type)
    {
        if (type.Kind == PhysicalKind.Bytes) return new StoredValue((byte[])value);
        byte* slot = stackalloc byte[16];
        BoxedValue.Store(value, type, slot, new Arena());
        return new StoredValue(new ReadOnlySpan<byte>(slot, type.Kind.ColumnWidthBytes()));
    }
}

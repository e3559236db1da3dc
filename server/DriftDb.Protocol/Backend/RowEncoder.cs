using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>
/// DataRow messages from materialised rows. Values are written straight into the output, their lengths filled in behind: nothing is allocated for a row.
/// </summary>
public static unsafe class RowEncoder
{
    /// <summary>Column formats of a result that is all text.</summary>
    public static readonly short[] AllText = [0];

    /// <param name="output">Where to; a row that fails leaves nothing behind.</param>
    /// <param name="tuple">The row.</param>
    /// <param name="layout">How it lies.</param>
    /// <param name="columns">How many of its columns are the client's: there may be others behind them.</param>
    /// <param name="formats">One format for all columns, or one for each: 0 text, 1 binary.</param>
    /// <param name="settings">Text forms.</param>
    public static void DataRow(ByteWriter output, byte* tuple, TupleLayout layout, int columns, ReadOnlySpan<short> formats, FormatSettings settings)
    {
        int start = output.Length;
        try
        {
            Span<byte> header = output.GetSpan(7);
            header[0] = (byte)'D';
            BinaryPrimitives.WriteInt16BigEndian(header[5..], (short)columns);
            output.Advance(7);
            for (int i = 0; i < columns; i++)
            {
                if (TupleLayout.IsNull(tuple, i))
                {
                    BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), -1);
                    output.Advance(4);
                    continue;
                }

                byte* slot = tuple + layout.Offset(i);
                var type = layout.Types[i];
                if (formats[formats.Length == 1 ? 0 : i] == 0) Text(output, type, slot, settings);
                else Binary(output, type, slot);
            }

            BinaryPrimitives.WriteInt32BigEndian(output.WrittenSpan[(start + 1)..], output.Length - start - 1);
        }
        catch
        {
            output.Truncate(start);
            throw;
        }
    }

    private static void Text(ByteWriter output, SqlType type, byte* slot, FormatSettings settings)
    {
        // The everyday types in one step each; the rest by their writers, with the length filled in afterwards.
        int length;
        switch (type.Kind)
        {
            case PhysicalKind.Int32 when type.Id == TypeId.Int4:
                Span<byte> span = output.GetSpan(16);
                Unsafe.ReadUnaligned<int>(slot).TryFormat(span[4..], out length);
                BinaryPrimitives.WriteInt32BigEndian(span, length);
                output.Advance(4 + length);
                return;
            case PhysicalKind.Int64 when type.Id == TypeId.Int8:
                span = output.GetSpan(24);
                Unsafe.ReadUnaligned<long>(slot).TryFormat(span[4..], out length);
                BinaryPrimitives.WriteInt32BigEndian(span, length);
                output.Advance(4 + length);
                return;
            case PhysicalKind.Bytes when type.IsString:
                var text = Unsafe.ReadUnaligned<ByteSlice>(slot).Span;
                span = output.GetSpan(text.Length + 4);
                BinaryPrimitives.WriteInt32BigEndian(span, text.Length);
                text.CopyTo(span[4..]);
                output.Advance(4 + text.Length);
                return;
        }

        int start = Reserve(output);
        ValueWriter.WriteText(output, type, slot, settings);
        FillIn(output, start);
    }

    private static void Binary(ByteWriter output, SqlType type, byte* slot)
    {
        int start = Reserve(output);
        ValueWriter.WriteBinary(output, type, slot);
        FillIn(output, start);
    }

    private static int Reserve(ByteWriter output)
    {
        int start = output.Length;
        output.GetSpan(4);
        output.Advance(4);
        return start;
    }

    private static void FillIn(ByteWriter output, int start) => BinaryPrimitives.WriteInt32BigEndian(output.WrittenSpan[start..], output.Length - start - 4);
}

using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY's binary format: a signature, rows of counted fields, a count of -1 at the end.</summary>
internal sealed unsafe class CopyBinaryReader(TableRelation table, int[] columns, CopyLoader loader, FormatSettings settings)
    : CopyReader(table, columns, loader, settings)
{
    private bool _headerRead;

    public static ReadOnlySpan<byte> Signature => [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00];

    public override bool IsBinary => true;

    protected override int Read(ReadOnlySpan<byte> data, bool isLast)
    {
        int at = 0;
        if (!_headerRead)
        {
            if (data.Length < Signature.Length + 8) return isLast ? throw Bad("COPY file signature not recognized") : 0;
            if (!data.StartsWith(Signature)) throw Bad("COPY file signature not recognized");
            int extension = BinaryPrimitives.ReadInt32BigEndian(data[(Signature.Length + 4)..]);
            if (extension < 0) throw Bad("invalid COPY file header (wrong length)");
            if (data.Length < Signature.Length + 8 + extension) return 0;
            at = Signature.Length + 8 + extension;
            _headerRead = true;
        }

        while (!AtEnd && RowLength(data[at..]) is { } length)
        {
            if (length == 0) return data.Length;
            ReadRow(data.Slice(at, length));
            at += length;
            Line++;
        }

        return AtEnd ? data.Length : at;
    }

    /// <summary>Bytes of the next row; 0 for the end marker; null when it isn't whole yet.</summary>
    private int? RowLength(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2) return null;
        short count = BinaryPrimitives.ReadInt16BigEndian(data);
        if (count == -1)
        {
            AtEnd = true;
            return 0;
        }

        if (count != ColumnCount) throw Bad($"row field count is {count}, expected {ColumnCount}");
        int at = 2;
        for (int i = 0; i < count; i++)
        {
            if (data.Length < at + 4) return null;
            int length = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            if (length < -1) throw Bad("invalid field size");
            at += 4 + Math.Max(0, length);
            if (data.Length < at) return null;
        }

        return at;
    }

    private void ReadRow(ReadOnlySpan<byte> data)
    {
        byte* row = Append();
        int at = 2;
        for (int i = 0; i < ColumnCount; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            at += 4;
            if (length < 0)
            {
                SetNull(row, i);
                continue;
            }

            Store(row, i, data.Slice(at, length), isBinary: true);
            at += length;
        }

        EndRow(row);
    }
}

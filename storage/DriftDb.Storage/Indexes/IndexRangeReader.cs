using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Row ids of a range of keys as of a moment, in batches: what index scans and joins by an index read. Used by one thread at a time, for one range after the other.</summary>
internal sealed class IndexRangeReader(StorageIndex index)
{
    private readonly IndexReader _reader = new();
    private KeyRange _range;
    private long _sequence;
    private bool _backward, _isAtEnd;
    private IndexParts? _parts;
    private byte[] _lastKey = [];
    private int _lastKeyLength = -1;
    private long _lastRow;

    /// <summary>Begins with another range or moment.</summary>
    public void Open(KeyRange range, long sequence, bool backward)
    {
        (_range, _sequence, _backward) = (range, sequence, backward);
        _isAtEnd = false;
        _lastKeyLength = -1;
        _parts = null;
    }

    /// <returns>Number of row ids written; 0 at the end.</returns>
    public int Read(Span<long> rowIds)
    {
        while (true)
        {
            try
            {
                return ReadOn(rowIds);
            }
            catch (SqlException) when (_parts is { } parts && index.GiveUpDamaged(parts))
            {
                // The index is made anew, and read from behind the last row that was given.
                _parts = null;
            }
        }
    }

    private int ReadOn(Span<long> rowIds)
    {
        if (_isAtEnd) return 0;
        if (_parts is null) Seek();
        int written = 0;
        while (written < rowIds.Length)
        {
            if (!_reader.Next() || !IsInRange(_reader.Key))
            {
                _isAtEnd = true;
                break;
            }

            rowIds[written++] = _reader.Life.RowId;
        }

        if (written > 0 && !_isAtEnd) NotePosition();
        return written;
    }

    private void Seek()
    {
        IndexParts parts = index.Built();
        _reader.Open(parts, _sequence, _backward);
        _parts = parts;
        if (_lastKeyLength >= 0) _reader.Seek(_lastKey.AsSpan(0, _lastKeyLength), _backward ? _lastRow : _lastRow + 1);
        else if (!_backward) _reader.Seek(_range.Low.Span, 0);
        else if (_range.High.Length > 0) _reader.Seek(_range.High.Span, 0);
        else _reader.SeekLast();
    }

    private void NotePosition()
    {
        ReadOnlySpan<byte> key = _reader.Key;
        if (key.Length > _lastKey.Length) _lastKey = new byte[key.Length * 2];
        key.CopyTo(_lastKey);
        _lastKeyLength = key.Length;
        _lastRow = _reader.Life.RowId;
    }

    private bool IsInRange(ReadOnlySpan<byte> key) =>
        _backward ? key.SequenceCompareTo(_range.Low.Span) >= 0 : _range.High.Length == 0 || key.SequenceCompareTo(_range.High.Span) < 0;
}

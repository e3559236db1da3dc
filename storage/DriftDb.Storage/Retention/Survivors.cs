using MessagePack;

namespace DriftDb.Storage;

/// <summary>What the events up to a floor leave alive at it: each row with its last event. Eight bytes a row id.</summary>
internal sealed class Survivors(long rowIdEnd)
{
    private readonly long[] _lastEvents = new long[rowIdEnd];

    /// <summary>Takes an event; gives the number of its last row.</summary>
    public long Take(in Frame frame, ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        reader.ReadInt64();
        switch (frame.Type)
        {
            case EventType.Truncate:
                Array.Clear(_lastEvents);
                return frame.Sequence;
            case EventType.BulkInsert:
                long first = reader.ReadInt64();
                int rows = reader.ReadInt32();
                for (int i = 0; i < rows; i++) _lastEvents[first + i] = frame.Sequence + i;
                return frame.Sequence + rows - 1;
            default:
                _lastEvents[reader.ReadInt64()] = frame.Type == EventType.SoftDelete ? 0 : frame.Sequence;
                return frame.Sequence;
        }
    }

    /// <summary>Whether these are exactly the rows that live, but for the erased ones, each since its last event.</summary>
    public bool Are(IReadOnlyList<(long Begin, long RowId)> rows, RowIdSet erased)
    {
        foreach ((long begin, long rowId) in rows)
        {
            if (begin == 0 || _lastEvents[rowId] != begin) return false;
            _lastEvents[rowId] = 0;
        }

        for (long rowId = 0; rowId < _lastEvents.Length; rowId++)
        {
            if (_lastEvents[rowId] != 0 && !erased.Contains(rowId)) return false;
        }

        return true;
    }
}

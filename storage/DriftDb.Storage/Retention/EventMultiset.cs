using System.IO.Hashing;

namespace DriftDb.Storage;

/// <summary>Count and sum of hashes of events without what differs between files: equal for the same events in any order.</summary>
internal record struct EventMultiset(long Count, UInt128 Sum)
{
    /// <summary>A frame as it is.</summary>
    public void Add(in Frame frame, ReadOnlySpan<byte> payload) => Add(frame.Sequence, frame.UnixMs, frame.Type, payload);

    public void Add(long sequence, long unixMs, EventType type, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash128(sequence);
        Span<byte> head = stackalloc byte[9];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(head, unixMs);
        head[8] = (byte)type;
        hash.Append(head);
        hash.Append(payload);
        Count++;
        Sum = unchecked(Sum + hash.GetCurrentHashAsUInt128());
    }
}

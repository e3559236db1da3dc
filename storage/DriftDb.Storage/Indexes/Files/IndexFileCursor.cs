using System.Buffers.Binary;

namespace DriftDb.Storage;

/// <summary>
/// Walks through an index file. Pages in which nothing concerns the moment are passed over by what the pages above say of them, at any level: what a queue has left behind, or a deep history, costs one look for some
/// hundred pages.
/// </summary>
internal sealed class IndexFileCursor : IndexCursor
{
    private readonly List<(byte[] Page, int Child)> _path = [];
    private IndexFile _file;
    private long _sequence;
    private bool _backward;
    private byte[]? _leaf;
    private int _entry, _count, _prefixLength;

    public IndexFileCursor(IndexFile file, long sequence, bool backward) => Open(file, sequence, backward);

    /// <summary>Begins with another file or moment; point reads keep their cursors.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_file))]
    public void Open(IndexFile file, long sequence, bool backward)
    {
        (_file, _sequence, _backward) = (file, sequence, backward);
        IsValid = false;
    }

    public override void Seek(ReadOnlySpan<byte> key, long rowId)
    {
        IsValid = false;
        if (_file.Header.RootPage == 0) return;
        _path.Clear();
        byte[] page = _file.Page(_file.Header.RootPage);
        while (IndexPage.Level(page) > 0)
        {
            // The last child that begins before the position: records of one row may reach over into the next.
            int child = Math.Max(0, FirstChildAtOrBehind(page, key, rowId) - 1);
            _path.Add((page, child));
            page = _file.Page(ChildOf(page, child));
        }

        Enter(page);
        _entry = LowerBound(page, _prefixLength, key, rowId) - (_backward ? 1 : 0);
        Settle();
    }

    public override void SeekLast()
    {
        IsValid = false;
        if (_file.Header.RootPage == 0) return;
        _path.Clear();
        byte[] page = _file.Page(_file.Header.RootPage);
        while (IndexPage.Level(page) > 0)
        {
            int child = IndexPage.Count(page) - 1;
            _path.Add((page, child));
            page = _file.Page(ChildOf(page, child));
        }

        Enter(page);
        _entry = _count - 1;
        Settle();
    }

    public override void Next()
    {
        _entry += _backward ? -1 : 1;
        Settle();
    }

    /// <summary>Takes the record at the position, or the next one there is.</summary>
    private void Settle()
    {
        while (true)
        {
            for (; (uint)_entry < (uint)_count; _entry += _backward ? -1 : 1)
            {
                if (!Decode()) continue;
                IsValid = true;
                return;
            }

            if (!Advance())
            {
                IsValid = false;
                return;
            }
        }
    }

    /// <summary>To the next leaf that has something for the moment.</summary>
    private bool Advance()
    {
        for (int level = _path.Count - 1; level >= 0; level--)
        {
            if (Step(level)) return true;
        }

        return false;
    }

    private bool Step(int level)
    {
        (byte[] page, int child) = _path[level];
        int count = IndexPage.Count(page);
        for (child += _backward ? -1 : 1; (uint)child < (uint)count; child += _backward ? -1 : 1)
        {
            (uint number, long minTime, long maxEnd) = ZoneOf(page, child);
            if (_sequence != long.MaxValue && (minTime > _sequence || maxEnd <= _sequence)) continue;
            _path[level] = (page, child);
            byte[] next = _file.Page(number);
            if (level == _path.Count - 1)
            {
                Enter(next);
                _entry = _backward ? _count - 1 : 0;
                return true;
            }

            _path[level + 1] = (next, _backward ? IndexPage.Count(next) : -1);
            if (Step(level + 1)) return true;
        }

        return false;
    }

    private void Enter(byte[] leaf)
    {
        _leaf = leaf;
        _count = IndexPage.Count(leaf);
        _prefixLength = IndexPage.PrefixLength(leaf);
        if (_prefixLength > KeyBytes.Length) KeyBytes = new byte[_prefixLength * 2];
        leaf.AsSpan(IndexPage.LeafHeadBytes, _prefixLength).CopyTo(KeyBytes);
    }

    /// <summary>What an inner page says of a child: where it is, its first time and its last end.</summary>
    public static (uint Page, long MinTime, long MaxEnd) ZoneOf(byte[] page, int child)
    {
        ReadOnlySpan<byte> entry = page.AsSpan(IndexPage.OffsetOf(page, child), 20);
        return (BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[4..]), BinaryPrimitives.ReadInt64LittleEndian(entry[12..]));
    }

    /// <summary>A leaf's entry as far as time goes: a tombstone concerns everybody from its time on.</summary>
    public static (long Time, long End) TimesOf(byte[] leaf, int entry)
    {
        int offset = IndexPage.OffsetOf(leaf, entry);
        offset += (int)IndexPage.ReadVarint(leaf, ref offset);
        IndexRecord record = IndexPage.RecordAt(leaf, offset);
        return (record.Time, record.IsTombstone ? IndexRecord.Living : record.End);
    }

    /// <summary>
    /// Adds the records that a key has in the file and that concern the moment, and its tombstones of later moments: who finds a life wants to know whether it goes on. Almost always one leaf has them all, and no cursor is needed.
    /// </summary>
    public static void Probe(IndexFile file, ReadOnlySpan<byte> key, long sequence, int source, List<(IndexRecord Record, int Source)> found)
    {
        if (file.Header.RootPage == 0) return;
        byte[] page = file.Page(file.Header.RootPage);
        bool mayGoOn = false;
        while (IndexPage.Level(page) > 0)
        {
            int child = Math.Max(0, FirstChildAtOrBehind(page, key, 0) - 1);
            mayGoOn |= child + 1 < IndexPage.Count(page);
            page = file.Page(ChildOf(page, child));
        }

        int prefixLength = IndexPage.PrefixLength(page), count = IndexPage.Count(page);
        int entry = LowerBound(page, prefixLength, key, 0);
        if (entry < count && !key.StartsWith(page.AsSpan(IndexPage.LeafHeadBytes, prefixLength))) return;
        for (; entry < count; entry++)
        {
            int offset = IndexPage.OffsetOf(page, entry);
            int suffix = (int)IndexPage.ReadVarint(page, ref offset);
            if (suffix != key.Length - prefixLength || !page.AsSpan(offset, suffix).SequenceEqual(key[prefixLength..])) return;
            IndexRecord record = IndexPage.RecordAt(page, offset + suffix);
            if (record.IsTombstone || record.Concerns(sequence)) found.Add((record, source));
        }

        if (!mayGoOn) return;
        // The leaf ended before another key came: the next ones may have more, so all is read with a cursor.
        found.RemoveAll(known => known.Source == source);
        var cursor = new IndexFileCursor(file, long.MaxValue, backward: false);
        for (cursor.Seek(key, 0); cursor.IsValid && cursor.Key.SequenceEqual(key); cursor.Next())
        {
            if (cursor.Record.IsTombstone || cursor.Record.Concerns(sequence)) found.Add((cursor.Record, source));
        }
    }

    /// <summary>Reads the entry; false when it doesn't concern the moment.</summary>
    private bool Decode()
    {
        byte[] leaf = _leaf!;
        int offset = IndexPage.OffsetOf(leaf, _entry);
        int suffix = (int)IndexPage.ReadVarint(leaf, ref offset);
        IndexRecord record = IndexPage.RecordAt(leaf, offset + suffix);
        if (!record.Concerns(_sequence)) return false;
        Record = record;
        KeyLength = _prefixLength + suffix;
        if (KeyLength > KeyBytes.Length) Array.Resize(ref KeyBytes, KeyLength * 2);
        leaf.AsSpan(offset, suffix).CopyTo(KeyBytes.AsSpan(_prefixLength));
        return true;
    }

    private static uint ChildOf(byte[] page, int child) => BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(IndexPage.OffsetOf(page, child)));

    private static int FirstChildAtOrBehind(byte[] page, ReadOnlySpan<byte> key, long rowId)
    {
        int low = 0, high = IndexPage.Count(page);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int offset = IndexPage.OffsetOf(page, middle) + 20;
            long row = (long)IndexPage.ReadVarint(page, ref offset);
            int length = (int)IndexPage.ReadVarint(page, ref offset);
            if (Compare(page.AsSpan(offset, length), row, key, rowId) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The leaf's first entry at or behind the key and row.</summary>
    private static int LowerBound(byte[] leaf, int prefixLength, ReadOnlySpan<byte> key, long rowId)
    {
        int count = IndexPage.Count(leaf);
        // All keys of the leaf begin with its prefix: either that decides, or only what comes after it is compared.
        ReadOnlySpan<byte> prefix = leaf.AsSpan(IndexPage.LeafHeadBytes, prefixLength);
        if (!key.StartsWith(prefix)) return key.SequenceCompareTo(prefix) < 0 ? 0 : count;
        ReadOnlySpan<byte> rest = key[prefixLength..];
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int offset = IndexPage.OffsetOf(leaf, middle);
            int suffix = (int)IndexPage.ReadVarint(leaf, ref offset);
            int order = leaf.AsSpan(offset, suffix).SequenceCompareTo(rest);
            if (order == 0)
            {
                offset += suffix;
                order = (IndexPage.BaseRow(leaf) + (long)IndexPage.ReadVarint(leaf, ref offset)).CompareTo(rowId);
            }

            if (order < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}

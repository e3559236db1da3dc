using System.Buffers.Binary;

namespace DriftDb.Storage;

/// <summary>
/// Writes an index file from records in order, bottom up: full leaves one behind the other, the inner pages of each level as they fill, the header at last. A page that is written is never changed, so a crash can't tear
/// what counts.
/// </summary>
internal sealed class IndexFileWriter : IDisposable
{
    private const int FlushBytes = 1 << 20;

    private readonly IFileSystem _files;
    private readonly IFile _file;
    private readonly ulong _identity;
    private readonly long _tableId, _indexId;
    private readonly List<InnerPage> _levels = [];
    private byte[] _pending = new byte[FlushBytes + IndexPage.UnitBytes];
    private int _pendingBytes;
    private uint _nextUnit = 1;
    private long _records, _living, _tombstones;
    private readonly LeafPage _leaf = new();

    public IndexFileWriter(IFileSystem files, IRandom random, string path, long tableId, long indexId)
    {
        _files = files;
        Path = path;
        if (files.Exists(path)) files.Delete(path); // left over from something that didn't finish
        _file = files.Open(path, create: true);
        _identity = random.NextUInt64();
        _tableId = tableId;
        _indexId = indexId;
    }

    public string Path { get; }

    /// <summary>What a TRUNCATE in the file's time did to older files.</summary>
    public long TruncatedAt { get; set; } = long.MaxValue;

    public long RecordCount => _records;

    /// <summary>Takes the next record in order of key, row and time.</summary>
    public void Add(ReadOnlySpan<byte> key, in IndexRecord record)
    {
        if (!_leaf.HasRoom(key, record)) FinishLeaf();
        _leaf.Add(key, record);
        _records++;
        if (record.IsTombstone) _tombstones++;
        else if (record.End == IndexRecord.Living) _living++;
    }

    /// <summary>Writes what is left; the file isn't synced.</summary>
    public IndexFileHeader Finish()
    {
        uint root = 0;
        if (_leaf.Count > 0) FinishLeaf();
        for (int level = 0; level < _levels.Count; level++)
        {
            InnerPage inner = _levels[level];
            bool isTop = level == _levels.Count - 1;
            if (isTop && inner.Count == 1)
            {
                root = inner.OnlyChild;
                break;
            }

            root = FinishInner(level);
        }

        Flush();
        var header = new IndexFileHeader(_identity, _tableId, _indexId, _nextUnit, root, _records, _living, _tombstones, TruncatedAt);
        byte[] page = new byte[IndexPage.UnitBytes];
        header.Write(page);
        _file.Write(0, page);
        return header;
    }

    /// <summary>The finished file, for reading.</summary>
    public IndexFile Open(IndexPageCache cache, IndexFileHeader header)
    {
        _isHandedOver = true;
        return new IndexFile(_files, _file, Path, header, cache);
    }

    private bool _isHandedOver;

    /// <summary>Deletes the file unless it was handed over.</summary>
    public void Dispose()
    {
        if (_isHandedOver) return;
        _isHandedOver = true;
        _file.Dispose();
        _files.Delete(Path);
    }

    private void FinishLeaf()
    {
        byte[] page = _leaf.Encode();
        uint number = Append(page);
        Promote(0, _leaf.FirstKey, _leaf.FirstRow, new ChildZone(number, _leaf.MinTime, _leaf.MaxEnd));
        _leaf.Clear();
    }

    /// <summary>Notes a finished page in the level above it.</summary>
    private void Promote(int level, ReadOnlySpan<byte> firstKey, long firstRow, ChildZone zone)
    {
        if (level == _levels.Count) _levels.Add(new InnerPage());
        if (!_levels[level].HasRoom(firstKey)) FinishInner(level);
        _levels[level].Add(firstKey, firstRow, zone);
    }

    private uint FinishInner(int level)
    {
        InnerPage inner = _levels[level];
        uint number = Append(inner.Encode(level + 1));
        Promote(level + 1, inner.FirstKey, inner.FirstRow, new ChildZone(number, inner.MinTime, inner.MaxEnd));
        inner.Clear();
        return number;
    }

    private uint Append(byte[] page)
    {
        uint number = _nextUnit;
        BinaryPrimitives.WriteUInt32LittleEndian(page, IndexPage.Checksum(page, _identity, number));
        if (_pendingBytes + page.Length > _pending.Length)
        {
            Flush();
            if (page.Length > _pending.Length) _pending = new byte[page.Length];
        }

        page.CopyTo(_pending.AsSpan(_pendingBytes));
        _pendingBytes += page.Length;
        _nextUnit += (uint)(page.Length / IndexPage.UnitBytes);
        return number;
    }

    private void Flush()
    {
        if (_pendingBytes == 0) return;
        _file.Write(_nextUnit * (long)IndexPage.UnitBytes - _pendingBytes, _pending.AsSpan(0, _pendingBytes));
        _pendingBytes = 0;
    }

    /// <summary>What an inner page says of a child: who looks at a moment before its first time, or at or behind its last end, finds nothing in it.</summary>
    internal readonly record struct ChildZone(uint Page, long MinTime, long MaxEnd);

    /// <summary>The leaf being filled.</summary>
    private sealed class LeafPage
    {
        private readonly List<(int Key, int Length, IndexRecord Record)> _entries = [];
        private byte[] _keys = new byte[IndexPage.UnitBytes * 2];
        private int _keyBytes, _prefix;
        private long _minRow, _maxRow, _maxTime, _longest;

        public int Count => _entries.Count;

        public ReadOnlySpan<byte> FirstKey => KeyOf(0);

        public long FirstRow => _entries[0].Record.RowId;

        public long MinTime { get; private set; }

        public long MaxEnd { get; private set; }

        /// <summary>Whether the record fits into the page for sure. An empty page takes any.</summary>
        public bool HasRoom(ReadOnlySpan<byte> key, in IndexRecord record)
        {
            if (Count == 0) return true;
            int prefix = Math.Min(_prefix, FirstKey.CommonPrefixLength(key));
            long minRow = Math.Min(_minRow, record.RowId), maxRow = Math.Max(_maxRow, record.RowId), minTime = Math.Min(MinTime, record.Time), maxTime = Math.Max(_maxTime, record.Time);
            int entry = 3 + IndexPage.VarintBytes((ulong)(maxRow - minRow)) + IndexPage.VarintBytes((ulong)(maxTime - minTime)) + IndexPage.VarintBytes((ulong)Math.Max(_longest, LengthOf(record)) + 2) + 2;
            return IndexPage.LeafHeadBytes + prefix + (_keyBytes + key.Length) - (long)prefix * (Count + 1) + (long)entry * (Count + 1) <= IndexPage.UnitBytes;
        }

        public void Add(ReadOnlySpan<byte> key, in IndexRecord record)
        {
            if (Count == 0)
            {
                (_prefix, _minRow, _maxRow, MinTime, _maxTime, MaxEnd, _longest) = (key.Length, record.RowId, record.RowId, record.Time, record.Time, 0, 0);
            }
            else _prefix = Math.Min(_prefix, FirstKey.CommonPrefixLength(key));

            _minRow = Math.Min(_minRow, record.RowId);
            _maxRow = Math.Max(_maxRow, record.RowId);
            MinTime = Math.Min(MinTime, record.Time);
            _maxTime = Math.Max(_maxTime, record.Time);
            MaxEnd = Math.Max(MaxEnd, record.IsTombstone ? IndexRecord.Living : record.End);
            _longest = Math.Max(_longest, LengthOf(record));
            if (_keyBytes + key.Length > _keys.Length) Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keyBytes + key.Length));
            key.CopyTo(_keys.AsSpan(_keyBytes));
            _entries.Add((_keyBytes, key.Length, record));
            _keyBytes += key.Length;
        }

        public byte[] Encode()
        {
            int bytes = IndexPage.LeafHeadBytes + _prefix;
            Span<byte> scratch = stackalloc byte[40];
            foreach ((_, int length, IndexRecord record) in _entries) bytes += IndexPage.VarintBytes((ulong)(length - _prefix)) + length - _prefix + EncodeNumbers(scratch, record);
            int units = 1;
            while ((long)units * IndexPage.UnitBytes < bytes + Count * IndexPage.OffsetWidth(units)) units++;
            byte[] page = new byte[units * IndexPage.UnitBytes];
            WriteHead(page, 0, Count, units, _prefix, _minRow);
            BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(24), MinTime);
            FirstKey[.._prefix].CopyTo(page.AsSpan(IndexPage.LeafHeadBytes));
            int offset = IndexPage.LeafHeadBytes + _prefix;
            for (int i = 0; i < Count; i++)
            {
                (int key, int length, IndexRecord record) = _entries[i];
                IndexPage.SetOffset(page, i, offset);
                offset += IndexPage.WriteVarint(page.AsSpan(offset), (ulong)(length - _prefix));
                _keys.AsSpan(key + _prefix, length - _prefix).CopyTo(page.AsSpan(offset));
                offset += length - _prefix;
                int numbers = EncodeNumbers(scratch, record);
                scratch[..numbers].CopyTo(page.AsSpan(offset));
                offset += numbers;
            }

            return page;
        }

        public void Clear()
        {
            _entries.Clear();
            _keyBytes = 0;
        }

        private ReadOnlySpan<byte> KeyOf(int entry) => _keys.AsSpan(_entries[entry].Key, _entries[entry].Length);

        private static long LengthOf(in IndexRecord record) => record.End is IndexRecord.Living or IndexRecord.Tombstone ? 0 : record.End - record.Time;

        /// <summary>What became of the life: 0 it lives, 1 the record is a tombstone, n + 1 it lasted n.</summary>
        private int EncodeNumbers(Span<byte> target, in IndexRecord record)
        {
            int length = IndexPage.WriteVarint(target, (ulong)(record.RowId - _minRow));
            length += IndexPage.WriteVarint(target[length..], (ulong)(record.Time - MinTime));
            ulong fate = record.End == IndexRecord.Living ? 0 : record.IsTombstone ? 1 : (ulong)(record.End - record.Time) + 1;
            return length + IndexPage.WriteVarint(target[length..], fate);
        }
    }

    /// <summary>The inner page of one level that is being filled.</summary>
    private sealed class InnerPage
    {
        private const int FixedBytes = 4 + 8 + 8 + 10 + 5;

        private readonly List<(byte[] Key, long Row, ChildZone Zone)> _children = [];
        private long _bytes;

        public int Count => _children.Count;

        public uint OnlyChild => _children[0].Zone.Page;

        public ReadOnlySpan<byte> FirstKey => _children[0].Key;

        public long FirstRow => _children[0].Row;

        public long MinTime => _children.Min(child => child.Zone.MinTime);

        public long MaxEnd => _children.Max(child => child.Zone.MaxEnd);

        /// <summary>A page has at least two children, however long their keys are.</summary>
        public bool HasRoom(ReadOnlySpan<byte> key) => Count < 2 || (Count < ushort.MaxValue && IndexPage.InnerHeadBytes + _bytes + key.Length + FixedBytes + 2 * (Count + 1) <= IndexPage.UnitBytes);

        public void Add(ReadOnlySpan<byte> key, long row, ChildZone zone)
        {
            _children.Add((key.ToArray(), row, zone));
            _bytes += key.Length + FixedBytes;
        }

        public byte[] Encode(int level)
        {
            int units = 1;
            while ((long)units * IndexPage.UnitBytes < IndexPage.InnerHeadBytes + _bytes + Count * IndexPage.OffsetWidth(units)) units++;
            byte[] page = new byte[units * IndexPage.UnitBytes];
            WriteHead(page, level, Count, units, 0, 0);
            int offset = IndexPage.InnerHeadBytes;
            for (int i = 0; i < Count; i++)
            {
                (byte[] key, long row, ChildZone zone) = _children[i];
                IndexPage.SetOffset(page, i, offset);
                Span<byte> target = page.AsSpan(offset);
                BinaryPrimitives.WriteUInt32LittleEndian(target, zone.Page);
                BinaryPrimitives.WriteInt64LittleEndian(target[4..], zone.MinTime);
                BinaryPrimitives.WriteInt64LittleEndian(target[12..], zone.MaxEnd);
                int length = 20 + IndexPage.WriteVarint(target[20..], (ulong)row);
                length += IndexPage.WriteVarint(target[length..], (ulong)key.Length);
                key.CopyTo(target[length..]);
                offset += length + key.Length;
            }

            return page;
        }

        public void Clear()
        {
            _children.Clear();
            _bytes = 0;
        }
    }

    private static void WriteHead(Span<byte> page, int level, int count, int units, int prefix, long baseRow)
    {
        page[4] = (byte)level;
        BinaryPrimitives.WriteUInt16LittleEndian(page[6..], (ushort)count);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], (uint)units);
        BinaryPrimitives.WriteUInt32LittleEndian(page[12..], (uint)prefix);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], baseRow);
    }
}

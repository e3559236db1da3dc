using System.Buffers.Binary;

namespace DriftDb.Storage;

/// <summary>
/// Sorts records by key, row and time: in memory as far as its grant goes; beyond that each sorted part becomes a temporary index file, and the parts are merged at the end (external merge sort, Knuth vol. 3, 5.4).
/// </summary>
internal sealed class IndexSorter : IDisposable
{
    private readonly long _grantBytes;
    private readonly Func<IndexFileWriter>? _newPart;
    private readonly IndexPageCache _cache;
    private readonly List<IndexFile> _parts = [];
    private byte[] _keys = new byte[1 << 12];
    private Item[] _items = new Item[128];
    private int _keyBytes, _count;
    private bool _isSorted = true;
    private long _counted;

    /// <param name="grantBytes">Memory for records before they go to a file.</param>
    /// <param name="newPart">Begins a temporary file; null where there are none, and everything stays in memory.</param>
    /// <param name="cache">Pages of the parts, while they are merged.</param>
    public IndexSorter(long grantBytes, Func<IndexFileWriter>? newPart, IndexPageCache cache)
    {
        _grantBytes = grantBytes;
        _newPart = newPart;
        _cache = cache;
    }

    public long Count { get; private set; }

    /// <summary>Whether everything fits into memory.</summary>
    public bool IsInMemory => _parts.Count == 0;

    public void Add(ReadOnlySpan<byte> key, in IndexRecord record)
    {
        if (_newPart is not null && _count > 0 && (long)_keyBytes + key.Length + (_count + 1L) * Item.SizeBytes > _grantBytes) WritePart();
        if (_keyBytes + key.Length > _keys.Length) Array.Resize(ref _keys, (int)Math.Min(Array.MaxLength, Math.Max(_keys.Length * 2L, _keyBytes + (long)key.Length)));
        if (_count == _items.Length) Array.Resize(ref _items, _items.Length * 2);
        key.CopyTo(_keys.AsSpan(_keyBytes));
        _items[_count] = new Item(PrefixOf(key), _keyBytes, key.Length, record);
        if (_isSorted && _count > 0 && Compare(_items[_count - 1], _items[_count]) > 0) _isSorted = false;
        _keyBytes += key.Length;
        _count++;
        Count++;
        NoteMemory();
    }

    /// <summary>Everything in order. Nothing can be added any more.</summary>
    public IndexMerge Sorted()
    {
        Sort();
        var merge = new IndexMerge();
        merge.Reset(backward: false);
        foreach (IndexFile part in _parts)
        {
            var cursor = new IndexFileCursor(part, long.MaxValue, backward: false);
            cursor.Seek([], 0);
            merge.Add(cursor);
        }

        merge.Add(new ItemCursor(this));
        merge.Start();
        return merge;
    }

    public void Dispose()
    {
        foreach (IndexFile part in _parts)
        {
            part.Close();
            part.Delete();
        }

        _cache.Account.Add(-_counted);
        _counted = 0;
    }

    /// <summary>The first bytes as a number that orders as they do. A value's marker is always 1, so the bytes behind it tell more; NULLs are below or above all values.</summary>
    private static ulong PrefixOf(ReadOnlySpan<byte> key)
    {
        if (key.Length == 0 || key[0] == 0) return 0;
        if (key[0] > 1) return ulong.MaxValue;
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        key[1..Math.Min(9, key.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    private int Compare(in Item a, in Item b)
    {
        if (a.Prefix != b.Prefix) return a.Prefix < b.Prefix ? -1 : 1;
        int order = IndexCursor.Compare(_keys.AsSpan(a.Key, a.KeyLength), a.Record.RowId, _keys.AsSpan(b.Key, b.KeyLength), b.Record.RowId);
        return order != 0 ? order : a.Record.Time.CompareTo(b.Record.Time);
    }

    private void Sort()
    {
        if (_isSorted) return;
        ulong[] prefixes = new ulong[_count];
        int[] order = new int[_count];
        for (int i = 0; i < _count; i++) (prefixes[i], order[i]) = (_items[i].Prefix, i);
        Array.Sort(prefixes, order);
        for (int start = 0, end; start < _count; start = end)
        {
            for (end = start + 1; end < _count && prefixes[end] == prefixes[start];) end++;
            if (end - start > 1) order.AsSpan(start, end - start).Sort((a, b) => Compare(_items[a], _items[b]));
        }

        var sorted = new Item[_count];
        for (int i = 0; i < _count; i++) sorted[i] = _items[order[i]];
        _items = sorted;
        _isSorted = true;
    }

    private void WritePart()
    {
        Sort();
        using IndexFileWriter writer = _newPart!();
        for (int i = 0; i < _count; i++) writer.Add(_keys.AsSpan(_items[i].Key, _items[i].KeyLength), _items[i].Record);
        _parts.Add(writer.Open(_cache, writer.Finish()));
        (_keyBytes, _count, _isSorted) = (0, 0, true);
    }

    private void NoteMemory()
    {
        long bytes = _keys.Length + (long)_items.Length * Item.SizeBytes;
        if (bytes == _counted) return;
        _cache.Account.Add(bytes - _counted);
        _counted = bytes;
    }

    private readonly record struct Item(ulong Prefix, int Key, int KeyLength, IndexRecord Record)
    {
        public const int SizeBytes = 40;
    }

    /// <summary>What stayed in memory.</summary>
    private sealed class ItemCursor : IndexCursor
    {
        private readonly IndexSorter _sorter;
        private int _at;

        public ItemCursor(IndexSorter sorter)
        {
            _sorter = sorter;
            Take();
        }

        public override void Seek(ReadOnlySpan<byte> key, long rowId) => throw new NotSupportedException("What was sorted is read from the beginning to the end.");

        public override void SeekLast() => throw new NotSupportedException("What was sorted is read from the beginning to the end.");

        public override void Next()
        {
            _at++;
            Take();
        }

        private void Take()
        {
            IsValid = _at < _sorter._count;
            if (!IsValid) return;
            ref readonly Item item = ref _sorter._items[_at];
            if (item.KeyLength > KeyBytes.Length) KeyBytes = new byte[item.KeyLength * 2];
            _sorter._keys.AsSpan(item.Key, item.KeyLength).CopyTo(KeyBytes);
            KeyLength = item.KeyLength;
            Record = item.Record;
        }
    }
}

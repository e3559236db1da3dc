using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Row id → a number from 0 on. Few rows are in a dictionary; of many the numbers lie in pages of neighbouring rows, which may be swap space, and only where a page is stays in memory: half a byte a row where all rows of a table are in it.
/// Many may read while nobody writes.
/// </summary>
internal sealed class RowMap
{
    private const int PageBits = 6, PageRows = 1 << PageBits;

    /// <summary>What a page's entry in the dictionary takes, while that grows.</summary>
    private const long PageEntryBytes = 48;

    private readonly Dictionary<long, int> _few = [];
    private Dictionary<long, int>? _pages;
    private PageableList<int>? _numbers;
    private int _count;
    private long _lastPage = long.MinValue;
    private int _lastStart;

    /// <summary>Rows up to which there are no pages.</summary>
    public const int FewRows = 1_024;

    public int Count => _pages is null ? _few.Count : _count;

    /// <summary>What it takes of memory that can't be paged out, beyond the first rows.</summary>
    public long ManagedBytes => _pages is null ? 0 : _pages.Count * PageEntryBytes;

    public int this[long rowId]
    {
        get => TryGetValue(rowId, out int number) ? number : throw new KeyNotFoundException($"row {rowId}");
        set
        {
            if (_pages is null)
            {
                _few[rowId] = value;
                if (_few.Count > FewRows) GoOverToPages();
                return;
            }

            int place = PlaceFor(rowId);
            if (_numbers![place] == 0) _count++;
            _numbers[place] = value + 1;
        }
    }

    public bool TryGetValue(long rowId, out int number)
    {
        if (_pages is null) return _few.TryGetValue(rowId, out number);
        number = 0;
        if (!_pages.TryGetValue(rowId >> PageBits, out int start)) return false;
        number = _numbers![start + (int)(rowId & (PageRows - 1))] - 1;
        return number >= 0;
    }

    public int GetValueOrDefault(long rowId, int otherwise) => TryGetValue(rowId, out int number) ? number : otherwise;

    public bool ContainsKey(long rowId) => TryGetValue(rowId, out _);

    public void Remove(long rowId)
    {
        if (_pages is null)
        {
            _few.Remove(rowId);
            return;
        }

        if (!_pages.TryGetValue(rowId >> PageBits, out int start)) return;
        int place = start + (int)(rowId & (PageRows - 1));
        if (_numbers![place] == 0) return;
        _numbers[place] = 0;
        _count--;
    }

    public void Clear()
    {
        _few.Clear();
        _pages = null;
        _numbers?.Clear();
        _numbers = null;
        _count = 0;
        _lastPage = long.MinValue;
    }

    private void GoOverToPages()
    {
        _pages = [];
        _numbers = new PageableList<int>();
        foreach ((long rowId, int number) in _few) _numbers[PlaceFor(rowId)] = number + 1;
        _count = _few.Count;
        _few.Clear();
    }

    private int PlaceFor(long rowId)
    {
        long page = rowId >> PageBits;
        if (page != _lastPage)
        {
            ref int start = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_pages!, page, out bool exists);
            if (!exists)
            {
                start = _numbers!.Count;
                for (int i = 0; i < PageRows; i++) _numbers.Add(0);
            }

            _lastPage = page;
            _lastStart = start;
        }

        return _lastStart + (int)(rowId & (PageRows - 1));
    }
}

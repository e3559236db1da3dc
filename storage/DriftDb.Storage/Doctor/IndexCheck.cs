using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Compares an index with the versions of its table, both ways and for every moment: each life of a key in the index is one in the table, and each in the table is in the index.</summary>
internal sealed class IndexCheck(StorageIndex index)
{
    private const int MostFindings = 10;

    private readonly List<string> _wrong = [];

    public IReadOnlyList<string> Run()
    {
        if (!index.IsUsable) return _wrong;
        foreach ((long from, long until, IndexReader reader) in index.AllLives()) Compare(from, until, reader);
        return _wrong;
    }

    private void Compare(long from, long until, IndexReader reader)
    {
        // What ended by the table's floor may be gone from either.
        from = Math.Max(from, index.Table.Floor);
        if (from >= until) return;
        ReadView view = index.Table.Store.LatestView;
        using var sorter = new IndexSorter(long.MaxValue, null, index.Table.Store.IndexPages);
        using (var keys = new VersionKeys(index, index.Table.Definition, view))
        {
            while (keys.Next()) sorter.Add(keys.Key, keys.Life);
        }

        IndexMerge sorted = sorter.Sorted();
        bool hasFound = NextFound(reader, from, until, out IndexRecord found), hasExpected = NextExpected(sorted, from, until, out byte[] expectedKey, out IndexRecord expected);
        while ((hasFound || hasExpected) && _wrong.Count < MostFindings)
        {
            int order = !hasFound ? 1 : !hasExpected ? -1 : IndexCursor.Compare(reader.Key, found.RowId, expectedKey, expected.RowId);
            if (order == 0) order = found.Time.CompareTo(expected.Time);
            if (order == 0 && found.End != expected.End) Wrong($"has row {found.RowId} until {found.End}, the table until {expected.End}");
            if (order < 0) Wrong($"has row {found.RowId} from {found.Time} to {found.End}, the table hasn't");
            if (order > 0) Wrong($"lacks row {expected.RowId} from {expected.Time} to {expected.End}");
            if (order <= 0) hasFound = NextFound(reader, from, until, out found);
            if (order >= 0) hasExpected = NextExpected(sorted, from, until, out expectedKey, out expected);
        }
    }

    private static bool NextFound(IndexReader reader, long from, long until, out IndexRecord life)
    {
        while (reader.Next())
        {
            life = Clip(reader.Life, from, until);
            if (Overlaps(life, from, until)) return true;
        }

        life = default;
        return false;
    }

    /// <summary>The next life in the table: versions of a row that follow each other under one key are one.</summary>
    private static bool NextExpected(IndexMerge sorted, long from, long until, out byte[] key, out IndexRecord life)
    {
        while (sorted.IsValid)
        {
            key = sorted.Key.ToArray();
            life = sorted.Record;
            sorted.Next();
            while (sorted.IsValid && sorted.Record.RowId == life.RowId && sorted.Record.Time == life.End && sorted.Key.SequenceEqual(key))
            {
                life = life with { End = sorted.Record.End };
                sorted.Next();
            }

            life = Clip(life, from, until);
            if (Overlaps(life, from, until)) return true;
        }

        key = [];
        life = default;
        return false;
    }

    private static IndexRecord Clip(IndexRecord life, long from, long until) =>
        new(life.RowId, Math.Max(life.Time, from), life.End >= until ? IndexRecord.Living : life.End);

    private static bool Overlaps(IndexRecord life, long from, long until) => life.Time < until && life.End > from;

    private void Wrong(string what) => _wrong.Add($"index {index.Definition.Name} {what}");
}

/// <summary>Every page of an index file: its checksum, its order, and that what pages above say of it holds.</summary>
internal static class IndexFileCheck
{
    /// <summary>Throws XX001 at the first thing that is wrong.</summary>
    public static void Run(IndexFile file)
    {
        for (uint number = 1; number < file.Header.Units;) number += (uint)IndexPage.Units(file.Page(number));
        var cursor = new IndexFileCursor(file, long.MaxValue, backward: false);
        byte[] key = [];
        IndexRecord before = default;
        long records = 0, living = 0, tombstones = 0;
        for (cursor.Seek([], 0); cursor.IsValid; cursor.Next())
        {
            int order = records == 0 ? 1 : IndexCursor.Compare(cursor.Key, cursor.Record.RowId, key, before.RowId);
            if (order == 0) order = cursor.Record.Time.CompareTo(before.Time);
            if (order <= 0) throw file.Damaged(0, $"record {records} isn't behind the one before it");
            key = cursor.Key.ToArray();
            before = cursor.Record;
            records++;
            if (before.IsTombstone) tombstones++;
            else if (before.End == IndexRecord.Living) living++;
        }

        if ((records, living, tombstones) != (file.Header.Records, file.Header.Living, file.Header.Tombstones)) throw file.Damaged(0, $"{records} records were found, the header says {file.Header.Records}");
        if (file.Header.RootPage != 0) CheckZones(file, file.Header.RootPage);
    }

    private static (long MinTime, long MaxEnd) CheckZones(IndexFile file, uint number)
    {
        byte[] page = file.Page(number);
        long minTime = long.MaxValue, maxEnd = 0;
        for (int i = 0; i < IndexPage.Count(page); i++)
        {
            if (IndexPage.Level(page) == 0)
            {
                (long time, long end) = IndexFileCursor.TimesOf(page, i);
                minTime = Math.Min(minTime, time);
                maxEnd = Math.Max(maxEnd, end);
                continue;
            }

            (uint child, long childMin, long childMax) = IndexFileCursor.ZoneOf(page, i);
            if (CheckZones(file, child) != (childMin, childMax)) throw file.Damaged(number, $"the page above says other times of page {child} than it has");
            minTime = Math.Min(minTime, childMin);
            maxEnd = Math.Max(maxEnd, childMax);
        }

        return (minTime, maxEnd);
    }
}

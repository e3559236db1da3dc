namespace DriftDb.Storage;

/// <summary>
/// Writes several parts of an index, oldest first, as one: lives whose end another part knows come together with it. Tombstones of lives in still older parts stay; with the oldest part among them nothing is left open.
/// </summary>
internal static class IndexMerger
{
    /// <param name="parts">Cursors over the parts, oldest first, with the TRUNCATE that each of them has had.</param>
    /// <param name="all">Takes everything.</param>
    /// <param name="living">Takes the lives that go on; null unless a new era begins.</param>
    /// <param name="hasOlder">There are older parts than these.</param>
    /// <param name="floor">The table's: lives that ended by then are left out.</param>
    public static void Write(IReadOnlyList<(IndexCursor Cursor, long TruncatedAt)> parts, IndexFileWriter all, IndexFileWriter? living, bool hasOlder, long floor)
    {
        var merge = new IndexMerge();
        merge.Reset(backward: false);
        long[] endsAt = new long[parts.Count];
        long newer = IndexRecord.Living;
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            endsAt[i] = newer;
            newer = Math.Min(newer, parts[i].TruncatedAt);
        }

        all.TruncatedAt = hasOlder ? newer : IndexRecord.Living;
        foreach ((IndexCursor cursor, _) in parts)
        {
            cursor.Seek([], 0);
            merge.Add(cursor);
        }

        merge.Start();
        byte[] key = new byte[64];
        while (merge.IsValid)
        {
            IndexRecord record = merge.Record;
            if (merge.Key.Length > key.Length) key = new byte[merge.Key.Length * 2];
            merge.Key.CopyTo(key);
            ReadOnlySpan<byte> current = key.AsSpan(0, merge.Key.Length);
            long end = endsAt[merge.Source];
            merge.Next();
            if (record.IsTombstone)
            {
                if (hasOlder) all.Add(current, record);
                continue;
            }

            if (record.End == IndexRecord.Living)
            {
                if (merge.IsValid && merge.Record is { IsTombstone: true } tombstone && tombstone.RowId == record.RowId && merge.Key.SequenceEqual(current))
                {
                    end = tombstone.Time;
                    merge.Next();
                }

                record = record with { End = end };
            }

            if (record.End <= floor) continue;
            all.Add(current, record);
            if (record.End == IndexRecord.Living) living?.Add(current, record);
        }
    }
}

using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Building an index over a table that has rows and a past: every version's key with the time it was in force.</summary>
public sealed unsafe partial class StorageIndex
{
    /// <summary>
    /// Indexes all versions. As of a moment, or only under the commit lock or where no writer can be. Throws 23505 when living rows share a key that must be unique, unless the transaction
    /// has truncated the table, so that they are as good as dead.
    /// </summary>
    internal void Build(TableDefinition definition, bool ignoreDuplicates = false, long moment = long.MaxValue - 1)
    {
        CreateEmpty();
        List<KeyLife> lives = CollectLives(definition, moment);
        if (_hash is not null) BuildHash(lives, ignoreDuplicates);
        if (_tree is not null) BuildTree(lives);
    }

    /// <summary>One entry for each stretch of time during which a row had a key.</summary>
    private List<KeyLife> CollectLives(TableDefinition definition, long moment)
    {
        var lives = new List<KeyLife>();
        var buffer = new TupleBuffer(definition.Layout);
        byte* tuple = buffer.Append();
        var key = new KeyBuilder();
        var versions = new List<RowVersion>();
        long rows = _table.RowIdEnd;
        for (long rowId = 0; rowId < rows; rowId++)
        {
            _table.CollectVersions(rowId, versions, moment);
            for (int i = versions.Count - 1; i >= 0; i--)
            {
                RowVersion version = versions[i];
                long begin = version.BeginSequence, end = version.EndSequence;
                version.CopyTo(tuple, definition);
                if (!KeyOf(tuple, definition, key)) continue;
                if (lives.Count > 0 && lives[^1] is var last && last.RowId == rowId && last.End == begin && last.Key.AsSpan().SequenceEqual(key.Key))
                    lives[^1] = last with { End = end };
                else lives.Add(new KeyLife(key.Key.ToArray(), rowId, begin, end, IsConstrained(key)));
            }
        }

        // The tuple lies in the buffer's pinned memory, which only this reference keeps from the collector.
        GC.KeepAlive(buffer);
        return lives;
    }

    /// <summary>Sorts, unless the entries are in order already, as those of growing keys are.</summary>
    private static void Sort(List<KeyLife> lives, Comparison<KeyLife> comparison)
    {
        for (int i = 1; i < lives.Count; i++)
        {
            if (comparison(lives[i - 1], lives[i]) <= 0) continue;
            lives.Sort(comparison);
            return;
        }
    }

    private void BuildHash(List<KeyLife> lives, bool ignoreDuplicates)
    {
        Sort(lives, static (a, b) => a.Begin.CompareTo(b.Begin));
        foreach (KeyLife life in lives)
        {
            if (!life.IsConstrained) continue;
            long key = IsInteger ? DecodeInteger(life.Key) : HashIndex.HashOf(life.Key);
            if (!ignoreDuplicates && life.End == long.MaxValue && _hash!.LiveRow(key, life.Key) >= 0)
            {
                throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{_definition.Name}\"") { ConstraintName = _definition.Name, TableName = _table.Definition.Name, SchemaName = _table.Definition.SchemaName };
            }

            _hash!.Add(key, life.Key, life.RowId, life.Begin, life.End);
        }
    }

    private void BuildTree(List<KeyLife> lives)
    {
        int dead = lives.Count(life => life.End != long.MaxValue);
        if (dead * 2 > lives.Count)
        {
            // A deep history is replayed in order of time, so that the leaves are split by time as they were when it happened.
            var happenings = new List<(long Sequence, bool IsEnd, KeyLife Life)>();
            foreach (KeyLife life in lives)
            {
                happenings.Add((life.Begin, false, life));
                if (life.End != long.MaxValue) happenings.Add((life.End, true, life));
            }

            happenings.Sort(static (a, b) => a.Sequence != b.Sequence ? a.Sequence.CompareTo(b.Sequence) : b.IsEnd.CompareTo(a.IsEnd));
            foreach ((long sequence, bool isEnd, KeyLife life) in happenings)
            {
                if (isEnd) _tree!.End(life.Key, life.RowId, sequence);
                else _tree!.Add(life.Key, life.RowId, sequence);
            }

            return;
        }

        Sort(lives, static (a, b) =>
        {
            int order = a.Key.AsSpan().SequenceCompareTo(b.Key);
            return order != 0 ? order : a.RowId != b.RowId ? a.RowId.CompareTo(b.RowId) : a.Begin.CompareTo(b.Begin);
        });
        _tree!.Build(lives.Select(life => (life.Key, life.RowId, life.Begin, life.End)));
    }

    private readonly record struct KeyLife(byte[] Key, long RowId, long Begin, long End, bool IsConstrained);
}

namespace DriftDb.Storage;

/// <summary>Every version of every catalog object, by catalog version. Written under the commit lock, read by anyone.</summary>
internal sealed class ObjectStore
{
    private readonly Lock _latch = new();
    private readonly SortedDictionary<(int Kind, long Id), List<ObjectVersion>> _objects = [];
    private readonly List<(long Sequence, long TimeMicros)> _stamps = [(0, long.MinValue)];

    /// <summary>The newest catalog version; version v's stamp is entry v.</summary>
    public long Version { get; private set; }

    public void BeginVersion(long version, long sequence, long timeMicros)
    {
        lock (_latch)
        {
            while (_stamps.Count <= version) _stamps.Add((sequence, timeMicros));
            Version = version;
        }
    }

    /// <summary>The sequence number and the time (µs since 2000) at which a catalog version came into force.</summary>
    public (long Sequence, long TimeMicros) StampOf(long version)
    {
        lock (_latch) return _stamps[(int)Math.Clamp(version, 0, _stamps.Count - 1)];
    }

    public void Add(int kind, long id, long version, long sequence, byte[]? payload)
    {
        lock (_latch)
        {
            if (!_objects.TryGetValue((kind, id), out List<ObjectVersion>? versions)) _objects.Add((kind, id), versions = []);
            versions.Add(new ObjectVersion(version, sequence, payload));
        }
    }

    /// <summary>Objects as of a catalog version, kinds from <paramref name="firstKind"/> on.</summary>
    public List<StoredObject> At(long version, int firstKind)
    {
        var found = new List<StoredObject>();
        lock (_latch)
        {
            foreach (((int kind, long id), List<ObjectVersion> versions) in _objects)
            {
                if (kind < firstKind) continue;
                int i = versions.Count - 1;
                while (i >= 0 && versions[i].CatalogVersion > version) i--;
                if (i >= 0 && versions[i].Payload is { } payload) found.Add(new StoredObject(kind, id, payload, versions[i].CatalogVersion, versions[i].Sequence));
            }
        }

        return found;
    }

    public long VersionAtTime(long timeMicros)
    {
        lock (_latch) return LastWhere(stamp => stamp.TimeMicros <= timeMicros);
    }

    private int LastWhere(Func<(long Sequence, long TimeMicros), bool> holds)
    {
        int low = 0, high = _stamps.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (holds(_stamps[middle])) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private readonly record struct ObjectVersion(long CatalogVersion, long Sequence, byte[]? Payload);
}

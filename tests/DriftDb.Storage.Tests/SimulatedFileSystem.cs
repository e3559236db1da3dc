namespace DriftDb.Storage.Tests;

/// <summary>The disk went away in the middle of a call.</summary>
public sealed class SimulatedCrashException() : Exception("simulated crash");

/// <summary>
/// A disk in memory that may crash at any call. After a crash, what was synced is there; of each 512-byte sector written since, chance decides whether the old or the new content survived; lengths are the old or the new
/// one; and of the directory operations since the last directory sync a prefix survived.
/// </summary>
public sealed class SimulatedFileSystem : IFileSystem
{
    private const int SectorBytes = 512;

    private readonly Dictionary<string, Node> _names = [], _durableNames;
    private readonly List<Action<Dictionary<string, Node>>> _directoryChanges = [];
    private readonly HashSet<string> _directories = [""];
    private bool _isCrashed;

    public SimulatedFileSystem() => _durableNames = [];

    private SimulatedFileSystem(Dictionary<string, Node> names)
    {
        _names = names;
        _durableNames = new Dictionary<string, Node>(names);
        foreach (string name in names.Keys)
        {
            for (int slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1)) _directories.Add(name[..slash]);
        }
    }

    /// <summary>Calls so far that change something.</summary>
    public int Operations { get; private set; }

    /// <summary>The call at which the disk goes away; -1 for never.</summary>
    public int CrashAt { get; set; } = -1;

    /// <summary>Calls of Sync so far.</summary>
    public int Syncs { get; private set; }

    /// <summary>Makes every Sync fail from now on.</summary>
    public bool FailSyncs { get; set; }

    /// <summary>What a machine finds when it comes up again.</summary>
    public SimulatedFileSystem AfterCrash(Random random)
    {
        var survivors = new Dictionary<string, Node>(_durableNames);
        int kept = random.Next(_directoryChanges.Count + 1);
        foreach (Action<Dictionary<string, Node>> change in _directoryChanges.Take(kept)) change(survivors);
        return new SimulatedFileSystem(survivors.ToDictionary(pair => pair.Key, pair => pair.Value.Survive(random)));
    }

    /// <summary>The disk as after a clean shutdown, for damage to be done to.</summary>
    public byte[] Content(string path) => _names[path].Bytes;

    /// <summary>A reader of this disk that shares no code with the store.</summary>
    internal IndependentReader IndependentReader()
    {
        lock (_names) return new IndependentReader(path => _names.TryGetValue(path, out Node? node) ? node.Bytes : null, [.. _names.Keys.Where(name => name.StartsWith("wal/wal.log", StringComparison.Ordinal) && !name.EndsWith(".tmp", StringComparison.Ordinal))]);
    }

    public IFile Open(string path, bool create)
    {
        lock (_names)
        {
            if (!_names.TryGetValue(path, out Node? node))
            {
                if (!create) throw new FileNotFoundException(path);
                Step();
                node = new Node();
                _names[path] = node;
                _directoryChanges.Add(names => names[path] = node);
            }

            return new File(this, node);
        }
    }

    public bool Exists(string path)
    {
        lock (_names) return _names.ContainsKey(path) || _directories.Contains(path);
    }

    public void Rename(string from, string to)
    {
        lock (_names)
        {
            Step();
            Move(_names);
            _directoryChanges.Add(Move);

            void Move(Dictionary<string, Node> names)
            {
                if (!names.Remove(from, out Node? node)) return;
                names[to] = node;
            }
        }
    }

    public void Delete(string path)
    {
        lock (_names)
        {
            Step();
            _names.Remove(path);
            _directoryChanges.Add(names => names.Remove(path));
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_names) _directories.Add(path);
    }

    public IReadOnlyList<string> List(string path)
    {
        string prefix = path.Length == 0 ? "" : path + "/";
        lock (_names) return [.. _names.Keys.Concat(_directories).Where(name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>One queue for all directories: a sync of one makes all durable, as on a journaling file system.</summary>
    public void SyncDirectory(string path)
    {
        lock (_names)
        {
            Step();
            foreach (Action<Dictionary<string, Node>> change in _directoryChanges) change(_durableNames);
            _directoryChanges.Clear();
        }
    }

    public IDisposable? TryLock(string path) => new Nothing();

    private void Step()
    {
        if (_isCrashed) throw new SimulatedCrashException();
        if (Operations++ != CrashAt) return;
        _isCrashed = true;
        throw new SimulatedCrashException();
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed class Node
    {
        public byte[] Bytes = [];
        public byte[] Durable = [];

        public Node Survive(Random random)
        {
            int length = Durable.Length == Bytes.Length || random.Next(2) == 0 ? Bytes.Length : Durable.Length;
            byte[] bytes = new byte[length];
            int mode = random.Next(4); // all new, all old, or by sector
            for (int start = 0; start < length; start += SectorBytes)
            {
                int count = Math.Min(SectorBytes, length - start);
                bool isNew = mode == 0 || (mode != 1 && random.Next(2) == 0);
                byte[] from = isNew ? Bytes : Durable;
                if (start < from.Length) from.AsSpan(start, Math.Min(count, from.Length - start)).CopyTo(bytes.AsSpan(start));
            }

            return new Node { Bytes = bytes, Durable = (byte[])bytes.Clone() };
        }
    }

    private sealed class File(SimulatedFileSystem disk, Node node) : IFile
    {
        public long LengthBytes => node.Bytes.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            lock (disk._names)
            {
                int count = (int)Math.Clamp(node.Bytes.Length - offset, 0, buffer.Length);
                node.Bytes.AsSpan((int)offset, count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._names)
            {
                // A crash during a write leaves any part of it: the part is decided by the survival of its sectors.
                if (offset + bytes.Length > node.Bytes.Length) Array.Resize(ref node.Bytes, (int)offset + bytes.Length);
                bytes.CopyTo(node.Bytes.AsSpan((int)offset));
                disk.Step();
            }
        }

        public void SetLength(long lengthBytes)
        {
            lock (disk._names)
            {
                disk.Step();
                Array.Resize(ref node.Bytes, (int)lengthBytes);
            }
        }

        public void Preallocate(long lengthBytes)
        {
            lock (disk._names)
            {
                disk.Step();
                if (lengthBytes > node.Bytes.Length) Array.Resize(ref node.Bytes, (int)lengthBytes);
            }
        }

        public void Sync(bool dataOnly)
        {
            lock (disk._names)
            {
                disk.Step();
                disk.Syncs++;
                if (disk.FailSyncs) throw new IOException("simulated fsync failure");
                node.Durable = (byte[])node.Bytes.Clone();
            }
        }

        public void Dispose()
        {
        }
    }
}

public sealed class ManualClock : IClock
{
    public long NowMicros { get; set; } = 800_000_000_000_000;
}

public sealed class SeededRandom(int seed) : IRandom
{
    private readonly Random _random = new(seed);

    public ulong NextUInt64() => (ulong)_random.NextInt64();
}

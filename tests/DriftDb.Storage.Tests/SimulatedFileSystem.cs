namespace DriftDb.Storage.Tests;

/// <summary>The disk went away in the middle of a call.</summary>
public sealed class SimulatedCrashException() : Exception("simulated crash");

/// <summary>How a call fails that <see cref="SimulatedFileSystem.FailAt"/> names.</summary>
public enum DiskFault
{
    /// <summary>EIO: nothing happens.</summary>
    Error,
    /// <summary>ENOSPC.</summary>
    NoSpace,
    /// <summary>A write that stops half way.</summary>
    ShortWrite,
}

/// <summary>
/// A disk in memory that may crash or fail at any call. After a crash, what was synced is there; of each 512-byte sector written since, chance decides whether the old or the new content survived; lengths are the old or the
/// new one; and of the creations, renames and deletions in a directory since its last sync a prefix survived, or any of them: they are reordered as some file systems do. A directory that isn't durable itself takes its
/// files along.
/// </summary>
public sealed class SimulatedFileSystem : IFileSystem
{
    private const int SectorBytes = 512;

    private readonly Dictionary<string, Node> _names = [], _durableNames;
    private readonly List<(string Directory, Action<Dictionary<string, Node>> Change)> _directoryChanges = [];
    private readonly HashSet<string> _directories = [""], _durableDirectories = [""];
    private bool _isCrashed;

    public SimulatedFileSystem() => _durableNames = [];

    private SimulatedFileSystem(Dictionary<string, Node> names, IEnumerable<string> directories)
    {
        _names = names;
        _durableNames = new Dictionary<string, Node>(names);
        _directories.UnionWith(directories);
        _durableDirectories.UnionWith(directories);
    }

    /// <summary>Calls so far that change something.</summary>
    public int Operations { get; private set; }

    /// <summary>The call at which the disk goes away; -1 for never.</summary>
    public int CrashAt { get; set; } = -1;

    /// <summary>Calls of Sync so far.</summary>
    public int Syncs { get; private set; }

    /// <summary>Makes every Sync fail from now on.</summary>
    public bool FailSyncs { get; set; }

    /// <summary>The call that fails; -1 for none.</summary>
    public int FailAt { get; set; } = -1;

    /// <summary>Calls after it fail as well.</summary>
    public bool FailsForGood { get; set; }

    public DiskFault Fault { get; set; }

    /// <summary>Whether a call has failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What a machine finds when it comes up again.</summary>
    public SimulatedFileSystem AfterCrash(Random random)
    {
        var survivors = new Dictionary<string, Node>(_durableNames);
        foreach (var directory in _directoryChanges.GroupBy(change => change.Directory))
        {
            int kept = random.Next(directory.Count() + 1);
            bool isReordered = random.Next(2) == 0;
            int number = 0;
            foreach ((_, Action<Dictionary<string, Node>> change) in directory)
            {
                if (isReordered ? random.Next(2) == 0 : number++ < kept) change(survivors);
            }
        }

        HashSet<string> directories = [.. _directories.Where(directory => _durableDirectories.Contains(directory) || random.Next(2) == 0)];
        directories.RemoveWhere(directory => Parents(directory).Any(parent => !directories.Contains(parent)));
        return new SimulatedFileSystem(survivors.Where(pair => directories.Contains(Parent(pair.Key))).ToDictionary(pair => pair.Key, pair => pair.Value.Survive(random)), directories);
    }

    private static string Parent(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";

    private static IEnumerable<string> Parents(string path)
    {
        while (path.Length > 0) yield return path = Parent(path);
    }

    /// <summary>The disk as after a clean shutdown, for damage to be done to.</summary>
    public byte[] Content(string path) => _names[path].Bytes;

    public IReadOnlyList<string> Paths => [.. _names.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The same files, as after a clean shutdown.</summary>
    public SimulatedFileSystem Copy() =>
        new(_names.ToDictionary(pair => pair.Key, pair => new Node { Bytes = (byte[])pair.Value.Bytes.Clone(), Durable = (byte[])pair.Value.Bytes.Clone() }), _directories);

    /// <summary>A reader of this disk that shares no code with the store.</summary>
    internal IndependentReader IndependentReader()
    {
        lock (_names) return new IndependentReader(path => _names.TryGetValue(path, out Node? node) ? node.Bytes : null, [.. _names.Keys.Where(name => name.StartsWith("wal/wal.log", StringComparison.Ordinal) && !name.EndsWith(".tmp", StringComparison.Ordinal))]);
    }

    /// <summary>Called with the path of each file that is created: what happens while something is written.</summary>
    public Action<string>? Created { get; set; }

    public IFile Open(string path, bool create)
    {
        Node? node;
        bool isNew;
        lock (_names)
        {
            isNew = !_names.TryGetValue(path, out node);
            if (node is null)
            {
                if (!create) throw new FileNotFoundException(path);
                Step();
                node = new Node();
                _names[path] = node;
                _directoryChanges.Add((Parent(path), names => names[path] = node));
            }
        }

        if (isNew) Created?.Invoke(path);
        return new File(this, node);
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
            Node node = _names[from];
            Move(_names);
            _directoryChanges.Add((Parent(to), Move));

            void Move(Dictionary<string, Node> names)
            {
                if (names.TryGetValue(from, out Node? there) && ReferenceEquals(there, node)) names.Remove(from);
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
            _directoryChanges.Add((Parent(path), names => names.Remove(path)));
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_names)
        {
            _directories.Add(path);
            _directories.UnionWith(Parents(path));
        }
    }

    public IReadOnlyList<string> List(string path)
    {
        string prefix = path.Length == 0 ? "" : path + "/";
        lock (_names) return [.. _names.Keys.Concat(_directories).Where(name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    public void SyncDirectory(string path)
    {
        lock (_names)
        {
            Step();
            foreach ((string directory, Action<Dictionary<string, Node>> change) in _directoryChanges)
            {
                if (directory == path) change(_durableNames);
            }

            _directoryChanges.RemoveAll(change => change.Directory == path);
            _durableDirectories.UnionWith(_directories.Where(directory => directory.Length > 0 && Parent(directory) == path));
        }
    }

    /// <summary>Another process has the directory.</summary>
    public bool IsLocked { get; set; }

    public IDisposable? TryLock(string path) => IsLocked ? null : new Nothing();

    private void Step()
    {
        if (_isCrashed) throw new SimulatedCrashException();
        int call = Operations++;
        if (call == FailAt || (FailsForGood && FailAt >= 0 && call > FailAt))
        {
            HasFailed = true;
            throw new IOException(Fault == DiskFault.NoSpace ? "No space left on device" : "Input/output error");
        }

        if (call != CrashAt) return;
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
                bool fails = disk.Operations == disk.FailAt || (disk.FailsForGood && disk.FailAt >= 0 && disk.Operations > disk.FailAt);
                if (fails && disk.Fault != DiskFault.ShortWrite) disk.Step();
                if (fails) bytes = bytes[..(bytes.Length / 2)];
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

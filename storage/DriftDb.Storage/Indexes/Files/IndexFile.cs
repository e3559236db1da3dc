using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// An index file, open for reading: immutable, so readers need no locks. The file stays open as long as somebody refers to this object, also after it was deleted; the handle's finaliser closes it.
/// </summary>
internal sealed class IndexFile
{
    private readonly IFileSystem _files;
    private readonly IFile _file;
    private readonly IndexPageCache _cache;
    private readonly byte[]?[] _pages;
    private readonly bool[] _wasUsed;
    private byte[]? _lastKey;

    public IndexFile(IFileSystem files, IFile file, string path, IndexFileHeader header, IndexPageCache cache)
    {
        _files = files;
        _file = file;
        Path = path;
        Header = header;
        _cache = cache;
        _pages = new byte[]?[header.Units];
        _wasUsed = new bool[header.Units];
        Self = new WeakReference<IndexFile>(this);
    }

    public IndexFileHeader Header { get; }

    /// <summary>Where it lies now: below <c>tmp/</c> until a checkpoint takes it over.</summary>
    public string Path { get; private set; }

    public bool IsTemporary => Path.StartsWith(TemporaryFiles.Directory, StringComparison.Ordinal);

    /// <summary>A page turned out to be damaged; the index must be made anew.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The last commit of the deltas that were merged into it since the start; 0 where all of it is older than the process.</summary>
    public long Through { get; set; }

    public long LengthBytes => Header.Units * (long)IndexPage.UnitBytes;

    internal WeakReference<IndexFile> Self { get; }

    /// <summary>Opens a file that a manifest names. Throws XX001 when it isn't that file, or isn't whole.</summary>
    public static IndexFile Open(IFileSystem files, string path, ulong identity, long tableId, long indexId, IndexPageCache cache)
    {
        if (!files.Exists(path)) throw Corrupt(path, 0, "the file is missing");
        IFile file = files.Open(path, create: false);
        byte[] page = new byte[IndexPage.UnitBytes];
        int read = file.Read(0, page);
        if (IndexFileHeader.TryRead(page.AsSpan(0, read)) is { } header && header.Identity == identity && header.TableId == tableId && header.IndexId == indexId
            && file.LengthBytes >= header.Units * (long)IndexPage.UnitBytes) return new IndexFile(files, file, path, header, cache);
        file.Dispose();
        throw Corrupt(path, 0, "the header is damaged, or the file is another or shorter than it should be");
    }

    /// <summary>The page's bytes. Throws XX001 when they aren't what was written.</summary>
    public byte[] Page(uint number)
    {
        if (number < (uint)_pages.Length && Volatile.Read(ref _pages[number]) is { } known)
        {
            // Written only when it changes: the flag's cache line is shared by all readers.
            if (!_wasUsed[number]) _wasUsed[number] = true;
            return known;
        }

        return Load(number);
    }

    /// <summary>The greatest key in the file, alive or not; null in a file without records.</summary>
    public byte[]? LastKey
    {
        get
        {
            if (_lastKey is not null || Header.RootPage == 0) return _lastKey;
            var cursor = new IndexFileCursor(this, long.MaxValue, backward: true);
            cursor.SeekLast();
            return _lastKey = cursor.Key.ToArray();
        }
    }

    /// <summary>Makes it durable where a checkpoint looks for it.</summary>
    public void MoveTo(string path)
    {
        _file.Sync();
        _files.Rename(Path, path);
        Path = path;
    }

    public void Sync() => _file.Sync();

    /// <summary>Nobody needs it any more, but for those who are reading it.</summary>
    public void Delete() => _files.Delete(Path);

    /// <summary>Closes it: at the end, when nobody reads any more.</summary>
    public void Close() => _file.Dispose();

    public bool TakeChance(uint page)
    {
        bool chance = _wasUsed[page];
        _wasUsed[page] = false;
        return chance;
    }

    public void Evict(uint page) => _pages[page] = null;

    private byte[] Load(uint number)
    {
        if (number == 0 || number >= _pages.Length) throw Damaged(number, "a page that doesn't exist is referred to");
        byte[] page = new byte[IndexPage.UnitBytes];
        long offset = number * (long)IndexPage.UnitBytes;
        if (_file.Read(offset, page) != page.Length) throw Damaged(number, "the file is shorter than it should be");
        int units = IndexPage.Units(page);
        if (units < 1 || number + (long)units > _pages.Length) throw Damaged(number, "a page is damaged");
        if (units > 1)
        {
            page = new byte[units * IndexPage.UnitBytes];
            if (_file.Read(offset, page) != page.Length) throw Damaged(number, "the file is shorter than it should be");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(page) != IndexPage.Checksum(page, Header.Identity, number)) throw Damaged(number, "a page is damaged");
        if (Interlocked.CompareExchange(ref _pages[number], page, null) is null) _cache.Note(this, number, page.Length);
        return page;
    }

    public SqlException Damaged(uint page, string what)
    {
        IsDamaged = true;
        return Corrupt(Path, page * (long)IndexPage.UnitBytes, what);
    }

    private static SqlException Corrupt(string path, long offset, string what) => new(SqlState.DataCorrupted, $"corruption in \"{path}\" at byte {offset}: {what}",
        hint: "Index files are derived data: the index is made again when it is next used, or by driftdb doctor --rebuild.");
}

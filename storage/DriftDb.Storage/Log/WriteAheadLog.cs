using System.Buffers.Binary;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>
/// The commit authority: an append-only sequence of files, of which <c>wal/wal.log</c> is the one being written and <c>wal/wal.log.N</c> are the finished ones.
/// </summary>
/// <remarks>
/// Committers append whole transactions to a buffer in commit order. One thread swaps the buffer, writes it with one call behind a batch frame, syncs once for all who wait, and runs their callbacks itself:
/// what arrives during a sync goes with the next one, so groups form by themselves, without a timer. Once a write or sync has failed nobody knows what is on the disk: nothing is
/// acknowledged any more and the fail-fast hook is called.
/// </remarks>
internal sealed class WriteAheadLog : IDisposable
{
    public const string Directory = "wal", CurrentPath = "wal/wal.log";

    private const string TemporaryPath = "wal/wal.log.tmp";

    private readonly IFileSystem _files;
    private readonly StoreOptions _options;
    private readonly Lock _flushLock = new();
    private readonly object _gate = new();
    private readonly Thread? _thread;
    private readonly List<(long Lsn, Action Callback)> _due = [];
    private LogBuffer _active = new(LogBuffer.PartBytes), _writing = new(LogBuffer.PartBytes);
    private List<(long Lsn, Action Callback)> _waiters = [];
    private long _appendedLsn, _durableLsn, _appendedSequence, _durableSequence;
    private bool _stopping, _isPoisoned, _isWriterAsleep;
    private IFile _file;
    private FileHeader _header;
    private long _offset, _currentNumber;

    /// <summary>Starts a new file behind the last one that recovery found.</summary>
    public WriteAheadLog(IFileSystem files, StoreOptions options, FileHeader header, long durableSequence)
    {
        _files = files;
        _options = options;
        _header = header;
        _appendedSequence = _durableSequence = durableSequence;
        _file = CreateFile(files, options, header);
        _offset = FileHeader.LengthBytes;
        _currentNumber = header.Number;
        if (options.ManualLogWriter) return;
        _thread = new Thread(Run) { Name = "DriftDB log writer", IsBackground = true };
        _thread.Start();
    }

    public long DurableLsn => Volatile.Read(ref _durableLsn);

    public long DurableSequence => Volatile.Read(ref _durableSequence);

    public long AppendedLsn => Volatile.Read(ref _appendedLsn);

    /// <summary>A write or sync has failed; nothing is acknowledged any more.</summary>
    public bool IsPoisoned
    {
        get
        {
            lock (_gate) return _isPoisoned;
        }
    }

    /// <summary>Number of the file being written; finished ones have smaller numbers.</summary>
    public long CurrentFileNumber => Volatile.Read(ref _currentNumber);

    /// <summary>Bytes written since the store was opened, for deciding on checkpoints.</summary>
    public long WrittenBytes { get; private set; }

    public static string PathOf(long number) => $"{CurrentPath}.{number}";

    /// <summary>
    /// Appends a transaction's frames; called under the commit lock, so that log order is commit order. May swap buffers with the caller instead of copying; the caller's buffer is clear afterwards.
    /// </summary>
    /// <returns>The log position behind the frames; durable once <see cref="DurableLsn"/> has reached it.</returns>
    public long Append(ref LogBuffer frames, long sequence)
    {
        long lsn;
        lock (_gate)
        {
            if (_isPoisoned) throw new SqlException(SqlState.IoError, "the write-ahead log has failed; the database must be restarted");
            lsn = _appendedLsn + frames.Length;
            if (_active.Length == 0) (_active, frames) = (frames, _active);
            else _active.TakeOver(frames);
            Volatile.Write(ref _appendedLsn, lsn);
            _appendedSequence = sequence;
            if (_isWriterAsleep) Monitor.Pulse(_gate);
        }

        frames.Clear();
        return lsn;
    }

    public void OnDurable(long lsn, Action callback)
    {
        if (lsn > DurableLsn)
        {
            lock (_gate)
            {
                if (lsn > _durableLsn)
                {
                    _waiters.Add((lsn, callback));
                    return;
                }
            }
        }

        callback();
    }

    /// <summary>Writes and syncs what was appended; false when there was nothing.</summary>
    public bool Flush()
    {
        lock (_flushLock)
        {
            long lsn, sequence;
            lock (_gate)
            {
                if (_active.Length == 0 || _isPoisoned) return false;
                (_active, _writing) = (_writing, _active);
                lsn = _appendedLsn;
                sequence = _appendedSequence;
            }

            try
            {
                Write(_writing);
                _writing.Clear();
            }
            catch (Exception exception)
            {
                lock (_gate) _isPoisoned = true;
                _options.FailFast("writing or syncing the write-ahead log failed", exception);
                return false;
            }

            Acknowledge(lsn, sequence);
            return true;
        }
    }

    /// <summary>Finishes the current file and goes on in a new one; returns the number of the new one. All that was appended before is then in finished files.</summary>
    public long Rotate()
    {
        lock (_flushLock)
        {
            Flush();
            lock (_gate)
            {
                if (_isPoisoned) throw new SqlException(SqlState.IoError, "the write-ahead log has failed; the database must be restarted");
            }

            try
            {
                if (_offset > FileHeader.LengthBytes) StartNextFile();
            }
            catch (Exception exception)
            {
                lock (_gate) _isPoisoned = true;
                _options.FailFast("finishing a log file failed", exception);
                throw;
            }

            return _header.Number;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
        _file.Dispose();
    }

    /// <summary>
    /// A shutdown in good order ends the file with one more batch frame, of no events: it says that all before it was synced. So damage to the last write is told apart from a write that never finished, as it is for every write before.
    /// </summary>
    public void WriteClosingFrame()
    {
        lock (_flushLock)
        {
            lock (_gate)
            {
                if (_isPoisoned || _active.Length > 0) return;
            }

            if (_offset == FileHeader.LengthBytes) return;
            if (!_options.SyncCommits) _file.Sync();
            Span<byte> frame = stackalloc byte[LogBuffer.HeadroomBytes];
            frame = frame[..EncodeBatch(frame, _offset, _options.Clock.UnixMs)];
            Frame.Seal(frame, _header.Identity);
            _file.Write(_offset, frame);
            _file.Sync(dataOnly: true);
            _offset += frame.Length;
        }
    }

    /// <summary>Writes the header under a temporary name first: a file called wal.log always has a valid one.</summary>
    private static IFile CreateFile(IFileSystem files, StoreOptions options, FileHeader header)
    {
        if (files.Exists(TemporaryPath)) files.Delete(TemporaryPath);
        IFile file = files.Open(TemporaryPath, create: true);
        Span<byte> bytes = stackalloc byte[FileHeader.LengthBytes];
        header.Write(bytes);
        file.Write(0, bytes);
        file.Preallocate(options.WalFileBytes);
        file.Sync();
        files.Rename(TemporaryPath, CurrentPath);
        files.SyncDirectory(Directory);
        return file;
    }

    private void Write(LogBuffer buffer)
    {
        // The batch frame lies right before the frames, in the headroom: one write. It says that all before it was synced, which tells a torn tail from corruption (decision 0001).
        Span<byte> batch = stackalloc byte[LogBuffer.HeadroomBytes];
        int batchLength = EncodeBatch(batch, _options.SyncCommits ? _offset : 0, _options.Clock.UnixMs);
        long end = _offset;
        if (buffer.Parts.Count > 0) end = WriteParts(buffer, batch[..batchLength]);
        else batch[..batchLength].CopyTo(buffer.Bytes.AsSpan(LogBuffer.HeadroomBytes - batchLength));
        Span<byte> last = buffer.Parts.Count > 0 ? buffer.Frames : buffer.Bytes.AsSpan(LogBuffer.HeadroomBytes - batchLength, batchLength + buffer.Frames.Length);
        Frame.Seal(last, _header.Identity);
        if (last.Length > 0) _file.Write(end, last);
        end += last.Length;
        if (_options.SyncCommits) _file.Sync(dataOnly: true);
        WrittenBytes += end - _offset;
        _offset = end;
        if (_offset >= _options.WalFileBytes) StartNextFile();
    }

    /// <summary>A large group: several writes, but one batch frame and one sync, so that nothing is different for who reads it. Returns where the parts end.</summary>
    private long WriteParts(LogBuffer buffer, Span<byte> batch)
    {
        Frame.Seal(batch, _header.Identity);
        _file.Write(_offset, batch);
        long end = _offset + batch.Length;
        foreach (LogBuffer.Part part in buffer.Parts)
        {
            Frame.Seal(part.Frames, _header.Identity);
            _file.Write(end, part.Frames);
            part.Memory.PageOut();
            end += part.LengthBytes;
        }

        return end;
    }

    internal static int EncodeBatch(Span<byte> target, long syncedThrough, long unixMs)
    {
        int position = 8 + Frame.WriteVarint(target[8..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[position..], unixMs);
        target[position + 8] = (byte)EventType.Batch;
        position += 9;
        target[position] = 0xCF; // MessagePack uint64
        BinaryPrimitives.WriteUInt64BigEndian(target[(position + 1)..], (ulong)syncedThrough);
        position += 9;
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)(position - 8));
        return position;
    }

    private void StartNextFile()
    {
        _file.SetLength(_offset);
        _file.Sync();
        _file.Dispose();
        _files.Rename(CurrentPath, PathOf(_header.Number));
        // Without this sync the next rename could reach the disk alone and replace the file just finished.
        _files.SyncDirectory(Directory);
        _header = new FileHeader(FileHeader.WalMagic, _options.Random.NextUInt64(), _header.Number + 1, _header.Identity, _offset);
        _file = CreateFile(_files, _options, _header);
        _offset = FileHeader.LengthBytes;
        Volatile.Write(ref _currentNumber, _header.Number);
    }

    private void Acknowledge(long lsn, long sequence)
    {
        Volatile.Write(ref _durableSequence, sequence);
        lock (_gate)
        {
            Volatile.Write(ref _durableLsn, lsn);
            List<(long Lsn, Action Callback)> waiters = _waiters;
            if (waiters.Count == 0) return;
            int kept = 0;
            for (int i = 0; i < waiters.Count; i++)
            {
                if (waiters[i].Lsn <= lsn) _due.Add(waiters[i]);
                else waiters[kept++] = waiters[i];
            }

            waiters.RemoveRange(kept, waiters.Count - kept);
        }

        foreach ((_, Action callback) in _due) callback();
        _due.Clear();
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_active.Length == 0 && !_stopping)
                {
                    _isWriterAsleep = true;
                    Monitor.Wait(_gate);
                    _isWriterAsleep = false;
                }

                if (_active.Length == 0 || _isPoisoned) return;
            }

            Flush();
        }
    }
}

namespace DriftDb.Storage;

/// <summary>
/// Memory for pieces of chunks that can be read from snapshots again. First in, first out, with a second chance for chunks that a scan entered since; when the limit is passed the oldest pieces are let go, and the
/// collector frees them as soon as no reader has them any more.
/// </summary>
/// <param name="limitBytes">What it may keep.</param>
/// <param name="takenBytes">What others have taken of it, who can't let go.</param>
internal sealed class ChunkCache(long limitBytes, Func<long>? takenBytes = null)
{
    private const long SmallestCollectionBytes = 8 << 20;

    /// <summary>Caches up to this size wait for the collection: where memory is short, pieces that nobody has any more must be gone before new ones come.</summary>
    private const long LargestWaitingBytes = 1L << 30;

    private readonly Lock _latch = new();
    private readonly Queue<(ColumnChunk Chunk, int Piece, long LengthBytes)> _pieces = new();
    private long _bytes, _evictedBytes, _loads, _collectBytes;

    public long LimitBytes => limitBytes;

    /// <summary>Bytes of evictable pieces in memory.</summary>
    public long ResidentBytes => Volatile.Read(ref _bytes);

    public long EvictedBytes => Volatile.Read(ref _evictedBytes);

    public long Loads => Volatile.Read(ref _loads);

    /// <summary>A piece was read: <paramref name="keep"/> puts it in place, unless the chunk has been brought into memory for good meanwhile, and has rows by now that the piece lacks.</summary>
    public void Load(ColumnChunk chunk, int piece, long lengthBytes, Action keep)
    {
        lock (_latch)
        {
            _loads++;
            if (chunk.Places is null) return;
            keep();
        }

        Note(chunk, piece, lengthBytes);
    }

    /// <summary>Something about a piece changes that <see cref="ColumnChunk.Evict"/> looks at.</summary>
    public void Change(Action change)
    {
        lock (_latch) change();
    }

    /// <summary>A piece that lies in a snapshot as well is in memory.</summary>
    public void Note(ColumnChunk chunk, int piece, long lengthBytes)
    {
        bool collect = false;
        lock (_latch)
        {
            if (chunk.Places is null || (piece == ColumnChunk.EndsPiece && !chunk.TakesNoteOfEnds())) return;
            _pieces.Enqueue((chunk, piece, lengthBytes));
            _bytes += lengthBytes;
            long limit = takenBytes is null ? limitBytes : Math.Max(limitBytes / 4, limitBytes - takenBytes());
            // Once round with second chances, and once without.
            for (int chances = _pieces.Count, turns = 2 * chances; _bytes > limit && turns > 0; chances--, turns--)
            {
                (ColumnChunk Chunk, int Piece, long LengthBytes) oldest = _pieces.Dequeue();
                // The chunk at hand needs its pieces together: without one that has just been let go the next row would bring it back, and push out another.
                if (ReferenceEquals(oldest.Chunk, chunk) || (chances > 0 && oldest.Chunk.TakeChance()))
                {
                    _pieces.Enqueue(oldest);
                    continue;
                }

                oldest.Chunk.Evict(oldest.Piece);
                _bytes -= oldest.LengthBytes;
                _evictedBytes += oldest.LengthBytes;
                _collectBytes += oldest.LengthBytes;
            }

            if (_collectBytes > Math.Max(limitBytes / 8, SmallestCollectionBytes))
            {
                _collectBytes = 0;
                collect = true;
            }
        }

        // Pinned arrays are freed by full collections only, which the runtime wouldn't start for memory that is no longer growing.
        if (collect) GC.Collect(2, GCCollectionMode.Forced, blocking: limitBytes <= LargestWaitingBytes);
    }

    /// <summary>The chunk's pieces are to stay: they are taken off the list, and <paramref name="keep"/> puts them in place before anything else can be let go.</summary>
    public void Withdraw(ColumnChunk chunk, Action keep)
    {
        lock (_latch)
        {
            for (int i = _pieces.Count; i > 0; i--)
            {
                (ColumnChunk Chunk, int Piece, long LengthBytes) piece = _pieces.Dequeue();
                if (ReferenceEquals(piece.Chunk, chunk)) _bytes -= piece.LengthBytes;
                else _pieces.Enqueue(piece);
            }

            keep();
        }
    }
}

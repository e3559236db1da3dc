using System.Globalization;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY FROM: takes its lock, lets the client send or reads the file, stores what came in batches.</summary>
internal sealed class CopyInStep(Session session, TableRelation table, CopyOptions options, int[] columns, string? condition, string? path) : Step
{
    private readonly LockWaiter _waiter = new();
    private CopyLoader? _loader;
    private CopyReader? _reader;
    private Session.SessionMark _mark;

    private FileStream? _file;
    private bool _isNew;
    private byte[]? _chunk;

    public override CopyInput? CopyIn => path is null ? _reader : null;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        _waiter.ThrowIfFailed();
        if (_reader is null)
        {
            session.BeginStatement();
            if (!TemporaryObjects.Owns(table.Oid)) session.RejectReadOnly("COPY FROM");
            session.EnsureTransaction();
            var transaction = session.TransactionOf(table.Oid);
            if (transaction.LockTable(table.Storage, TableLockMode.RowExclusive) == LockOutcome.MustWait) return Wait(transaction);
            transaction.BeginStatement();
            _isNew = !TemporaryObjects.Owns(table.Oid) && session.Database.Catalog.Find(table.Oid) is null || transaction.HasTruncated(table.Storage);
            _mark = session.Mark();
            _loader = new CopyLoader(session, transaction, table, columns, condition);
            if (path is not null) _file = CopyFiles.OpenRead(path);
            _reader = CopyReader.For(options, options.ConversionFor(session), table, columns, _loader, session.Format);
            if (path is null) return RunStatus.CopyIn;
        }

        // Said when the client has sent its data, which it would take for statements else.
        if (options.Freeze && !_isNew) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction");
        if (_file is not null && !_reader.IsFinished) ReadFile();

        if (_reader.Failure is { } message) throw new SqlException(SqlState.QueryCanceled, $"COPY from stdin failed: {message}") { Where = $"COPY {table.Name}, line {_reader.Line}" };
        if (!_reader.IsFinished) return RunStatus.CopyIn;
        if (!_loader!.TryFlush()) return Wait(session.TransactionOf(table.Oid));
        // Rows of an indirect load were checked by their INSERTs.
        while (_loader.IsDirect && session.Catalog.Snapshot.ForeignKeys.Concern(table.Oid) && ReferentialIntegrity.AfterStatement(session, _mark) is not CheckOutcome.Passed and var outcome)
            if (outcome == CheckOutcome.MustWait) return Wait(session.TransactionOf(table.Oid));
        Tag = string.Create(CultureInfo.InvariantCulture, $"COPY {_loader.Count}");
        return RunStatus.Complete;
    }

    private void ReadFile()
    {
        _chunk ??= new byte[CopyFiles.ChunkBytes];
        while (_file!.Read(_chunk) is > 0 and var length) _reader!.Write(_chunk.AsSpan(0, length));
        _reader!.Finish();
        _chunk = null;
    }

    public override void Dispose() => _file?.Dispose();

    public override void OnReady(Action callback) => _waiter.OnGranted(callback);

    private RunStatus Wait(StoreTransaction transaction)
    {
        _waiter.Start(session, transaction.PendingWait!);
        return RunStatus.Wait;
    }
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COMMIT and ROLLBACK, and their AND CHAIN.</summary>
internal sealed class EndBlockStep(Session session, bool isCommit, bool chain) : Step
{
    private CommitStep? _commit;
    private ImmutableArray<TransactionMode> _characteristics = [];

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (_commit is null)
        {
            if (!session.InBlock)
            {
                if (chain) throw new SqlException(SqlState.NoActiveSqlTransaction, $"{(isCommit ? "COMMIT" : "ROLLBACK")} AND CHAIN can only be used in transaction blocks");
                session.Notify("WARNING", SqlState.NoActiveSqlTransaction, "there is no transaction in progress");
            }

            if (chain) _characteristics = session.Characteristics;
            if (!isCommit)
            {
                session.RollbackTransaction();
                return End("ROLLBACK");
            }

            _commit = new CommitStep(session, isImplicit: false, "COMMIT");
        }

        var status = _commit.Advance(sink, maxRows, onWorker);
        return status == RunStatus.Complete ? End(_commit.Tag) : status;
    }

    public override void OnReady(Action callback) => _commit!.OnReady(callback);

    private RunStatus End(string tag)
    {
        Tag = tag;
        if (chain) session.BeginChainedBlock(_characteristics);
        return RunStatus.Complete;
    }
}

using System.Runtime.ExceptionServices;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Planning recurses over a statement in a dozen passes. Up to a hundred levels fit on any thread; what is deeper is planned once more on a thread with a stack for the deepest that is accepted.
/// </summary>
internal static class DeepStack
{
    private const int StackBytes = 256 << 20, LevelsAnywhere = 100, LevelsHere = 4000;

    [ThreadStatic] private static bool _isHere;

    /// <summary>Levels of expressions and queries within each other that this thread has the stack for.</summary>
    public static int MostLevels => _isHere ? LevelsHere : LevelsAnywhere;

    /// <summary>Does the work on this thread, and if that finds that it is too deep for it (54001, or no stack left) again on a thread of its own, while this one waits.</summary>
    public static T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is InsufficientExecutionStackException or SqlException { SqlState: SqlState.StatementTooComplex } && !_isHere)
        {
            return RunDeep(work);
        }
    }

    /// <summary>Does the work on a thread of its own with the big stack, while this one waits. On such a thread already there is no more: 54001.</summary>
    public static T RunDeep<T>(Func<T> work)
    {
        if (_isHere) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                _isHere = true;
                try
                {
                    result = work();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            StackBytes) { Name = "DriftDB deep planning", IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}

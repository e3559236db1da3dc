using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Runs SQL of the system's own inside the session's transaction, to its end, and drops the rows.</summary>
internal static class InternalSql
{
    /// <summary>The number of rows returned or changed.</summary>
    public static long Execute(Session session, string sql) => Execute(session, sql, new CountingSink());

    /// <summary>The same for SQL that reads a relation which only this statement knows.</summary>
    public static long Execute(Session session, string sql, CatalogRelation extra) => Execute(session, sql, new CountingSink(), extra);

    /// <summary>The same for SQL with parameters.</summary>
    public static long Execute(Session session, string sql, ImmutableArray<SqlType> parameterTypes, ParameterRow? parameters)
    {
        var data = Session.AsData(SqlParser.ParseOne(sql).Node) ?? throw new InvalidOperationException("internal SQL is data statements only");
        session.EnsureTransaction();
        return Run(session, session.PlannerWith(null).Plan(data, parameterTypes), parameters, new CountingSink(), readsLatest: false);
    }

    public static long Execute(Session session, string sql, CountingSink sink, CatalogRelation? extra = null, bool readsLatest = false)
    {
        var statement = SqlParser.ParseOne(sql);
        var data = Session.AsData(statement.Node) ?? throw new InvalidOperationException("internal SQL is data statements only");
        session.EnsureTransaction();
        return Run(session, session.PlannerWith(extra).Plan(data, []), null, sink, readsLatest);
    }

    /// <summary>Runs a plan that the user wrote part of to its end: with the user's privileges.</summary>
    public static long RunAsUser(Session session, QueryPlan plan, ParameterRow? parameters, CountingSink sink) => RunWithin(session, plan, parameters, sink, readsLatest: true);

    /// <summary>Runs a plan to its end.</summary>
    private static long Run(Session session, QueryPlan plan, ParameterRow? parameters, CountingSink sink, bool readsLatest)
    {
        bool around = session.IsWithinSystem;
        session.IsWithinSystem = true;
        try
        {
            return RunWithin(session, plan, parameters, sink, readsLatest);
        }
        finally
        {
            session.IsWithinSystem = around;
        }
    }

    private static long RunWithin(Session session, QueryPlan plan, ParameterRow? parameters, CountingSink sink, bool readsLatest)
    {
        using var step = new QueryStep(session, plan, parameters, readsLatest: readsLatest);
        while (true)
        {
            switch (step.Advance(sink, 0, onWorker: true))
            {
                case RunStatus.Complete: return step.Shape is null ? long.Parse(step.Tag.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) : sink.Count;
                case RunStatus.Wait: throw new LockNeededException();
                default: break;
            }
        }
    }

    /// <summary>Counts rows.</summary>
    public class CountingSink : IResultSink
    {
        public long Count { get; private set; }

        public void Describe(ResultShape shape)
        {
        }

        public virtual bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
        {
            Count += count;
            return true;
        }

        public void Complete(string commandTag)
        {
        }

        public void Empty()
        {
        }

        public void CopyOutBegin(int columns, bool isBinary)
        {
        }

        public bool CopyOutData(ReadOnlySpan<byte> data) => true;

        public void CopyOutEnd()
        {
        }
    }
}

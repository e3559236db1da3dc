using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What each stage of the compiler made of one statement.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Ast">The syntax tree, printed back as SQL.</param>
/// <param name="Statement">The syntax tree.</param>
/// <param name="Bound">The typed logical plan.</param>
/// <param name="Stages">The logical plan after each pass, with the rules that fired.</param>
/// <param name="Optimized">The logical plan that was lowered.</param>
/// <param name="Physical">The physical plan.</param>
/// <param name="Query">The compiled query: pipelines and their generated code.</param>
public sealed record CompiledStages(
    string Text, string Ast, Statement Statement, BoundStatement Bound, IReadOnlyList<OptimizerStage> Stages, LogicalPlan Optimized, PhysicalPlan Physical, CompiledQuery Query);

/// <summary>Hands out every stage between SQL text and executable code; nothing is run.</summary>
public sealed class PlanCompiler
{
    private readonly Session _session;

    internal PlanCompiler(Session session) => _session = session;

    /// <summary>Compiles one query or data-changing statement and keeps every stage.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameterTypes">Types of $1, $2, … as far as they are to be given; the others are inferred.</param>
    public CompiledStages Compile(string sql, params SqlType[] parameterTypes)
    {
        var statement = SqlParser.ParseOne(sql);
        var data = Session.AsData(statement.Node) ?? throw new SqlException(SqlState.FeatureNotSupported, "only queries and data-changing statements are compiled", statement.Span);
        var plan = _session.Planner.Plan(data, parameterTypes, keepStages: true);
        return new CompiledStages(sql, SqlPrinter.Print(statement), statement, plan.Bound, plan.Optimized.Stages, plan.Optimized.Logical, plan.Optimized.Physical, plan.Query);
    }
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>EXPLAIN.</summary>
internal sealed class ExplainStep(Session session, StatementNode.Explain statement, string text, ParameterRow? parameters) : Step
{
    public override ResultShape Shape => UtilityStatements.ExplainShape;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        _ = (session, statement, text, parameters);
        throw TableBuilder.Unsupported("EXPLAIN", SourceSpan.None);
    }
}

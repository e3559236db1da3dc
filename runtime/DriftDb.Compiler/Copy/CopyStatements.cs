using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY: makes the step for its direction.</summary>
internal static class CopyStatements
{
    public static Step Make(Session session, CopyStatement copy, string text, Statement statement) => throw TableBuilder.Unsupported("COPY", copy.Span);
}

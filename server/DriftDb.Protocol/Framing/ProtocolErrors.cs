using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>Violations of the protocol (08P01), in PostgreSQL's words.</summary>
public static class ProtocolErrors
{
    /// <summary>The connection can't go on.</summary>
    public static SqlException Fatal(string message) => new(SqlState.ProtocolViolation, message) { IsFatal = true };

    /// <summary>One message was wrong inside its frame; the next one is where it should be.</summary>
    public static SqlException BadMessage(string message) => new(SqlState.ProtocolViolation, message);
}

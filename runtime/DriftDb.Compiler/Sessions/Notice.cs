namespace DriftDb.Compiler;

/// <summary>A NoticeResponse: a warning or hint that isn't an error.</summary>
/// <param name="Severity"><c>NOTICE</c>, <c>WARNING</c>, <c>INFO</c>.</param>
public sealed record Notice(string Severity, string SqlState, string Message, string? Detail = null, string? Hint = null);

/// <summary>A message of NOTIFY for a session that listens.</summary>
public sealed record Notification(int ProcessId, string Channel, string Payload);

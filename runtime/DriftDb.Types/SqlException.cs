namespace DriftDb.Types;

/// <summary>
/// The one exception that a user's statement may cause: an SQLSTATE, a message in PostgreSQL's words, and what a client may want beside it.
/// Whatever else escapes is a bug (reported as XX000).
/// </summary>
public sealed class SqlException : Exception
{
    public SqlException(string sqlState, string message, SourceSpan span = default, string? detail = null, string? hint = null, Exception? inner = null)
        : base(message, inner)
    {
        SqlState = sqlState;
        Span = span == default ? SourceSpan.None : span;
        Detail = detail;
        Hint = hint;
    }

    /// <summary>Five characters, see <see cref="Types.SqlState"/>.</summary>
    public string SqlState { get; }

    /// <summary>Where in the statement's text; <see cref="SourceSpan.None"/> when the error has no place there. The wire's position is 1-based, in characters.</summary>
    public SourceSpan Span { get; init; }

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>The error's context ("where" field), for example <c>COPY t, line 2, column a: "x"</c>.</summary>
    public string? Where { get; init; }

    public string? SchemaName { get; init; }

    public string? TableName { get; init; }

    public string? ColumnName { get; init; }

    public string? DataTypeName { get; init; }

    public string? ConstraintName { get; init; }

    /// <summary>The PostgreSQL routine whose name some clients compare (field R); null for none.</summary>
    public string? Routine { get; init; }

    /// <summary>FATAL ends the session; everything else is an ERROR that ends the statement.</summary>
    public bool IsFatal { get; init; }

    /// <summary>The same error at another place, or at none.</summary>
    public SqlException At(SourceSpan span) => new(SqlState, Message, span, Detail, Hint, this)
    {
        Where = Where, SchemaName = SchemaName, TableName = TableName, ColumnName = ColumnName, DataTypeName = DataTypeName, ConstraintName = ConstraintName, Routine = Routine, IsFatal = IsFatal,
    };

    public override string ToString() => $"{SqlState}: {Message} {Span}\n{base.ToString()}";
}

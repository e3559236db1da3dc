namespace DriftDb.Binder

open DriftDb.Types

/// The binder's errors, in PostgreSQL's words.
module internal Errors =
    let fail sqlState (span: SourceSpan) message : 'a = raise (SqlException(sqlState, message, span))

    let failWithHint sqlState (span: SourceSpan) message hint : 'a =
        raise (SqlException(sqlState, message, span, null, hint))

    let failWithDetail sqlState (span: SourceSpan) message detail : 'a =
        raise (SqlException(sqlState, message, span, detail, null))

    let unsupported span feature : 'a = fail SqlState.FeatureNotSupported span $"{feature} is not supported"

    let undefinedTable span name : 'a = fail SqlState.UndefinedTable span $"relation \"{name}\" does not exist"

    let castHint = "No operator matches the given name and argument types. You might need to add explicit type casts."

    let functionHint = "No function matches the given name and argument types. You might need to add explicit type casts."

using System.Collections.Immutable;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>RAISE: a message for the client, or an error.</summary>
internal sealed class Raise(BlockRaise raise, ImmutableArray<EmbeddedQuery> arguments, ImmutableArray<(string Name, EmbeddedQuery Value)> options) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        if (raise.IsAgain)
        {
            throw run.Handled?.At(SourceSpan.None)
                ?? new SqlException(SqlState.StackedDiagnosticsAccessedWithoutActiveHandler, "RAISE without parameters cannot be used outside an exception handler");
        }

        var given = new Dictionary<string, string>();
        foreach (var (name, value) in options)
        {
            string text = run.TextOf(value) ?? throw new SqlException(SqlState.NullValueNotAllowed, "RAISE statement option cannot be null");
            if (!given.TryAdd(name, text)) throw Twice(name);
        }

        string? state = raise.Condition is null ? null : ConditionNames.Of(raise.Condition.Value)[0];
        if (given.TryGetValue("errcode", out string? code)) state = state is null ? ConditionNames.Parse(code) : throw Twice("errcode");
        string? message = raise.Format is null ? null : Format(run, raise.Format.Value);
        if (given.TryGetValue("message", out string? option)) message = message is null ? option : throw Twice("message");
        message ??= raise.Condition?.Value is BlockCondition.Named named ? named.Name : state ?? "unspecified error";
        string? detail = given.GetValueOrDefault("detail"), hint = given.GetValueOrDefault("hint");
        if (!raise.Level.IsException)
        {
            run.Session.Notify(raise.Level.ToString().ToUpperInvariant(), state ?? (raise.Level.IsWarning ? SqlState.Warning : SqlState.SuccessfulCompletion), message, detail, hint);
            return next;
        }

        throw new SqlException(state ?? SqlState.RaiseException, message, SourceSpan.None, detail, hint)
        {
            ColumnName = given.GetValueOrDefault("column"), ConstraintName = given.GetValueOrDefault("constraint"), DataTypeName = given.GetValueOrDefault("datatype"),
            TableName = given.GetValueOrDefault("table"), SchemaName = given.GetValueOrDefault("schema"),
        };
    }

    private static SqlException Twice(string option) => new(SqlState.SyntaxError, $"RAISE option already specified: {option.ToUpperInvariant()}");

    /// <summary>Each % becomes the next argument's text, %% one percent sign.</summary>
    private string Format(BlockRun run, string format)
    {
        var text = new StringBuilder();
        int argument = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%') text.Append(format[i]);
            else if (i + 1 < format.Length && format[i + 1] == '%')
            {
                text.Append('%');
                i++;
            }
            else text.Append(run.TextOf(arguments[argument++]) ?? "<NULL>");
        }

        return text.ToString();
    }
}

/// <summary>ASSERT, unless plpgsql.check_asserts is off.</summary>
internal sealed class Assertion(EmbeddedQuery condition, EmbeddedQuery? message) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        if (run.Session.Settings.Get("plpgsql.check_asserts") is "off" or "false" or "no" or "0" || run.IsTrue(condition)) return next;
        throw new SqlException(SqlState.AssertFailure, (message is null ? null : run.TextOf(message)) ?? "assertion failed");
    }
}

/// <summary>GET DIAGNOSTICS, GET STACKED DIAGNOSTICS.</summary>
internal sealed class Diagnostics(bool isStacked, ImmutableArray<(AssignmentTarget Target, string Item)> items) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var error = run.Handled;
        if (isStacked && error is null)
            throw new SqlException(SqlState.StackedDiagnosticsAccessedWithoutActiveHandler, "GET STACKED DIAGNOSTICS cannot be used outside an exception handler");
        foreach (var (target, item) in items)
        {
            if (item == "row_count")
            {
                target.Assign(run, run.RowCount, SqlType.Int8);
                continue;
            }

            string? text = item switch
            {
                "returned_sqlstate" => error!.SqlState,
                "message_text" => error!.Message,
                "pg_exception_detail" => error!.Detail,
                "pg_exception_hint" => error!.Hint,
                "column_name" => error!.ColumnName,
                "constraint_name" => error!.ConstraintName,
                "pg_datatype_name" => error!.DataTypeName,
                "table_name" => error!.TableName,
                "schema_name" => error!.SchemaName,
                // Errors carry no call stack.
                _ => "",
            };
            target.Assign(run, Encoding.UTF8.GetBytes(text ?? ""), SqlType.Text);
        }

        return next;
    }
}

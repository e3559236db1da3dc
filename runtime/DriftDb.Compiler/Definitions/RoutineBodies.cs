using DriftDb.Frontend;

namespace DriftDb.Compiler;

/// <summary>Bodies of routines that aren't strings (RETURN x, BEGIN ATOMIC …): their statements, and their text with the statements written in another way.</summary>
internal static class RoutineBodies
{
    private const string Return = "RETURN ", Select = "SELECT ";

    /// <summary>The statements that read or change data, each with its text; RETURN x as the query that stands for it.</summary>
    public static IEnumerable<(string Text, DataStatement Node)> Statements(RoutineObject routine)
    {
        foreach (string text in routine.Body)
            if (Session.AsData(SqlParser.ParseOne(text).Node) is { } data) yield return (text, data);
    }

    /// <param name="routine">A routine whose body isn't a string.</param>
    /// <param name="rewrite">The new text of a statement, given its text, the statement, and whether it stands for a RETURN.</param>
    public static RoutineObject Rewritten(RoutineObject routine, Func<string, DataStatement, bool, string> rewrite)
    {
        string source = routine.Source;
        var body = routine.Body.ToArray();
        foreach (var (text, node) in Statements(routine))
        {
            bool isReturn = !source.Contains(text, StringComparison.Ordinal);
            string changed = rewrite(text, node, isReturn);
            source = isReturn ? source.Replace(Return + text[Select.Length..], Return + changed[Select.Length..], StringComparison.Ordinal) : source.Replace(text, changed, StringComparison.Ordinal);
            for (int i = 0; i < body.Length; i++)
                if (body[i] == text) body[i] = changed;
        }

        return routine with { Source = source, Body = body };
    }
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Options and SET clauses of functions and procedures, in CREATE and in ALTER.</summary>
internal sealed partial class DefinitionExecutor
{
    /// <summary>42601 for two options that speak of the same, 42P13 for one that a procedure hasn't, 0A000 for what can't be had.</summary>
    private static void CheckOptions(IEnumerable<NamedOption> options, bool isProcedure)
    {
        var given = new HashSet<string>();
        foreach (var option in options)
        {
            string subject = SubjectOf(option.Name);
            if (isProcedure && (subject is "volatility" or "null input" or "leakproof" or "cost" or "rows" or "parallel" or "support" or "window"))
                throw new SqlException(SqlState.InvalidFunctionDefinition, "invalid attribute in procedure definition", option.Span);
            if (!given.Add(subject)) throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", option.Span);
            if (option.Name is "window" or "support") throw TableBuilder.Unsupported($"{option.Name.ToUpperInvariant()} of a function", option.Span);
            if (option.Name.StartsWith("dynamic", StringComparison.Ordinal) && option.Name != "dynamic result sets 0") throw TableBuilder.Unsupported("DYNAMIC RESULT SETS", option.Span);
        }
    }

    private static string SubjectOf(string option) => option switch
    {
        "immutable" or "stable" or "volatile" => "volatility",
        "strict" or "called on null input" => "null input",
        "security definer" or "security invoker" or "external security definer" or "external security invoker" => "security",
        "leakproof" or "not leakproof" => "leakproof",
        _ => option,
    };

    /// <summary>The routine as the options make it. What speaks of costs and workers changes no answer.</summary>
    private RoutineObject WithOptions(RoutineObject routine, IEnumerable<NamedOption> options, IEnumerable<SettingChange> settings)
    {
        foreach (var option in options)
        {
            routine = option.Name switch
            {
                "immutable" or "deterministic" => routine with { Volatility = 'i' },
                "stable" => routine with { Volatility = 's' },
                "volatile" => routine with { Volatility = 'v' },
                "strict" => routine with { IsStrict = true },
                "called on null input" => routine with { IsStrict = false },
                "security definer" or "external security definer" => routine with { IsSecurityDefiner = true },
                "security invoker" or "external security invoker" => routine with { IsSecurityDefiner = false },
                _ => routine,
            };
        }

        foreach (var setting in settings) routine = routine with { Settings = Changed(routine.Settings, setting.Setting, setting.Value) };
        return routine;
    }

    /// <summary>Checks the body under the settings that it will run with. A body that isn't a string means what it means to the session that makes it.</summary>
    private void ValidateInScope(RoutineObject stored, CreateFunctionStatement create)
    {
        using var scope = stored.IsStandard ? null : RoutineScope.Enter(session, stored with { IsSecurityDefiner = false });
        if (stored.IsProcedural) ValidateProcedural(stored, create);
        else Validate(stored);
    }

    /// <summary>ALTER FUNCTION, PROCEDURE and ROUTINE with options.</summary>
    private string AlterFunctionOptions(StatementNode.AlterFunctionOptions alter)
    {
        string kind = SqlPrinter.KindText(alter.Function.Kind).ToLowerInvariant();
        var routine = FindRoutine(alter.Function, required: true)!;
        if (!alter.Function.Kind.IsRoutine && routine.IsProcedure != alter.Function.Kind.IsProcedure) throw new SqlException(SqlState.WrongObjectType, $"{routine.SignatureText} is not a {kind}");
        if (!Access.IsOwner(routine.OwnerOid)) throw AccessControl.NotOwner(routine.IsProcedure ? "procedure" : "function", routine.Name);
        CheckOptions(alter.Options, routine.IsProcedure);
        Put(ObjectKindNumber.Routine, routine.Oid, WithOptions(routine, alter.Options, alter.Settings));
        return $"ALTER {kind.ToUpperInvariant()}";
    }
}

using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary><c>target := expression</c></summary>
internal sealed class Assign(AssignmentTarget target, EmbeddedQuery value) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var (result, type) = value.Evaluate(run);
        target.Assign(run, result, type);
        return next;
    }
}

/// <summary>A block begins: its variable has its default, or NULL. A block that is entered again sets it again.</summary>
internal sealed class Declare(BlockVariable variable, AssignmentTarget target, EmbeddedQuery? value) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.Types[variable.Number] = variable.Type;
        run.Values[variable.Number] = null;
        if (value is null) return next;
        var (result, type) = value.Evaluate(run);
        target.Assign(run, result, type);
        return next;
    }
}

/// <summary>The operand of CASE: its variable takes the type that the operand has.</summary>
internal sealed class AssignOperand(BlockVariable variable, EmbeddedQuery value) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        (run.Values[variable.Number], run.Types[variable.Number]) = value.Evaluate(run);
        return next;
    }
}

/// <summary>No WHEN of a CASE without ELSE was right.</summary>
internal sealed class CaseNotFound : BlockInstruction
{
    public override int Execute(BlockRun run, int next) => throw new SqlException(SqlState.CaseNotFound, "case not found", hint: "CASE statement is missing ELSE part.");
}

using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>A parameter of a stored routine. Mode as in pg_proc.proargmodes: 'i' in, 'o' out, 'b' both, 'v' variadic, 't' a column of RETURNS TABLE.</summary>
[MessagePackObject]
public sealed record RoutineParameterObject
{
    [Key(0)] public required string Name { get; init; }

    [Key(1)] public required StoredType Type { get; init; }

    [Key(2)] public char Mode { get; init; } = 'i';

    [Key(3)] public string? DefaultText { get; init; }

    /// <summary>The body can read it: IN, INOUT and VARIADIC.</summary>
    [IgnoreMember] public bool IsInput => Mode is 'i' or 'b' or 'v';

    /// <summary>The body sets it: OUT and INOUT.</summary>
    [IgnoreMember] public bool IsOutput => Mode is 'o' or 'b';
}

/// <summary>A function or procedure as it is stored.</summary>
[MessagePackObject]
public sealed record RoutineObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Schema { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public bool IsProcedure { get; init; }

    [Key(4)] public required RoutineParameterObject[] Parameters { get; init; }

    /// <summary>The type of RETURNS; void for a procedure.</summary>
    [Key(5)] public required StoredType ReturnType { get; init; }

    [Key(6)] public bool ReturnsSet { get; init; }

    /// <summary>'i' immutable, 's' stable, 'v' volatile.</summary>
    [Key(7)] public char Volatility { get; init; } = 'v';

    [Key(8)] public bool IsStrict { get; init; }

    /// <summary>The body as CREATE FUNCTION gave it: a string's contents, or the text of the standard's form.</summary>
    [Key(9)] public required string Source { get; init; }

    /// <summary>The body is in the standard's form: RETURN, BEGIN ATOMIC, a statement.</summary>
    [Key(10)] public bool IsStandard { get; init; }

    /// <summary>The statements, each as SQL.</summary>
    [Key(11)] public required string[] Body { get; init; }

    /// <summary><c>sql</c> or <c>plpgsql</c>, whose text is <see cref="Source"/>, with no statements.</summary>
    [Key(12)] public string Language { get; init; } = "sql";

    /// <summary>A language whose body is run, not bound in the place of its call.</summary>
    [IgnoreMember] public bool IsProcedural => Language == "plpgsql";

    /// <summary>SECURITY DEFINER: the body has its owner's rights, not the caller's.</summary>
    [Key(13)] public bool IsSecurityDefiner { get; init; }

    /// <summary>What SET clauses give the body, each <c>name=value</c> as in pg_proc.proconfig.</summary>
    [Key(14)] public string[] Settings { get; init; } = [];

    [Key(20)] public int Owner { get; init; }

    [Key(21)] public AclEntry[]? Acl { get; init; }

    [IgnoreMember] public int OwnerOid => Owner == 0 ? WellKnownOids.Superuser : Owner;

    /// <summary>What a call gives: the input parameters of a function; CALL has a place for a procedure's OUT parameters, too.</summary>
    [IgnoreMember] public IEnumerable<RoutineParameterObject> CallParameters => Parameters.Where(parameter => parameter.IsInput || IsProcedure);

    /// <summary>Types of what a call gives, by which overloads are told apart.</summary>
    [IgnoreMember] public StoredType[] InputTypes => [.. CallParameters.Select(parameter => parameter.Type)];

    /// <summary><c>f(integer, text)</c></summary>
    [IgnoreMember] public string SignatureText => $"{Name}({string.Join(", ", Parameters.Where(parameter => parameter.IsInput).Select(parameter => parameter.Type.ToSqlType().WithoutTypmod()))})";

    /// <summary>Runs with other rights or settings than its caller has: see <see cref="RoutineScope"/>.</summary>
    [IgnoreMember] public bool HasScope => IsSecurityDefiner || Settings.Length > 0;

    /// <summary>The body is one query of SQL, which changes nothing, and means in the caller's place what it means in its own.</summary>
    [IgnoreMember] private bool IsInlined => !IsProcedural && !HasScope && Body.Length == 1 && SqlParser.ParseOne(Body[0]).Node is StatementNode.Query { Item: var query } && !DefinitionExecutor.WritesData(query);

    internal Routine ToRoutine()
    {
        var columns = Parameters.Where(parameter => parameter.IsOutput || parameter.Mode == 't').Select((parameter, i) => (parameter.Name == "" ? $"column{i + 1}" : parameter.Name, parameter.Type.ToSqlType())).ToList();
        bool isValue = columns.Count == 1 && !ReturnsSet && !IsProcedure;
        return new Routine
        {
            Oid = Oid, Schema = Schema, Name = Name, IsProcedure = IsProcedure,
            Parameters = [.. CallParameters.Select(parameter => new RoutineParameter(parameter.Name, parameter.Type.ToSqlType(), parameter.DefaultText, parameter.Mode == 'v'))],
            // One OUT parameter of a function is its value; several are columns.
            ReturnType = isValue ? columns[0].Item2 : ReturnType.ToSqlType(),
            ReturnColumns = isValue ? [] : [.. columns],
            ReturnsSet = ReturnsSet, IsStrict = IsStrict, Body = [.. Body], IsInlined = IsInlined,
            Implementation = IsProcedural || !IsProcedure ? RoutineCall.Value : null, RowsImplementation = IsProcedural || !IsProcedure ? RoutineCall.Rows : null,
            Volatility = Volatility switch { 'i' => Plan.Volatility.Immutable, 's' => Plan.Volatility.Stable, _ => Plan.Volatility.Volatile },
        };
    }
}

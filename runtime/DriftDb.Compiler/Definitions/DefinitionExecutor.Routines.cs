using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE, ALTER and DROP FUNCTION and PROCEDURE. A body is SQL: it is bound when it is made, so that most of its faults show then.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateFunction(CreateFunctionStatement create)
    {
        string tag = create.IsProcedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
        string language = create.Language?.Value ?? (create.Body?.Value is FunctionBody.Text ? throw new SqlException(SqlState.InvalidFunctionDefinition, "no language specified") : "sql");
        if (language is not ("sql" or "plpgsql")) throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist", hint: "There are plpgsql and sql.");
        if (create.Body is null) throw new SqlException(SqlState.InvalidFunctionDefinition, "no function body specified");
        CheckOptions(create.Options, create.IsProcedure);
        string schema = Names.SchemaForNew(session, create.Name, Persistence.Permanent);
        var parameters = Parameters(create).ToArray();
        var (source, body) = language == "plpgsql" ? ProceduralBody(create) : Body(create);
        var returnType = create.Result switch
        {
            FunctionResult.Type type => ResolveType(type.Type),
            _ when parameters.Any(parameter => parameter.IsOutput || parameter.Mode == 't') => SqlType.Record,
            _ when create.IsProcedure => SqlType.Void,
            _ => throw new SqlException(SqlState.InvalidFunctionDefinition, "function result type must be specified"),
        };
        var routine = new RoutineObject
        {
            Oid = 0, Schema = schema, Name = create.Name.Last, IsProcedure = create.IsProcedure, Parameters = parameters, ReturnType = StoredType.From(returnType),
            ReturnsSet = create.Result.IsTable || create.Result is FunctionResult.Type { Type.SetOf: true },
            Language = language, Source = source, IsStandard = create.Body.Value is not FunctionBody.Text, Body = body, Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Function, schema),
        };
        routine = WithOptions(routine, create.Options, create.Settings);
        var existing = session.Catalog.Snapshot.Routines[(schema, routine.Name)].FirstOrDefault(other => other.InputTypes.Select(type => type.TypeOid).SequenceEqual(routine.InputTypes.Select(type => type.TypeOid)));
        if (existing is not null)
        {
            if (!create.OrReplace) throw new SqlException(SqlState.DuplicateFunction, $"function \"{routine.Name}\" already exists with same argument types");
            if (!Access.IsOwner(existing.OwnerOid)) throw AccessControl.NotOwner(existing.IsProcedure ? "procedure" : "function", existing.Name);
            if (existing.IsProcedure != routine.IsProcedure) throw new SqlException(SqlState.WrongObjectType, "cannot change routine kind", detail: $"\"{existing.Name}\" is a {(existing.IsProcedure ? "procedure" : "function")}.");
            if (existing.ReturnType != routine.ReturnType || existing.ReturnsSet != routine.ReturnsSet)
                throw new SqlException(SqlState.InvalidFunctionDefinition, "cannot change return type of existing function", hint: $"Use DROP FUNCTION {existing.SignatureText} first.");
            routine = routine with { Oid = existing.Oid, Owner = existing.Owner, Acl = existing.Acl };
        }
        else
        {
            routine = routine with { Oid = NewOid(schema) };
        }

        Put(ObjectKindNumber.Routine, routine.Oid, routine);
        ValidateInScope(routine, create);
        if (routine.IsStandard) Put(ObjectKindNumber.Routine, routine.Oid, WithResolvedBody(routine));
        return tag;
    }

    private IEnumerable<RoutineParameterObject> Parameters(CreateFunctionStatement create)
    {
        bool hasDefault = false, isVariadic = false;
        foreach (var parameter in create.Parameters)
        {
            char mode = parameter.Mode.IsOut ? 'o' : parameter.Mode.IsInOut ? 'b' : parameter.Mode.IsVariadic ? 'v' : 'i';
            var type = ResolveType(parameter.Type);
            if (isVariadic && mode != 'o') throw new SqlException(SqlState.InvalidFunctionDefinition, "VARIADIC parameter must be the last input parameter", parameter.Span);
            isVariadic |= mode == 'v';
            if (mode == 'v' && !type.IsArray) throw new SqlException(SqlState.InvalidFunctionDefinition, "VARIADIC parameter must be an array", parameter.Span);
            if (mode != 'o' && hasDefault && parameter.Default is null) throw new SqlException(SqlState.InvalidFunctionDefinition, "input parameters after one with a default value must also have defaults", parameter.Span);
            hasDefault |= parameter.Default is not null;
            if (parameter.Default?.Value is { } value) _ = Binder.Binder.BindExpression(value, session.Environment.BindOptions([]), [], "DEFAULT", type);
            yield return new RoutineParameterObject { Name = parameter.Name?.Value.Name ?? "", Type = StoredType.From(type.WithoutTypmod()), Mode = mode, DefaultText = parameter.Default is null ? null : Resolved.Expression(SqlPrinter.PrintExpr(parameter.Default.Value), [], type) };
        }

        if (create.Result is not FunctionResult.Table table) yield break;
        foreach (var column in table.Columns) yield return new RoutineParameterObject { Name = column.Name.Name, Type = StoredType.From(ResolveType(column.Type)), Mode = 't' };
    }

    private SqlType ResolveType(TypeName name) => name.Name.Last == "void" ? SqlType.Void : Binder.TypeResolution.resolve(session.Catalog, name);

    /// <summary>The body's text, and its statements.</summary>
    private static (string Source, string[] Statements) Body(CreateFunctionStatement create) => create.Body!.Value switch
    {
        FunctionBody.Text text => (text.Body, [.. SqlParser.Parse(text.Body).Where(statement => !statement.Node.IsEmpty).Select(statement => Session.TextOf(text.Body, statement))]),
        FunctionBody.Return value => ($"RETURN {SqlPrinter.PrintExpr(value.Value)}", [$"SELECT {SqlPrinter.PrintExpr(value.Value)}"]),
        FunctionBody.Single single => (SqlPrinter.PrintDataStatement(single.Statement), [SqlPrinter.PrintDataStatement(single.Statement)]),
        FunctionBody.Atomic atomic => Atomic([.. atomic.Statements.Select(StatementText)]),
        _ => throw TableBuilder.Unsupported("a body in a library", create.Span),
    };

    private static (string, string[]) Atomic(string[] statements) => ($"BEGIN ATOMIC\n{string.Concat(statements.Select(statement => $" {statement};\n"))}END", [.. statements.Select(AsQuery)]);

    private static string StatementText(RoutineStatement statement) => statement switch
    {
        RoutineStatement.Return value => $"RETURN {SqlPrinter.PrintExpr(value.Value)}",
        RoutineStatement.Call call => $"CALL {SqlPrinter.PrintExpr(Expr.NewCall(call.Call))}",
        RoutineStatement.Data data => SqlPrinter.PrintDataStatement(data.Statement),
        _ => throw new InvalidOperationException("unknown statement of a routine"),
    };

    private static string AsQuery(string statement) => statement.StartsWith("RETURN ", StringComparison.Ordinal) ? $"SELECT {statement["RETURN ".Length..]}" : statement;

    private static (string, string[]) ProceduralBody(CreateFunctionStatement create) =>
        create.Body!.Value is FunctionBody.Text text ? (text.Body, []) : throw new SqlException(SqlState.InvalidFunctionDefinition, "inline SQL function body only valid for language SQL");

    /// <summary>Parses the body and resolves its names of variables, types and labels. SQL in it is bound when it runs: what it names may come later.</summary>
    private void ValidateProcedural(RoutineObject stored, CreateFunctionStatement create)
    {
        var polymorphic = stored.Parameters.Select(parameter => parameter.Type.ToSqlType()).Append(stored.ReturnType.ToSqlType()).FirstOrDefault(IsPolymorphic);
        if (polymorphic is not null) throw TableBuilder.Unsupported($"a parameter of type {polymorphic} in PL/pgSQL", create.Span);
        if (session.Settings.Get("check_function_bodies") == "off") return;
        try
        {
            session.CatalogChanged();
            _ = BlockCompiler.Compile(session, PlpgsqlParser.Parse(stored.Source), session.Catalog.Snapshot.AllRoutines.First(routine => routine.Oid == stored.Oid));
        }
        catch (SqlException error)
        {
            var contents = ((FunctionBody.Text)create.Body!.Value).Contents;
            throw error.At(contents.IsNone || error.Span.IsNone ? SourceSpan.None : error.Span with { Start = error.Span.Start + contents.Start });
        }
    }

    private static bool IsPolymorphic(SqlType type) =>
        (type.Element ?? type).Id is TypeId.Any or TypeId.AnyElement or TypeId.AnyNonArray or TypeId.AnyCompatible || type is { IsArray: true, Element: null } || type is { Id: TypeId.Enum, Enum: null };

    /// <summary>Binds the body, as a call would.</summary>
    private void Validate(RoutineObject stored)
    {
        var routine = session.Catalog.Snapshot.Planned(stored);
        var options = BodyOptions(routine);
        foreach (string statement in CallStep.Statements(routine))
        {
            var node = SqlParser.ParseOne(statement).Node;
            if (node is StatementNode.Call) continue;
            if (Session.AsData(node) is not { } data)
            {
                BodyStatements.Require(node);
                continue;
            }

            try
            {
                _ = Binder.Binder.Bind(data, options);
            }
            catch (SqlException error) when (routine.IsProcedure && error.SqlState == SqlState.InvalidColumnReference && !routine.ReturnColumns.IsEmpty)
            {
                throw new SqlException(SqlState.InvalidFunctionDefinition, "return type mismatch in function declared to return record", SourceSpan.None, $"Final statement must return {routine.ReturnColumns.Length} columns.", "", error);
            }
            catch (SqlException error)
            {
                // Its positions are those of the body's text.
                throw new SqlException(error.SqlState, error.Message, SourceSpan.None, error.Detail, error.Hint, error);
            }
        }

        if (stored.IsProcedure) return;
        if (!routine.IsInlined && stored.Parameters.FirstOrDefault(parameter => IsPolymorphic(parameter.Type.ToSqlType())) is { } polymorphic)
            throw TableBuilder.Unsupported($"a parameter of type {polymorphic.Type.ToSqlType()} of a function with several statements, SECURITY DEFINER or SET", SourceSpan.None);
        var last = stored.Body is [.., var text] ? Session.AsData(SqlParser.ParseOne(text).Node) : null;
        Binder.Binder.CheckResult(routine, last, (session.Environment with { Routine = null }).BindOptions([]));
    }

    /// <summary>A body that isn't a string is kept with what its names stand for now.</summary>
    private RoutineObject WithResolvedBody(RoutineObject stored)
    {
        var routine = session.Catalog.Snapshot.Planned(stored);
        return RoutineBodies.Rewritten(stored, (text, statement, isReturn) => Resolved.Statement(text, statement, routine, isReturn));
    }

    /// <summary>How a statement of the routine's body is bound.</summary>
    private Binder.BindOptions BodyOptions(Plan.Routine routine) => (session.Environment with { Routine = routine }).BindOptions([.. routine.Parameters.Select(parameter => parameter.Type)]);

    /// <summary>Whether a parameter's default or a body that isn't a string uses the object.</summary>
    private bool IsUsedBy(RoutineObject routine, int oid) =>
        routine.Parameters.Any(parameter => Resolved.IsUsedIn(parameter.DefaultText, [], oid)) || Resolved.IsInBody(routine, text => text.Uses.Contains(oid));

    /// <summary>Routines with a body that isn't a string, and that is one that is asked for.</summary>
    private List<ExpressionUser> RoutinesWith(Func<NamedText, bool> isAskedFor) =>
        [.. session.Catalog.Snapshot.AllRoutines.Where(routine => Resolved.IsInBody(routine, isAskedFor)).OrderBy(routine => routine.Oid).Select(Using)];

    private ExpressionUser Using(RoutineObject routine) => new(routine.Oid, null, $"{(routine.IsProcedure ? "procedure" : "function")} {routine.SignatureText}", () =>
    {
        if (session.Catalog.Snapshot.AllRoutines.Any(left => left.Oid == routine.Oid)) DropRoutine(routine, cascade: true);
    });

    private string DropRoutines(DropStatement drop)
    {
        bool isProcedure = drop.Kind.IsProcedure;
        string kind = drop.Kind.IsRoutine ? "routine" : isProcedure ? "procedure" : "function";
        foreach (var target in drop.Objects)
        {
            if (FindRoutine(target, required: !drop.IfExists) is not { } routine)
            {
                session.Notify("NOTICE", SqlState.SuccessfulCompletion, $"{kind} {target.Name.Last}{(target.Signature is null ? "" : "()")} does not exist, skipping");
                continue;
            }

            if (!drop.Kind.IsRoutine && routine.IsProcedure != isProcedure) throw new SqlException(SqlState.WrongObjectType, $"{routine.SignatureText} is not a {kind}");
            if (!Access.IsOwner(routine.OwnerOid)) throw AccessControl.NotOwner(kind, routine.Name);
            DropRoutine(routine, drop.Behavior.IsCascade);
        }

        TellCascaded();
        return $"DROP {kind.ToUpperInvariant()}";
    }

    private void DropRoutine(RoutineObject routine, bool cascade)
    {
        string what = $"{(routine.IsProcedure ? "procedure" : "function")} {routine.SignatureText}";
        var views = DependentViews(routine.Oid);
        var expressions = ExpressionsWith(routine.Oid);
        if (views.Count + expressions.Count > 0 && !cascade) throw Depend(what, views.SelectMany(view => Dependents(view, what)).Concat(expressions.Select(user => $"{user.Described} depends on {what}")));
        foreach (var view in views) DropDependent(view);
        DropExpressions(expressions);
        DropCommentsOn(WellKnownOids.PgProc, routine.Oid);
        Delete(ObjectKindNumber.Routine, routine.Oid);
    }

    /// <summary>The routine that a statement names, with or without its parameters' types. 42883 for none, 42725 for several of the name.</summary>
    private RoutineObject? FindRoutine(ObjectReference reference, bool required)
    {
        string kind = SqlPrinter.KindText(reference.Kind).ToLowerInvariant();
        var named = session.Catalog.FindRoutines(Names.SchemaOf(reference.Name), reference.Name.Last).Select(routine => session.Catalog.Snapshot.AllRoutines.First(stored => stored.Oid == routine.Oid)).ToList();
        if (reference.Signature is null)
        {
            if (named.Count > 1) throw new SqlException(SqlState.AmbiguousFunction, $"{kind} name \"{reference.Name.Last}\" is not unique", hint: $"Specify the argument list to select the {kind} unambiguously.");
            if (named.Count == 1) return named[0];
            return required ? throw new SqlException(SqlState.UndefinedFunction, $"could not find a {kind} named \"{reference.Name.Last}\"") : null;
        }

        var types = reference.Signature.Value.Select(ResolveType).ToList();
        if (named.Find(routine => routine.InputTypes.Select(type => type.TypeOid).SequenceEqual(types.Select(TypeNames.Oid))) is { } found) return found;
        return required ? throw new SqlException(SqlState.UndefinedFunction, $"{kind} {reference.Name.Last}({string.Join(", ", types.Select(type => type.WithoutTypmod()))}) does not exist") : null;
    }
}

using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Bodies of functions in SQL that can't take the place of a call: several statements, changes of data, calls of themselves. They run as a block's do; the last statement gives the result.</summary>
internal sealed partial class BlockCompiler
{
    public static BlockProgram CompileSql(Session session, RoutineObject stored)
    {
        var none = new Block(null, Nothing<BlockDeclaration>(), Nothing<BlockStatement>(), Nothing<BlockHandler>(), SourceSpan.None);
        var routine = session.Catalog.Snapshot.Planned(stored);
        // A column goes before a parameter of its name.
        var compiler = new BlockCompiler(session, new ProcedureBody(stored.Source, VariableConflict.UseColumn, none), routine);
        var all = compiler.DeclareParameters(stored);
        for (int i = 0; i < stored.Body.Length; i++) compiler.CompileSqlStatement(stored.Body[i], isLast: i == stored.Body.Length - 1);
        return compiler.Finish([.. stored.Parameters.Zip(all).Where(pair => pair.First.IsInput).Select(pair => pair.Second)], [.. stored.Parameters.Zip(all).Where(pair => pair.First.IsOutput || pair.First.Mode == 't').Select(pair => pair.Second)], -1);
    }

    private void CompileSqlStatement(string text, bool isLast)
    {
        var statement = SqlParser.ParseOne(text);
        if (Session.AsData(statement.Node) is not { } data)
        {
            BodyStatements.Require(statement.Node);
            if (statement.Node is StatementNode.Call { Call: var call }) Emit(new Call(call, [.. call.Arguments.Select(_ => (AssignmentTarget?)null)], _scope, _body.Conflict));
            else Emit(new RunUtility(text, statement));
        }
        else if (!isLast || _routine!.ReturnType.Id == TypeId.Void) Emit(new RunQuery(Query(data), null, isPerform: true));
        else if (_routine.ReturnsSet) Emit(new ReturnQuery(new StaticRows(Query(data)), isExact: false));
        else Emit(new ReturnFirstRow(Query(data)));
    }

    private static Microsoft.FSharp.Collections.FSharpList<T> Nothing<T>() => Microsoft.FSharp.Collections.FSharpList<T>.Empty;
}

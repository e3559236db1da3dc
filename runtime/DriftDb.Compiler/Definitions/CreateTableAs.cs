using DriftDb.Frontend;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace DriftDb.Compiler;

/// <summary>SELECT … INTO t, said as CREATE TABLE t AS SELECT ….</summary>
internal static class CreateTableAs
{
    public static StatementNode FromSelectInto(Query query)
    {
        var select = ((QueryBody.Select)query.Body).Select;
        var into = select.Into!.Value;
        var plain = new SelectCore(select.Distinct, select.Items, FSharpOption<IntoTarget>.None, select.From, select.Where, select.GroupBy, select.Having, select.Windows, select.Span);
        var body = new Query(query.With, QueryBody.NewSelect(plain), query.OrderBy, query.Limit, query.IsPercent, query.WithTies, query.Offset, query.Locking, query.AsOf, query.Span);
        return StatementNode.NewCreateTableAs(new CreateTableAsStatement(
            into.Name, into.Persistence, false, FSharpList<Identifier>.Empty, FSharpOption<Identifier>.None, FSharpList<NamedOption>.Empty, FSharpOption<bool>.None,
            FSharpOption<OnCommitAction>.None, FSharpOption<Identifier>.None, CreateTableSource.NewQuery(body), true, query.Span));
    }
}

using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary><c>ROW(a, b, …)</c>, or the whole row of a relation: a record whose type says what its fields are called.</summary>
public sealed record ScalarRow(ImmutableArray<ScalarExpr> Fields, SqlType RecordType) : ScalarExpr(RecordType, false)
{
    /// <summary>A row whose fields have no names but f1, f2 …</summary>
    public ScalarRow(ImmutableArray<ScalarExpr> fields) : this(fields, SqlType.RowOf(RowType.Of(fields.Select(field => field.Type))))
    {
    }

    public override ImmutableArray<ScalarExpr> Children => Fields;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Fields = children };
}

/// <summary><c>(row).name</c>: the field at a place (from 0); NULL where the row is.</summary>
public sealed record ScalarField(ScalarExpr Row, int Index) : ScalarExpr(Row.Type.Row!.Fields[Index].Type, true)
{
    public override ImmutableArray<ScalarExpr> Children => [Row];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Row = children[0] };

    /// <summary>The field's name.</summary>
    public string Name => Row.Type.Row!.Fields[Index].Name;
}

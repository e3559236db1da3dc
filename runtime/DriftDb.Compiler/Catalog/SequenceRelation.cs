using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A sequence; selected from, it is a row of its state, as in PostgreSQL.</summary>
public sealed class SequenceRelation(SequenceObject definition, DriftStore store) : CatalogRelation, ISystemRows
{
    public SequenceObject Definition { get; } = definition;

    public override int Oid => Definition.Oid;

    public override string Schema => Definition.Schema;

    public override string Name => Definition.Name;

    private protected override int StoredOwner => Definition.Owner;

    internal override AclEntry[]? Acl => Definition.Acl;

    public override RelationKind Kind => RelationKind.SystemView;

    public override ImmutableArray<RelationColumn> Columns { get; } =
    [
        new RelationColumn(0, 1, 1, "last_value", SqlType.Int8, false),
        new RelationColumn(1, 2, 2, "log_cnt", SqlType.Int8, false),
        new RelationColumn(2, 3, 3, "is_called", SqlType.Bool, false),
    ];

    public override object Source => this;

    public unsafe void Fill(QueryContext context, TupleBuffer rows)
    {
        var state = store.SequenceState(Definition.Oid);
        byte* row = rows.Append();
        *(long*)(row + rows.Layout.Offset(0)) = state?.Value ?? Definition.Start;
        *(long*)(row + rows.Layout.Offset(1)) = 0;
        *(row + rows.Layout.Offset(2)) = state is { IsCalled: true } ? (byte)1 : (byte)0;
    }

    internal static SequenceDefinition ToStore(SequenceObject definition) =>
        new(definition.Oid, definition.Name, definition.Start, definition.Increment, definition.Minimum, definition.Maximum, definition.Cycle);
}

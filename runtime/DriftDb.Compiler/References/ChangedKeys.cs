using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Keys of referenced rows that went away or became others, as a relation that a check or a cascade joins with: k1, k2 … before, n1, n2 … now.</summary>
internal sealed unsafe class ChangedKeys : CatalogRelation, ISystemRows
{
    public const string QualifiedName = "drift.changed_keys";

    private readonly TupleBuffer _rows;
    private readonly TupleLayout _source;
    private readonly int[] _ordinals;

    public ChangedKeys(ForeignKey key, TupleLayout source)
    {
        _source = source;
        _ordinals = key.ReferencedColumns.ToArray();
        var columns = ImmutableArray.CreateBuilder<RelationColumn>();
        foreach (string prefix in new[] { "k", "n" })
            for (int i = 0; i < _ordinals.Length; i++)
                columns.Add(new RelationColumn(columns.Count, columns.Count + 1, (short)(columns.Count + 1), $"{prefix}{i + 1}", key.Referenced.Columns[_ordinals[i]].Type, true));
        Columns = columns.ToImmutable();
        _rows = new TupleBuffer(new TupleLayout([.. Columns.Select(column => column.Type)]));
    }

    public int Count => _rows.Count;

    public override int Oid => 13_901;

    public override string Schema => "drift";

    public override string Name => "changed_keys";

    public override RelationKind Kind => RelationKind.SystemView;

    public override ImmutableArray<RelationColumn> Columns { get; }

    public override object Source => this;

    public override ITableStatistics Statistics(long sequence) => new RowCountOnly(_rows.Count);

    public void Add(byte* oldTuple, byte* newTuple)
    {
        byte* row = _rows.Append();
        Copy(oldTuple, row, 0);
        Copy(newTuple, row, _ordinals.Length);
    }

    public void Fill(QueryContext context, TupleBuffer target)
    {
        for (int i = 0; i < _rows.Count; i++) Unsafe.CopyBlockUnaligned(target.Append(), _rows.Row(i), (uint)_rows.Layout.StrideBytes);
    }

    private void Copy(byte* tuple, byte* row, int first)
    {
        for (int i = 0; i < _ordinals.Length; i++)
        {
            byte* slot = row + _rows.Layout.Offset(first + i);
            var kind = _source.Types[_ordinals[i]].Kind;
            if (tuple == null || TupleLayout.IsNull(tuple, _ordinals[i]))
            {
                TupleLayout.SetNull(row, first + i);
                Unsafe.InitBlockUnaligned(slot, 0, (uint)kind.TupleWidthBytes());
                continue;
            }

            byte* from = tuple + _source.Offset(_ordinals[i]);
            // Bytes lie in the transaction or in a chunk that may be let go before the keys are used.
            if (kind == PhysicalKind.Bytes) Unsafe.WriteUnaligned(slot, _rows.Arena.Copy(Unsafe.ReadUnaligned<ByteSlice>(from).Span));
            else Unsafe.CopyBlockUnaligned(slot, from, (uint)kind.TupleWidthBytes());
        }
    }

    private sealed class RowCountOnly(int rows) : ITableStatistics
    {
        public double RowCount => rows;

        public double RowBytes => 32;

        public ColumnStatistics? Column(int ordinal) => null;
    }
}

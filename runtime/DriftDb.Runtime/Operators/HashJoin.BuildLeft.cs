using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Hash join of a small left side with a large right one, for the kinds that treat their sides differently: the left side is built, the right side probes and marks what it matches.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceBuiltLeft(PhysicalHashJoin join, Action<BodyBuilder> consume)
    {
        bool isLeft = join.Kind == JoinKind.Left;
        JoinTable table = BuildTable(join.Left, join.Right, Exchanged(join.Keys), marksMatches: true, keepsNullKeys: join.Kind != JoinKind.Semi, stored => new JoinSpillRules(
            DropsUnmatched: false, NeedsBuiltRows: true, TakesPortions: false, OneRowSuffices: false, stored));
        Watch(join, table.State);
        var output = join.Output;
        var layout = new TupleLayout([.. output.Select(column => column.Type)]);
        // A left join's rows come from two pipelines: the matches from the probe's, the rest from the table at the end.
        int buffer = isLeft ? AddState(() => new SpoolState(layout)) : -1;
        var probe = new PhysicalHashJoin(JoinKind.Inner, join.Right, join.Left, Exchanged(join.Keys), join.Residual, null);
        void Mark(BodyBuilder b)
        {
            b.Add(MemoryCode.Write(PhysicalKind.Bool, _current!, table.Layout.Offset(table.MatchedColumn), Expression.Constant(true), null));
            if (isLeft) StoreIn(b, buffer, layout, output, output);
        }

        Produce(join.Right, body => Probe(body, probe, table, Mark, isFirst: true));
        int pipeline = AddAuxiliaryPipeline(AddState(() => new JoinPairSource(table.State, table.ProbeLayout)), join, (body, row) => ProbeSpilled(body, row, probe, table, Mark));
        int source = AddState(() => new BuiltRowSource(table.State, pipeline));
        LoopRows(source, join, (body, row) =>
        {
            Expression matched = MemoryCode.Read(PhysicalKind.Bool, row, table.Layout.Offset(table.MatchedColumn));
            body.Add(Expression.IfThen(join.Kind == JoinKind.Semi ? Expression.Not(matched) : matched, Expression.Goto(body.Next)));
            for (int i = 0; i < table.Columns.Count; i++) body.DefineTuple(table.Columns[i], row, table.Layout, RowTable.HiddenColumns + i);
            if (isLeft)
            {
                DefineNulls(body, join.Right.Output);
                StoreIn(body, buffer, layout, output, output);
            }
            else consume(body);
        });
        if (isLeft) LoopBuffer(buffer, join, output, consume);
    }
}

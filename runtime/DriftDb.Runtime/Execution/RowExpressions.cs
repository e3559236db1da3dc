using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Expressions over one stored row, computed outside of any query: keys and predicates of indexes. Immutable expressions only: there is no session that they could ask.
/// </summary>
/// <remarks>Thread-safe: each thread has its own memory for values.</remarks>
public sealed unsafe class RowExpressions
{
    private readonly PipelineBody _body;
    private readonly ConstantPool _constants;
    private readonly ThreadLocal<Evaluation> _evaluations;

    /// <param name="store">Whose rows they are.</param>
    /// <param name="expressions">What to compute.</param>
    /// <param name="row">How the rows lie.</param>
    /// <param name="ordinalOf">A column's place in the row by its id; -1 for a column that these rows don't have, which is NULL.</param>
    public RowExpressions(DriftStore store, IReadOnlyList<ScalarExpr> expressions, TupleLayout row, Func<int, int> ordinalOf)
    {
        RuntimeSetup.Initialize();
        Layout = new TupleLayout([.. expressions.Select(expression => expression.Type)]);
        var query = new QueryBuilder(CompileOptions.Default, new TupleLayout([]));
        var body = new BodyBuilder(new SubPlanBuilder(query, null));
        Expression tuple = body.Hoist("row", typeof(long), () => Expression.Field(body.Frame, nameof(Frame.Outer)));
        for (int i = 0; i < expressions.Count; i++)
        {
            ScalarExpr known = expressions[i].Rewrite(node => node is ScalarColumn missing && ordinalOf(missing.Id) < 0 ? ScalarConstant.Null(missing.Type) : node);
            foreach (ScalarColumn column in known.DescendantsAndSelf().OfType<ScalarColumn>())
                body.Define(column.Id, BodyBuilder.TupleColumn(tuple, row, ordinalOf(column.Id), nullable: true));
            body.Store(body.Input, Layout, i, body.EmitAs(known, Layout.Types[i]), null);
        }

        _body = body.ToLambda().Compile();
        _constants = query.Constants;
        long constants = _constants.Freeze();
        _evaluations = new ThreadLocal<Evaluation>(() => new Evaluation(store, Layout, constants));
    }

    /// <summary>How the values lie.</summary>
    public TupleLayout Layout { get; }

    /// <summary>Computes the values for a row. They stay as they are until the thread's next call.</summary>
    public byte* Evaluate(byte* row)
    {
        Evaluation evaluation = _evaluations.Value!;
        evaluation.Frame.Context.Arena.Reset();
        byte* values = evaluation.Values;
        new Span<byte>(values, Layout.NullBitmapBytes).Clear();
        evaluation.Frame.Outer = (long)row;
        _body(evaluation.Frame, (long)values, 1);
        GC.KeepAlive(_constants);
        return values;
    }

    private sealed class Evaluation
    {
        private readonly byte[] _values;

        public Evaluation(DriftStore store, TupleLayout layout, long constants)
        {
            _values = GC.AllocateArray<byte>(Math.Max(8, layout.StrideBytes), pinned: true);
            fixed (byte* values = _values) Values = values;
            Frame = new Frame { Context = new QueryContext { Store = store, Session = NoSession.Instance }, States = [], Constants = constants };
        }

        public Frame Frame { get; }

        public byte* Values { get; }
    }
}

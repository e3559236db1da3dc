using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A running plan: its pipelines one after the other, the last one as rows are asked for.</summary>
internal sealed class SubPlanInstance
{
    private readonly SubPlanTemplate _template;
    private readonly OperatorState[] _keepers;
    private int _pipeline;
    private PipelineBody? _body;
    private bool _isOpen, _isTop;

    public SubPlanInstance(SubPlanTemplate template, QueryContext context, long constants, long outer, Frame? parent, PlanProfile? profile = null)
    {
        _template = template;
        unsafe
        {
            Frame = new Frame
            {
                Context = context, States = template.CreateStates(), Parameters = (long)context.Parameters, Constants = constants, Outer = outer, Parent = parent, Profile = profile ?? parent?.Profile,
            };
        }

        foreach (OperatorState state in Frame.States)
        {
            if (state is CteState cte) Frame.Ctes[cte.Id] = cte;
            state.Attach(Frame);
        }

        Frame.Instance = this;
        _keepers = [.. Frame.States.Where(static state => state is BufferState)];
        foreach ((int node, int state) in template.Watched) Frame.Profile!.Watch(node, (BufferState)Frame.States[state]);
    }

    public Frame Frame { get; }

    public TupleLayout OutputLayout => _template.OutputLayout;

    /// <summary>
    /// Runs morsels until rows came out, at least <paramref name="maxRows"/>, or all is done; with 0, one morsel. At the top of a query the bytes that functions made are taken back
    /// before each morsel.
    /// </summary>
    public ExecutionStatus Next(TupleBuffer output, int maxRows, bool isTop)
    {
        Frame frame = Frame;
        _isTop = isTop;
        frame.Output = output;
        frame.OutputArena = output.Arena;
        int before = output.Count;
        while (_pipeline < _template.Pipelines.Count)
        {
            PipelineTemplate pipeline = _template.Pipelines[_pipeline];
            if (!_isOpen) Open(pipeline);
            var source = (RowSource)frame.States[pipeline.Source];
            while (true)
            {
                frame.Profile?.BeginMorsel(pipeline.ProfileNumber);
                if (frame.Stop || !source.Next(frame, out long input, out int count))
                {
                    frame.Profile?.EndMorsel(pipeline.ProfileNumber, 0);
                    break;
                }

                frame.Context.CheckCancelled();
                // Code is made for the first rows: pipelines over what has left memory mostly have none.
                _body ??= pipeline.Body(_template.Options, frame);
                _body(frame, input, count);
                frame.Profile?.EndMorsel(pipeline.ProfileNumber, count);
                frame.MaxSliceRows = Math.Min(frame.SliceLimit, frame.MaxSliceRows * 4);
                pipeline.Account(count, _template.Options);
                AfterMorsel(isTop);
                if (frame.Interruption != ExecutionStatus.MoreRows) return frame.Interruption;
                if (output.Count - before >= maxRows) return ExecutionStatus.MoreRows;
                if (!pipeline.IsCompiled) _body = pipeline.Body(_template.Options, frame);
            }

            if (frame.Interruption != ExecutionStatus.MoreRows) return frame.Interruption;
            _pipeline++;
            _isOpen = false;
            _body = null;
        }

        return ExecutionStatus.Done;
    }

    /// <summary>
    /// Runs a pipeline that isn't in the sequence over all rows of its source, for an operator that takes rows in anew which had left memory.
    /// </summary>
    public void RunAuxiliary(int number)
    {
        PipelineTemplate pipeline = _template.Auxiliary[number];
        var source = (RowSource)Frame.States[pipeline.Source];
        while (source.Next(Frame, out long input, out int count))
        {
            Frame.Context.CheckCancelled();
            pipeline.Body(_template.Options, Frame)(Frame, input, count);
            pipeline.Account(count, _template.Options);
            AfterMorsel(_isTop);
        }
    }

    /// <summary>The run is over.</summary>
    public void Free()
    {
        foreach (OperatorState state in Frame.States) state.Free();
    }

    private void AfterMorsel(bool isTop)
    {
        if (isTop) Frame.Context.Arena.Reset();
        Frame.Context.PassSafePoint();
        foreach (OperatorState state in _keepers) state.Relieve();
    }

    /// <summary>Back to the start, for another run with other outer values.</summary>
    public void Reset()
    {
        _pipeline = 0;
        _isOpen = false;
        _body = null;
        Frame.Stop = false;
        Frame.MaxSliceRows = Runtime.Frame.FirstSliceRows;
        Frame.SliceLimit = Limits.VectorRows;
        foreach (OperatorState state in Frame.States) state.Reset();
    }

    private void Open(PipelineTemplate pipeline)
    {
        _isOpen = true;
        Frame.Stop = false;
        Frame.MaxSliceRows = Runtime.Frame.FirstSliceRows;
        Frame.SliceLimit = Limits.VectorRows;
        pipeline.AccountExecution(_template.Options);
        Frame.Profile?.Open(pipeline.ProfileNumber);
    }
}

using System.Text;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A step that puts out rows of texts: SHOW, EXPLAIN.</summary>
internal sealed unsafe class RowsStep(Session session, ResultShape shape, Action<RowsStep.Rows> fill, Func<int, string> tag) : Step
{
    private TupleBuffer? _buffer;
    private int _position;

    public override ResultShape Shape => shape;

    /// <summary>Collects rows of texts, null for NULL.</summary>
    public sealed class Rows(TupleBuffer buffer)
    {
        public void Add(params string?[] values)
        {
            byte* row = buffer.Append();
            for (int i = 0; i < values.Length; i++)
            {
                var slot = (ByteSlice*)(row + buffer.Layout.Offset(i));
                if (values[i] is { } value) *slot = buffer.Arena.Copy(Encoding.UTF8.GetBytes(value));
                else
                {
                    *slot = default;
                    TupleLayout.SetNull(row, i);
                }
            }
        }
    }

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker && _buffer is null) return RunStatus.Yield;
        if (_buffer is null)
        {
            if (session.IsFailed) throw Session.FailedTransaction();
            _buffer = new TupleBuffer(shape.Layout);
            fill(new Rows(_buffer));
        }

        int count = maxRows > 0 ? (int)Math.Min(maxRows, _buffer.Count - _position) : _buffer.Count - _position;
        if (count > 0) sink.Rows(_buffer, _position, count, shape);
        _position += count;
        if (maxRows > 0 && count == maxRows) return RunStatus.RowLimit;
        Tag = tag(count);
        return RunStatus.Complete;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY TO: a query whose rows go out as lines, to the client or into a file.</summary>
internal sealed class CopyOutStep(Session session, QueryStep query, CopyOptions options, CopyFileSink? file) : Step
{
    private CopyOutSink? _sink;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (file is not null) sink = file;
        if (_sink is null)
        {
            if (session.IsFailed) throw Session.FailedTransaction();
            if (query.Shape is not { } shape) throw new SqlException(SqlState.FeatureNotSupported, "COPY query must have a RETURNING clause");
            _sink = new CopyOutSink(options, options.ConversionFor(session), session.Format, shape);
            sink.CopyOutBegin(shape.Columns.Length, options.Format == CopyFormat.Binary);
            _sink.Inner = sink;
            _sink.Begin();
        }

        _sink.Inner = sink;
        var status = query.Advance(_sink, 0, onWorker);
        if (status != RunStatus.Complete) return status;
        _sink.End();
        sink.CopyOutEnd();
        Tag = string.Create(CultureInfo.InvariantCulture, $"COPY {_sink.Count}");
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => query.OnReady(callback);

    public override void Dispose()
    {
        query.Dispose();
        file?.Dispose();
    }

    private sealed unsafe class CopyOutSink(CopyOptions options, CharacterSet? set, FormatSettings settings, ResultShape shape) : IResultSink
    {
        private readonly ByteWriter _line = new();
        private readonly ByteWriter _value = new();
        private readonly ByteWriter _recoded = new();
        private bool _isFirst;
        private readonly bool[] _forceQuote = [.. shape.Columns.Select(column => options.ForceQuoteAll || options.ForceQuote.Contains(column.Name))];

        public IResultSink Inner { get; set; } = null!;

        public long Count { get; private set; }

        public void Begin()
        {
            if (options.Format == CopyFormat.Binary)
            {
                _isFirst = true;
                return;
            }

            if (!options.Header) return;
            _line.Clear();
            for (int i = 0; i < shape.Columns.Length; i++)
            {
                if (i > 0) _line.Write(options.Delimiter);
                WriteField(Encoding.UTF8.GetBytes(shape.Columns[i].Name), forceQuote: false);
            }

            _line.Write((byte)'\n');
            Send();
        }

        /// <summary>The line as the other side wants it.</summary>
        private bool Send()
        {
            if (set is null) return Inner.CopyOutData(_line.Written);
            _recoded.Clear();
            set.FromUtf8(_line.Written, _recoded);
            return Inner.CopyOutData(_recoded.Written);
        }

        public void End()
        {
            if (options.Format != CopyFormat.Binary) return;
            _line.Clear();
            WriteSignature();
            _line.Write([0xFF, 0xFF]);
            Send();
        }

        public bool Rows(TupleBuffer rows, int first, int count, ResultShape rowShape)
        {
            bool hasRoom = true;
            for (int i = first; i < first + count; i++)
            {
                _line.Clear();
                WriteSignature();
                if (options.Format == CopyFormat.Binary) WriteBinary(rows.Row(i));
                else WriteText(rows.Row(i));
                hasRoom = Send();
            }

            Count += count;
            return hasRoom;
        }

        /// <summary>The file's head goes into the first message, as PostgreSQL sends it.</summary>
        private void WriteSignature()
        {
            if (!_isFirst) return;
            _isFirst = false;
            _line.Write([.. CopyBinaryReader.Signature, 0, 0, 0, 0, 0, 0, 0, 0]);
        }

        private void WriteText(byte* row)
        {
            for (int c = 0; c < shape.Columns.Length; c++)
            {
                if (c > 0) _line.Write(options.Delimiter);
                if (TupleLayout.IsNull(row, c))
                {
                    _line.Write(options.Null);
                    continue;
                }

                _value.Clear();
                ValueWriter.WriteText(_value, shape.Columns[c].Type, row + shape.Layout.Offset(c), settings);
                WriteField(_value.WrittenSpan, _forceQuote[c]);
            }

            _line.Write((byte)'\n');
        }

        private void WriteBinary(byte* row)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt16BigEndian(number, (short)shape.Columns.Length);
            _line.Write(number[..2]);
            for (int c = 0; c < shape.Columns.Length; c++)
            {
                bool isNull = TupleLayout.IsNull(row, c);
                _value.Clear();
                if (!isNull) ValueWriter.WriteBinary(_value, shape.Columns[c].Type, row + shape.Layout.Offset(c));
                BinaryPrimitives.WriteInt32BigEndian(number, isNull ? -1 : _value.WrittenSpan.Length);
                _line.Write(number);
                _line.Write(_value.WrittenSpan);
            }
        }

        private void WriteField(ReadOnlySpan<byte> value, bool forceQuote)
        {
            if (options.Format == CopyFormat.Csv) WriteCsv(value, forceQuote);
            else WriteEscaped(value);
        }

        private void WriteCsv(ReadOnlySpan<byte> value, bool forceQuote)
        {
            bool quote = forceQuote || value.SequenceEqual(options.Null) || value.SequenceEqual("\\."u8)
                || value.IndexOfAny(options.Delimiter, options.Quote, (byte)'\n') >= 0 || value.IndexOf((byte)'\r') >= 0;
            if (!quote)
            {
                _line.Write(value);
                return;
            }

            _line.Write(options.Quote);
            foreach (byte c in value)
            {
                if (c == options.Quote || c == options.Escape) _line.Write(options.Escape);
                _line.Write(c);
            }

            _line.Write(options.Quote);
        }

        private void WriteEscaped(ReadOnlySpan<byte> value)
        {
            foreach (byte c in value)
            {
                byte escaped = c switch { (byte)'\b' => (byte)'b', (byte)'\f' => (byte)'f', (byte)'\n' => (byte)'n', (byte)'\r' => (byte)'r', (byte)'\t' => (byte)'t', (byte)'\v' => (byte)'v', (byte)'\\' => (byte)'\\', _ => (byte)0 };
                if (escaped == 0 && c == options.Delimiter) escaped = c;
                if (escaped == 0) _line.Write(c);
                else
                {
                    _line.Write((byte)'\\');
                    _line.Write(escaped);
                }
            }
        }

        public void Describe(ResultShape described)
        {
        }

        public void Complete(string commandTag)
        {
        }

        public void Empty()
        {
        }

        public void CopyOutBegin(int columns, bool isBinary)
        {
        }

        public bool CopyOutData(ReadOnlySpan<byte> data) => true;

        public void CopyOutEnd()
        {
        }
    }
}

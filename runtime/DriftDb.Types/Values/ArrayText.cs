using System.Globalization;
using System.Text;

namespace DriftDb.Types;

/// <summary>Arrays' text form: <c>{1,2,NULL}</c>, nested braces for dimensions, <c>[0:2]={…}</c> for other lower bounds.</summary>
internal static unsafe class ArrayText
{
    public static void Write(ByteWriter writer, SqlType type, ReadOnlySpan<byte> value, FormatSettings settings)
    {
        var array = new ArrayReader(value);
        int dimensions = array.Dimensions;
        if (dimensions == 0)
        {
            writer.Write("{}"u8);
            return;
        }

        bool bounds = false;
        for (int i = 0; i < dimensions; i++) bounds |= array.LowerBound(i) != 1;
        if (bounds)
        {
            for (int i = 0; i < dimensions; i++)
            {
                writer.Write((byte)'[');
                writer.WriteNumber(array.LowerBound(i));
                writer.Write((byte)':');
                writer.WriteNumber(array.LowerBound(i) + array.Length(i) - 1);
                writer.Write((byte)']');
            }

            writer.Write((byte)'=');
        }

        var elements = array.GetEnumerator();
        var scratch = new ByteWriter();
        SqlType element = ArrayReader.StoredElement(type.Element!);
        WriteDimension(writer, array, 0, ref elements, element, settings, scratch);
    }

    private static void WriteDimension(ByteWriter writer, ArrayReader array, int dimension, ref ArrayReader.Enumerator elements, SqlType element, FormatSettings settings, ByteWriter scratch)
    {
        writer.Write((byte)'{');
        for (int i = 0; i < array.Length(dimension); i++)
        {
            if (i > 0) writer.Write((byte)',');
            if (dimension + 1 < array.Dimensions)
            {
                WriteDimension(writer, array, dimension + 1, ref elements, element, settings, scratch);
                continue;
            }

            elements.MoveNext();
            if (elements.IsNull)
            {
                writer.Write("NULL"u8);
                continue;
            }

            scratch.Clear();
            ValueWriter.WriteBytesForm(scratch, element, elements.Current, settings);
            WriteQuoted(writer, scratch.Written);
        }

        writer.Write((byte)'}');
    }

    /// <summary>An element's text, in quotes where it could be misread.</summary>
    private static void WriteQuoted(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        bool quote = text.IsEmpty || Ascii.EqualsIgnoreCase(text, "null"u8) || text.IndexOfAny("{},\"\\ \t\n\r\v\f"u8) >= 0;
        if (!quote)
        {
            writer.Write(text);
            return;
        }

        writer.Write((byte)'"');
        foreach (byte c in text)
        {
            if (c is (byte)'"' or (byte)'\\') writer.Write((byte)'\\');
            writer.Write(c);
        }

        writer.Write((byte)'"');
    }

    public static ByteSlice Parse(ReadOnlySpan<byte> source, SqlType type, Arena arena, FormatSettings settings)
    {
        var parser = new Parser(source, type, arena, settings);
        return parser.Parse();
    }

    private ref struct Parser(ReadOnlySpan<byte> source, SqlType type, Arena arena, FormatSettings settings)
    {
        private const int MaxDimensions = 6;

        private readonly ReadOnlySpan<byte> _source = source;
        private readonly ReadOnlySpan<byte> _text = TextErrors.Trim(source);
        private readonly SqlType _element = type.Element!;
        private readonly List<byte[]?> _values = [];
        private readonly int[] _lengths = [-1, -1, -1, -1, -1, -1];
        private int _at, _dimensions = -1;

        public ByteSlice Parse()
        {
            var lowerBounds = new List<int>();
            var upperBounds = new List<int>();
            if (_at < _text.Length && _text[_at] == '[')
            {
                while (_at < _text.Length && _text[_at] == '[')
                {
                    int close = _text[_at..].IndexOf((byte)']');
                    if (close < 0) throw Malformed("Missing \"]\" after array dimensions.");
                    string[] bounds = Encoding.ASCII.GetString(_text.Slice(_at + 1, close - 1)).Split(':');
                    int lower = 1;
                    if (!int.TryParse(bounds[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int upper)
                        || (bounds.Length > 1 && !int.TryParse(bounds[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out lower)))
                        throw Malformed("\"[\" must introduce explicitly-specified array dimensions.");
                    if (upper < lower) throw new SqlException(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
                    lowerBounds.Add(lower);
                    upperBounds.Add(upper);
                    _at += close + 1;
                }

                if (_at >= _text.Length || _text[_at] != '=') throw Malformed("Missing \"=\" after array dimensions.");
                _at++;
            }

            SkipSpace();
            if (_at >= _text.Length || _text[_at] != '{')
                throw Malformed(lowerBounds.Count > 0 ? "Array contents must start with \"{\"." : "Array value must start with \"{\" or dimension information.");
            ReadBraces(0);
            SkipSpace();
            if (_at != _text.Length) throw Malformed("Junk after closing right brace.");
            var builder = new ArrayBuilder();
            if (_values.Count == 0)
            {
                builder.Begin();
                return arena.Copy(builder.Finish());
            }

            int dimensions = _dimensions;
            if (lowerBounds.Count > 0 && lowerBounds.Count != dimensions) throw Malformed("Specified array dimensions do not match array contents.");
            var lower1 = new int[dimensions];
            for (int i = 0; i < dimensions; i++)
            {
                lower1[i] = lowerBounds.Count > 0 ? lowerBounds[i] : 1;
                if (lowerBounds.Count > 0 && upperBounds[i] - lowerBounds[i] + 1 != _lengths[i]) throw Malformed("Specified array dimensions do not match array contents.");
            }

            builder.Begin(_lengths.AsSpan(0, dimensions), lower1);
            foreach (byte[]? value in _values)
                if (value is null) builder.AddNull();
                else builder.Add(value);
            return arena.Copy(builder.Finish());
        }

        private void ReadBraces(int depth)
        {
            if (depth >= MaxDimensions) throw new SqlException(SqlState.ProgramLimitExceeded, $"number of array dimensions exceeds the maximum allowed ({MaxDimensions})");
            _at++; // {
            int count = 0;
            SkipSpace();
            if (_at < _text.Length && _text[_at] == '}')
            {
                _at++;
                if (depth > 0 && _values.Count > 0) throw Malformed("Unexpected array element.");
                if (_lengths[depth] < 0) _lengths[depth] = 0;
                if (_dimensions < 0) _dimensions = depth + 1;
                return;
            }

            while (true)
            {
                SkipSpace();
                if (_at >= _text.Length) throw Malformed("Unexpected end of input.");
                if (_text[_at] == '{')
                {
                    if (_dimensions == depth + 1) throw Malformed("Unexpected \"{\" character.");
                    ReadBraces(depth + 1);
                }
                else
                {
                    if (_dimensions >= 0 && _dimensions != depth + 1) throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
                    _dimensions = depth + 1;
                    ReadElement();
                }

                count++;
                SkipSpace();
                if (_at >= _text.Length) throw Malformed("Unexpected end of input.");
                byte c = _text[_at++];
                if (c == '}') break;
                if (c != ',') throw Malformed(c == '"' ? "Incorrectly quoted array element." : "Unexpected array element.");
            }

            if (_lengths[depth] >= 0 && _lengths[depth] != count) throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
            _lengths[depth] = count;
        }

        private void ReadElement()
        {
            var text = new ByteWriter();
            bool quoted = false;
            if (_text[_at] == '"')
            {
                quoted = true;
                _at++;
                while (true)
                {
                    if (_at >= _text.Length) throw Malformed("Unexpected end of input.");
                    byte c = _text[_at++];
                    if (c == '"') break;
                    if (c == '\\')
                    {
                        if (_at >= _text.Length) throw Malformed("Unexpected end of input.");
                        c = _text[_at++];
                    }

                    text.Write(c);
                }
            }
            else
            {
                int keep = 0;
                while (_at < _text.Length && _text[_at] is not ((byte)',' or (byte)'}'))
                {
                    byte c = _text[_at++];
                    if (c is (byte)'{') throw Malformed("Unexpected \"{\" character.");
                    if (c is (byte)'"') throw Malformed("Incorrectly quoted array element.");
                    if (c == '\\')
                    {
                        if (_at >= _text.Length) throw Malformed("Unexpected end of input.");
                        text.Write(_text[_at++]);
                        keep = text.Length;
                        quoted = true;
                        continue;
                    }

                    text.Write(c);
                    if (!TextErrors.IsSpace(c)) keep = text.Length;
                }

                text.Truncate(keep);
                if (keep == 0) throw Malformed(_at < _text.Length ? $"Unexpected \"{(char)_text[_at]}\" character." : "Unexpected end of input.");
            }

            if (!quoted && Ascii.EqualsIgnoreCase(text.Written, "null"u8))
            {
                _values.Add(null);
                return;
            }

            byte* slot = stackalloc byte[16];
            ValueReader.ParseText(text.Written, _element, slot, arena, settings);
            _values.Add(ArrayBuilder.Stored(_element, slot));
        }

        private void SkipSpace()
        {
            while (_at < _text.Length && TextErrors.IsSpace(_text[_at])) _at++;
        }

        private readonly SqlException Malformed(string detail) => TextErrors.MalformedArray(_source, detail);
    }
}

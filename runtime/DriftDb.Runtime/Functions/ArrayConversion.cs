using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>An array while its elements become those of another type: gives the elements that aren't NULL one after the other, and takes what each has become. NULLs and dimensions stay.</summary>
internal sealed unsafe class ArrayConversion
{
    private readonly ArrayBuilder _builder = new();
    private readonly SqlType _element;
    private readonly ByteSlice _array;
    private int _at;

    /// <param name="array">The array's bytes; they must stay where they are until <see cref="Finish"/>.</param>
    /// <param name="element">The type of its elements as they are stored.</param>
    public ArrayConversion(ByteSlice array, SqlType element)
    {
        (_array, _element) = (array, element);
        var reader = new ArrayReader(array);
        _at = reader.HeaderBytes;
        if (reader.Dimensions == 0) _builder.Begin();
        else _builder.BeginLike(reader);
    }

    public Datum Current { get; private set; }

    public bool MoveNext()
    {
        while (_at < _array.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(_array.Span[_at..]);
            _at += 4;
            if (length >= 0)
            {
                Current = ArrayFunctions.Element(_element, _array.Span.Slice(_at, length));
                _at += length;
                return true;
            }

            _builder.AddNull();
        }

        return false;
    }

    public void Add(Datum element) => ArrayFunctions.Add(_builder, element);

    public ByteSlice Finish(Arena arena) => arena.Copy(_builder.Finish());
}

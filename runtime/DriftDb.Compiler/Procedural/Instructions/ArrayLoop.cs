using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>FOREACH: the array is computed once, and its elements (or its slices, which are arrays) are taken one after another.</summary>
internal sealed class BeginArrayLoop(int number, EmbeddedQuery array, int slice) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var (value, type) = array.Evaluate(run);
        if (value is null) throw new SqlException(SqlState.NullValueNotAllowed, "FOREACH expression must not be null");
        if (!type.IsArray) throw new SqlException(SqlState.DatatypeMismatch, $"FOREACH expression must yield an array, not type {type}");
        run.CloseLoop(number);
        run.Loops[number] = new ArrayLoop((byte[])value, type, slice);
        run.Found = false;
        return next;
    }
}

internal sealed class NextElement(int number, RowTarget target, Place end) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var loop = (ArrayLoop)run.Loops[number]!;
        if (!loop.TryTake(out object? value))
        {
            run.Found = loop.HasGiven;
            return end.Index;
        }

        if (target.Targets is [var only]) only.Assign(run, value, loop.ItemType);
        else if (loop.ItemType.Row is { } row)
        {
            var fields = value is null ? null : run.Session.Conversions.Decode((byte[])value, row);
            target.Assign(run, fields, [.. row.Fields.Select((field, i) => new Plan.OutputColumn(i + 1, field.Name, field.Type, true))]);
        }
        else throw new SqlException(SqlState.DatatypeMismatch, "cannot assign non-composite value to a row variable");
        return next;
    }
}

internal sealed class ArrayLoop : IBlockLoop
{
    private readonly List<object?> _items = [];
    private int _next;

    public ArrayLoop(byte[] array, SqlType type, int slice)
    {
        var reader = new ArrayReader(array);
        if (slice < 0 || slice > reader.Dimensions) throw new SqlException(SqlState.ArraySubscriptError, $"slice dimension ({slice}) is out of the valid range 0..{reader.Dimensions}");
        ItemType = slice == 0 ? ArrayReader.StoredElement(type.Element!) : type;
        if (slice == 0) TakeElements(reader);
        else TakeSlices(reader, slice);
    }

    /// <summary>The element's type, or the array's when slices are taken.</summary>
    public SqlType ItemType { get; }

    public bool HasGiven => _next > 0;

    public bool TryTake(out object? value)
    {
        bool isThere = _next < _items.Count;
        value = isThere ? _items[_next++] : null;
        return isThere;
    }

    public void Dispose()
    {
    }

    private void TakeElements(ArrayReader reader)
    {
        var elements = reader.GetEnumerator();
        while (elements.MoveNext()) _items.Add(elements.IsNull ? null : Load(elements.Current));
    }

    /// <summary>As many elements as the last dimensions have make an item.</summary>
    private void TakeSlices(ArrayReader reader, int slice)
    {
        int outer = reader.Dimensions - slice;
        var lengths = new int[slice];
        var lowers = new int[slice];
        int count = 1;
        for (int i = 0; i < slice; i++)
        {
            (lengths[i], lowers[i]) = (reader.Length(outer + i), reader.LowerBound(outer + i));
            count *= lengths[i];
        }

        var elements = reader.GetEnumerator();
        for (int item = 0; item < reader.Count / Math.Max(1, count); item++)
        {
            var builder = new ArrayBuilder();
            builder.Begin(lengths, lowers);
            for (int i = 0; i < count && elements.MoveNext(); i++) builder.AddElement(elements);
            _items.Add(builder.Finish().ToArray());
        }
    }

    private unsafe object Load(ReadOnlySpan<byte> bytes)
    {
        if (ItemType.Kind == PhysicalKind.Bytes) return bytes.ToArray();
        fixed (byte* slot = bytes) return BoxedValue.Load(ItemType, slot);
    }
}

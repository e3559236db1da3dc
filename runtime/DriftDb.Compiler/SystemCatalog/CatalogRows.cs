using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Where a system view puts its rows: one value for each column, in order, as plain CLR values. A string goes into any text type, a char into "char",
/// an int into oid, int4 or int2, an array of any of them into an array or vector.
/// </summary>
internal sealed unsafe class CatalogRows(QueryContext context, TupleBuffer buffer)
{
    /// <summary>Rows that never change, each view's made once; their bytes stay where they are, so that copying a row is copying its slots.</summary>
    private static readonly ConcurrentDictionary<(Action<CatalogRows> Make, string Database), TupleBuffer> Fixed = new();

    private readonly ArrayBuilder _array = new();

    public Session Session { get; } = context.SessionOf();

    public SessionCatalog Names => Session.Catalog;

    /// <summary>Names as the session would write them.</summary>
    public ObjectNames ShownNames => (ObjectNames)Session.Services.ObjectNames;

    public CatalogSnapshot Catalog { get; } = context.SessionOf().Catalog.Snapshot;

    public Database Database => Session.Database;

    /// <summary>Tables in the order of their oids.</summary>
    public IEnumerable<TableRelation> Tables => Catalog.Relations.OfType<TableRelation>().OrderBy(table => table.Oid);

    /// <summary>Those of them that aren't materialized views.</summary>
    public IEnumerable<TableRelation> PlainTables => Tables.Where(table => !table.IsMaterializedView);

    public IEnumerable<TableRelation> MaterializedViews => Tables.Where(table => table.IsMaterializedView);

    public IEnumerable<ViewRelation> Views => Catalog.Relations.OfType<ViewRelation>().OrderBy(view => view.Oid);

    public IEnumerable<SequenceRelation> Sequences => Catalog.Relations.OfType<SequenceRelation>().OrderBy(sequence => sequence.Oid);

    /// <summary>Appends a row.</summary>
    public void Add(params ReadOnlySpan<object?> values)
    {
        var layout = buffer.Layout;
        if (values.Length != layout.ColumnCount) throw new InvalidOperationException($"a row of {values.Length} values for {layout.ColumnCount} columns");
        byte* row = buffer.Append();
        for (int i = 0; i < values.Length; i++)
        {
            byte* slot = row + layout.Offset(i);
            if (values[i] is { } value)
            {
                Store(layout.Types[i], slot, value);
                continue;
            }

            TupleLayout.SetNull(row, i);
            Unsafe.InitBlockUnaligned(slot, 0, (uint)layout.Types[i].Kind.TupleWidthBytes());
        }
    }

    /// <summary>Appends rows that depend on nothing but this program (or on the database's name as well). The method must be the same each time: a static one.</summary>
    public void AddFixed(Action<CatalogRows> make, bool namesDatabase = false)
    {
        var rows = Fixed.GetOrAdd((make, namesDatabase ? Database.Name : ""), static (key, arguments) =>
        {
            var made = new TupleBuffer(arguments.buffer.Layout);
            key.Make(new CatalogRows(arguments.context, made));
            return made;
        }, (context, buffer));
        uint stride = (uint)rows.Layout.StrideBytes;
        for (int block = 0; block < rows.BlockCount; block++)
        {
            byte* source = rows.Block(block, out int count);
            for (int i = 0; i < count; i++, source += stride) Unsafe.CopyBlockUnaligned(buffer.Append(), source, stride);
        }
    }

    private void Store(SqlType type, byte* slot, object value)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool: *slot = (bool)value ? (byte)1 : (byte)0; break;
            case PhysicalKind.Int16: *(short*)slot = value is short number ? number : checked((short)(int)value); break;
            case PhysicalKind.Int32: *(int*)slot = value is short small ? small : (int)value; break;
            case PhysicalKind.Int64: Unsafe.WriteUnaligned(slot, value is int narrow ? narrow : (long)value); break;
            case PhysicalKind.Float32: *(float*)slot = (float)value; break;
            case PhysicalKind.Float64: Unsafe.WriteUnaligned(slot, (double)value); break;
            case PhysicalKind.Interval: Unsafe.WriteUnaligned(slot, (Interval)value); break;
            default: Unsafe.WriteUnaligned(slot, buffer.Arena.Copy(BytesOf(type, value))); break;
        }
    }

    private ReadOnlySpan<byte> BytesOf(SqlType type, object value) => value switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        char letter => letter == '\0' ? [] : new[] { (byte)letter },
        byte[] bytes => bytes,
        Array array => ArrayBytes(type, array),
        _ => throw new InvalidOperationException($"no {type} is made of a {value.GetType().Name}"),
    };

    /// <summary>Arrays count from 1, int2vector and oidvector from 0.</summary>
    private ReadOnlySpan<byte> ArrayBytes(SqlType type, Array items)
    {
        if (type.IsArray) _array.Begin();
        else _array.Begin([items.Length], [0]);
        foreach (object? item in items)
        {
            switch (item)
            {
                case short number: _array.Add(new ReadOnlySpan<byte>(&number, 2)); break;
                case int number: _array.Add(new ReadOnlySpan<byte>(&number, 4)); break;
                case float number: _array.Add(new ReadOnlySpan<byte>(&number, 4)); break;
                case char letter: _array.Add(new[] { (byte)letter }); break;
                case string text: _array.Add(Encoding.UTF8.GetBytes(text)); break;
                case null: _array.AddNull(); break;
                default: throw new InvalidOperationException($"no array is made of {item.GetType().Name}");
            }
        }

        return _array.Finish();
    }
}

/// <summary>The session behind a running query: catalog functions and views need more than the runtime's interface tells.</summary>
internal static class CatalogContext
{
    public static Session SessionOf(this QueryContext context) => ((SessionServices)context.Session).Session;

    public static CatalogSnapshot CatalogOf(this QueryContext context) => context.SessionOf().Catalog.Snapshot;
}

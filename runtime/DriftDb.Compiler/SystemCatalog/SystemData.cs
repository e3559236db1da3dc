using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The fixed part of the system catalogs: data files beside this one, taken from PostgreSQL 15, whose oids clients know by heart.</summary>
internal static class SystemData
{
    /// <summary>A relation's definition: its columns without its rows.</summary>
    public sealed record Relation(string Schema, string Name, int Oid, bool IsTable, ImmutableArray<RelationColumn> Columns);

    private static readonly Lazy<FrozenDictionary<int, TypeFacts>> TypesByOid = new(() => Table("types.tsv").Select(TypeFacts.Read).ToFrozenDictionary(type => type.Oid));

    /// <summary>pg_type's rows of base types by oid.</summary>
    public static FrozenDictionary<int, TypeFacts> Types => TypesByOid.Value;

    private static readonly Lazy<FrozenDictionary<int, string>> TypeFunctionNames = new(() => Table("type_functions.tsv").ToFrozenDictionary(row => Number(row[0]), row => row[1]));

    /// <summary>The functions that pg_type names, by oid.</summary>
    public static FrozenDictionary<int, string> TypeFunctions => TypeFunctionNames.Value;

    /// <summary>The relations, in the file's order.</summary>
    public static IEnumerable<Relation> Relations() => Lines("relations.txt").Select(ReadRelation);

    /// <summary>The rows of a tab-separated file, without its head.</summary>
    public static IEnumerable<string[]> Table(string file) => Lines(file).Skip(1).Select(line => line.Split('\t'));

    public static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Lines(string file)
    {
        using var stream = typeof(SystemData).Assembly.GetManifestResourceStream("SystemCatalog/" + file) ?? throw new InvalidOperationException($"{file} is not embedded");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line;
    }

    /// <summary><c>schema.name oid relkind: column type, …</c></summary>
    private static Relation ReadRelation(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        string[] head = line[..colon].Split(' '), name = head[0].Split('.');
        ImmutableArray<RelationColumn> columns = [.. line[(colon + 1)..].Split(',').Select((column, ordinal) => ReadColumn(column.Trim(), ordinal))];
        return new Relation(name[0], name[1], Number(head[1]), head[2] == "r", columns);
    }

    private static RelationColumn ReadColumn(string text, int ordinal)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        bool isNotNull = text.EndsWith('!');
        return new RelationColumn(ordinal, ordinal + 1, (short)(ordinal + 1), text[..space], ReadType(text[(space + 1)..].TrimEnd('!')), !isNotNull);
    }

    private static SqlType ReadType(string name)
    {
        if (name.EndsWith("[]", StringComparison.Ordinal)) return SqlType.ArrayOf(ReadType(name[..^2]));
        return name == "char" ? SqlType.Char1 : TypeNames.Find(name) ?? SqlType.Text;
    }
}

/// <summary>What pg_type tells of a base type.</summary>
internal sealed record TypeFacts(
    int Oid, string Name, short Length, bool ByValue, char Kind, char Category, bool IsPreferred, int Subscript, int Element, int Array,
    int Input, int Output, int Receive, int Send, int ModifierInput, int ModifierOutput, int Analyze, char Alignment, char Storage, int Collation)
{
    /// <summary>For types that only DriftDB's catalog knows (row types).</summary>
    public static readonly TypeFacts Row = new(0, "record", -1, false, 'c', 'C', false, 0, 0, 0, 2290, 2291, 2402, 2403, 0, 0, 0, 'd', 'x', 0);

    /// <summary>Enums.</summary>
    public static readonly TypeFacts Enum = new(0, "enum", 4, true, 'e', 'E', false, 0, 0, 0, 3506, 3507, 3532, 3533, 0, 0, 0, 'i', 'p', 0);

    /// <summary>What is known of a stored type, the users' own included.</summary>
    public static TypeFacts Of(StoredType type) => type.Oid == (int)TypeId.Enum ? Enum : type.UserOid != 0 && type.Oid != (int)TypeId.Record ? Of(2287) with { Category = 'A', Kind = 'b', Name = "_" } : Of(type.Oid);

    public static TypeFacts Of(int oid) => SystemData.Types.GetValueOrDefault(oid) ?? Row;

    public static TypeFacts Of(SqlType type) => Of(TypeNames.Oid(type));

    public static TypeFacts Read(string[] row)
    {
        int Number(int column) => SystemData.Number(row[column]);
        return new TypeFacts(
            Number(0), row[1], (short)Number(2), row[3] == "t", row[4][0], row[5][0], row[6] == "t", Number(7), Number(8), Number(9),
            Number(10), Number(11), Number(12), Number(13), Number(14), Number(15), Number(16), row[17][0], row[18][0], Number(19));
    }
}

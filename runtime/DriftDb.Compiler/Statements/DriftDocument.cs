using System.Text.Json;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A JSON document as columns and values: text, bigint, numeric, boolean, and jsonb for what is nested.</summary>
internal static class DriftDocument
{
    /// <param name="Name">The column.</param>
    /// <param name="Type">The type that the value asks for; null for a JSON null, which fits any.</param>
    /// <param name="Literal">The value as an SQL literal.</param>
    public sealed record Field(string Name, SqlType? Type, string Literal)
    {
        /// <summary>The type of a column made for this field.</summary>
        public SqlType ColumnType => Type ?? SqlType.Text;
    }

    public static IReadOnlyList<Field> Read(JsonText document)
    {
        using var json = StoredJson.Open(document.Text);
        if (json.RootElement.ValueKind != JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, "a document must be a JSON object", document.Span);
        var fields = new List<Field>();
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (fields.Exists(field => field.Name == property.Name)) throw new SqlException(SqlState.DuplicateColumn, $"the document has the field \"{property.Name}\" twice", document.Span);
            fields.Add(Of(property.Name, property.Value));
        }

        return fields;
    }

    private static Field Of(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new Field(name, null, "NULL"),
        JsonValueKind.True => new Field(name, SqlType.Bool, "'true'"),
        JsonValueKind.False => new Field(name, SqlType.Bool, "'false'"),
        JsonValueKind.String => new Field(name, SqlType.Text, Quoted(value.GetString()!)),
        // Quoted, so that a number goes into a text key as it was written.
        JsonValueKind.Number when value.TryGetInt64(out _) => new Field(name, SqlType.Int8, Quoted(value.GetRawText())),
        JsonValueKind.Number => new Field(name, SqlType.Numeric, Quoted(value.GetRawText())),
        _ => new Field(name, SqlType.Jsonb, Quoted(value.GetRawText())),
    };

    private static string Quoted(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) throw new SqlException(SqlState.UntranslatableCharacter, "\\u0000 cannot be converted to text");
        return "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
    }
}

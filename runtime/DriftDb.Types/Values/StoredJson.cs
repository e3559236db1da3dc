using System.Text.Json;

namespace DriftDb.Types;

/// <summary>Opens JSON that <see cref="JsonParser"/> has let in, as deep as that may be: .NET's own limit is 64 levels.</summary>
public static class StoredJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Limits.NestingDepth + 1 };

    public static JsonDocument Open(ReadOnlySpan<byte> value) => JsonDocument.Parse(value.ToArray(), Options);

    public static JsonDocument Open(string text) => JsonDocument.Parse(text, Options);
}

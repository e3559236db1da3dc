using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using DriftDb.Storage;

namespace DriftDb.Runtime;

/// <summary>Keys of jsonb in indexes: the order of <see cref="Types.JsonbComparer"/>, so that equal numbers of different scales are one key, and containers with fewer members come first.</summary>
internal static class JsonbKeys
{
    private const byte EmptyArray = 0, Null = 1, String = 2, Number = 3, Boolean = 4, Array = 5, Object = 6;

    public static void Encode(ReadOnlySpan<byte> value, KeyBuilder key)
    {
        using JsonDocument document = Types.StoredJson.Open(value);
        JsonElement root = document.RootElement;
        // At the top an empty array comes before all else.
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 0) key.AppendRaw([EmptyArray]);
        else Encode(root, key);
    }

    private static void Encode(JsonElement element, KeyBuilder key)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null: key.AppendRaw([Null]); break;
            case JsonValueKind.String:
                key.AppendRaw([String]);
                key.AppendEscaped(Encoding.UTF8.GetBytes(element.GetString()!));
                break;
            case JsonValueKind.Number:
                key.AppendRaw([Number]);
                NumericKey.Encode(Types.SqlNumeric.Parse(element.GetRawText()), key);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                key.AppendRaw([Boolean, element.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0]);
                break;
            case JsonValueKind.Array:
                key.AppendRaw([Array]);
                AppendCount(key, element.GetArrayLength());
                foreach (JsonElement member in element.EnumerateArray()) Encode(member, key);
                break;
            default:
                key.AppendRaw([Object]);
                AppendCount(key, element.EnumerateObject().Count());
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    key.AppendEscaped(Encoding.UTF8.GetBytes(member.Name));
                    Encode(member.Value, key);
                }

                break;
        }
    }

    private static void AppendCount(KeyBuilder key, int count)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, count);
        key.AppendRaw(bytes);
    }
}

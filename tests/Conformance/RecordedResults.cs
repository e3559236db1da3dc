using System.Text.Json;

namespace DriftDb.Conformance;

/// <summary>What another server answered, kept beside the suite: feature → how many statements of how many did what they must.</summary>
internal static class RecordedResults
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string path, IReadOnlyDictionary<string, FeatureResult> results) =>
        File.WriteAllText(path, JsonSerializer.Serialize(results.ToDictionary(pair => pair.Key, pair => $"{pair.Value.Right}/{pair.Value.Total}"), Indented) + "\n");

    public static IReadOnlyDictionary<string, string> Read(string path) => JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path))!;
}

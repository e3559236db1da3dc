using YamlDotNet.Serialization;

namespace DriftDb.Conformance;

/// <summary>The standard's own list of features: features.yml, Annex F of SQL:2016 as github.com/elliotchance/sqltest has it (MIT licence).</summary>
internal sealed class FeatureList
{
    [YamlMember(Alias = "mandatory")] public Dictionary<string, string> Mandatory { get; set; } = [];

    [YamlMember(Alias = "optional")] public Dictionary<string, string> Optional { get; set; } = [];

    public static FeatureList Read(string path)
    {
        using var text = File.OpenText(path);
        return new DeserializerBuilder().Build().Deserialize<FeatureList>(text);
    }

    /// <summary>The features that a feature consists of; none for one that is tested itself.</summary>
    public IEnumerable<string> Parts(string id) => Mandatory.Keys.Concat(Optional.Keys).Where(other => other.StartsWith(id + "-", StringComparison.Ordinal));
}

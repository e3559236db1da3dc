using System.Collections.Immutable;
using System.Text;

namespace DriftDb.Types;

/// <summary>A label of an enum and the key that stands for it in stored values.</summary>
/// <param name="Key">What a value is: keys order as the labels do, byte by byte, and a label keeps its key for ever (see <see cref="EnumKeys"/>).</param>
/// <param name="Text">The label as it is called at one moment.</param>
public sealed record EnumLabel(byte[] Key, string Text)
{
    /// <summary>The label in UTF-8.</summary>
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);

    public bool Equals(EnumLabel? other) => other is not null && Text == other.Text && Key.AsSpan().SequenceEqual(other.Key);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>
/// An enum as it is at one moment: its labels in their order. A value is its label's key, so that values compare and sort as bytes and never change when labels are added or renamed.
/// </summary>
public sealed class EnumType : IEquatable<EnumType>
{
    private readonly Dictionary<string, EnumLabel> _byText;
    private readonly Dictionary<byte[], EnumLabel>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    public EnumType(int oid, int arrayOid, string name, ImmutableArray<EnumLabel> labels)
    {
        Oid = oid;
        ArrayOid = arrayOid;
        Name = name;
        Labels = labels;
        _byText = labels.ToDictionary(label => label.Text);
        _byKey = labels.ToDictionary(label => label.Key, ByteKeys.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>pg_type.oid.</summary>
    public int Oid { get; }

    public int ArrayOid { get; }

    public string Name { get; }

    /// <summary>In the order of the enum.</summary>
    public ImmutableArray<EnumLabel> Labels { get; }

    /// <summary>The key of a label: 22P02 for a text that is none.</summary>
    public byte[] KeyOf(ReadOnlySpan<byte> text)
    {
        string label = Encoding.UTF8.GetString(text);
        return _byText.TryGetValue(label, out var found) ? found.Key : throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input value for enum {Name}: \"{label}\"");
    }

    /// <summary>The label of a value, in UTF-8.</summary>
    public ReadOnlySpan<byte> LabelOf(ReadOnlySpan<byte> key) =>
        _byKey.TryGetValue(key, out var found) ? found.Utf8 : throw new SqlException(SqlState.InvalidBinaryRepresentation, $"invalid internal value for enum {Name}: {Convert.ToHexString(key)}");

    public bool Equals(EnumType? other) => ReferenceEquals(this, other) || (other is not null && Oid == other.Oid && Name == other.Name && Labels.SequenceEqual(other.Labels));

    public override bool Equals(object? obj) => Equals(obj as EnumType);

    public override int GetHashCode() => HashCode.Combine(Oid, Labels.Length);

    private sealed class ByteKeys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteKeys Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)ValueComparer.HashSpan(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

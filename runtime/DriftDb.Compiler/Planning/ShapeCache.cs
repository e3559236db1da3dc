using System.Collections.Concurrent;

namespace DriftDb.Compiler;

/// <summary>
/// Plans by statement shape (see <see cref="Session"/>'s fingerprints). The hash finds the entry, the normalised text decides. An entry without a plan says that
/// the shape isn't worth looking at: its statements are planned one by one.
/// </summary>
internal sealed class ShapeCache
{
    private const int Capacity = 4_000;

    private readonly ConcurrentDictionary<UInt128, Shape> _shapes = new();

    public sealed class Shape(byte[] text, string environment, long catalogVersion, QueryPlan? plan)
    {
        public byte[] Text { get; } = text;

        public string Environment { get; } = environment;

        public long CatalogVersion { get; } = catalogVersion;

        public QueryPlan? Plan { get; } = plan;

        public ParameterRowPool Rows { get; } = new(plan?.ParameterTypes ?? []);
    }

    public Shape? Find(UInt128 hash, ReadOnlySpan<byte> text, string environment, long catalogVersion) =>
        _shapes.TryGetValue(hash, out var shape) && shape.CatalogVersion == catalogVersion && shape.Environment == environment && text.SequenceEqual(shape.Text) ? shape : null;

    public Shape Add(UInt128 hash, byte[] text, string environment, long catalogVersion, QueryPlan? plan)
    {
        if (_shapes.Count >= Capacity) _shapes.Clear();
        return _shapes[hash] = new Shape(text, environment, catalogVersion, plan);
    }
}

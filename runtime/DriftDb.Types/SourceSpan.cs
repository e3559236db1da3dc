namespace DriftDb.Types;

/// <summary>A range of a statement's text, in UTF-16 code units from the text's start; <see cref="None"/> where there is no text.</summary>
/// <param name="Start">Offset of the first code unit.</param>
/// <param name="Length">Number of code units; may be 0 for a point between two characters.</param>
public readonly record struct SourceSpan(int Start, int Length)
{
    public static readonly SourceSpan None = new(-1, 0);

    public bool IsNone => Start < 0;

    public int End => Start + Length;

    /// <summary>The smallest span that covers both; a span that is <see cref="None"/> adds nothing.</summary>
    public SourceSpan Union(SourceSpan other)
    {
        if (IsNone) return other;
        if (other.IsNone) return this;
        int start = Math.Min(Start, other.Start);
        return new SourceSpan(start, Math.Max(End, other.End) - start);
    }

    public override string ToString() => IsNone ? "-" : $"{Start}..{End}";
}

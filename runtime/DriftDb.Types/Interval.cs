using System.Runtime.InteropServices;

namespace DriftDb.Types;

/// <summary>PostgreSQL's interval: three parts that don't convert into each other until they are compared (a month is 30 days, a day 24 hours).</summary>
/// <param name="Microseconds">The time part, µs.</param>
/// <param name="Days">The day part.</param>
/// <param name="Months">The month part, years included.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Interval(long Microseconds, int Days, int Months) : IComparable<Interval>
{
    public const long MicrosecondsPerDay = 86_400_000_000L;

    /// <summary>The whole span in µs, as comparisons see it.</summary>
    public Int128 Comparable => (Int128)Microseconds + ((Int128)Days + (Int128)Months * 30) * MicrosecondsPerDay;

    public int CompareTo(Interval other) => Comparable.CompareTo(other.Comparable);

    /// <summary>Equality as SQL sees it: '1 month' = '30 days'.</summary>
    public bool SqlEquals(Interval other) => Comparable == other.Comparable;
}

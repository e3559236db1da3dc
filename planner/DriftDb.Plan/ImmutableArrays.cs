using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Mapping over immutable arrays that keeps the array's identity when nothing changed.</summary>
public static class ImmutableArrays
{
    /// <summary>The array of the mapped items; the very same array when every item came back as it was (by reference).</summary>
    public static ImmutableArray<T> Map<T>(ImmutableArray<T> items, Func<T, T> map) where T : class
    {
        ImmutableArray<T>.Builder? changed = null;
        for (int i = 0; i < items.Length; i++)
        {
            T item = map(items[i]);
            if (changed is null && !ReferenceEquals(item, items[i]))
            {
                changed = ImmutableArray.CreateBuilder<T>(items.Length);
                changed.AddRange(items, i);
            }

            changed?.Add(item);
        }

        return changed?.MoveToImmutable() ?? items;
    }
}

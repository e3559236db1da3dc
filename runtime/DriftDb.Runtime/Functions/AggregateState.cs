using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A group's state of an aggregate that isn't built into code generation. One object a group.</summary>
public abstract unsafe class AggregateState
{
    /// <summary>Called once before the first row.</summary>
    /// <param name="argumentTypes">Types of the arguments as they are.</param>
    /// <param name="resultType">The result's type, polymorphic types resolved.</param>
    public virtual void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType)
    {
    }

    /// <summary>Takes a row: the arguments as a tuple of the given layout. Bytes must be copied if they are kept.</summary>
    public abstract void Add(QueryContext context, byte* arguments, TupleLayout layout);

    /// <summary>The result; <see cref="Datum.Null"/> for NULL. Bytes go into the arena.</summary>
    public abstract Datum Result(QueryContext context, Arena arena);

    /// <summary>The group is done with: gives back what doesn't go with the object.</summary>
    public virtual void Free()
    {
    }
}

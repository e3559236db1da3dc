namespace DriftDb.Compiler;

/// <summary>Which deferrable constraints a transaction has put off: as SET CONSTRAINTS said last, else as they were declared.</summary>
internal sealed class ConstraintDeferral
{
    private readonly Dictionary<int, bool> _named = [];
    private bool? _all;

    /// <summary>Whether anything was put off that has to be checked before the commit.</summary>
    public bool HasPending { get; set; }

    public bool IsDeferred(ConstraintObject constraint) =>
        constraint.IsDeferrable && (_named.TryGetValue(constraint.Oid, out bool named) ? named : _all ?? constraint.IsInitiallyDeferred);

    public void SetAll(bool isDeferred)
    {
        _named.Clear();
        _all = isDeferred;
    }

    public void Set(ConstraintObject constraint, bool isDeferred) => _named[constraint.Oid] = isDeferred;

    public void Reset()
    {
        _named.Clear();
        _all = null;
        HasPending = false;
    }
}

using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// A constant. <see cref="Value"/> is null for NULL, else boxed as the kind's stack type (<see cref="PhysicalKinds.StackType"/>), with <c>byte[]</c>
/// standing for <see cref="PhysicalKind.Bytes"/>.
/// </summary>
public sealed record ScalarConstant(object? Value, SqlType ConstantType) : ScalarLeaf(ConstantType, Value is null)
{
    public static readonly ScalarConstant True = new(true, SqlType.Bool);
    public static readonly ScalarConstant False = new(false, SqlType.Bool);

    public static ScalarConstant Null(SqlType type) => new(null, type);

    public bool IsNull => Value is null;

    public bool IsTrue => Value is true;

    public bool IsFalse => Value is false;
}

using System.Linq.Expressions;
using System.Reflection;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A scalar as generated code: its value and whether it is NULL (null: never). Both may be evaluated any number of times without effect, but cost each time: see <see cref="BodyBuilder.Stable(Expression)"/>.</summary>
internal readonly record struct Code(Expression Value, Expression? IsNull)
{
    public static Code NotNull(Expression value) => new(value, null);
}

/// <summary>Access to memory by kind.</summary>
internal static class MemoryCode
{
    public static Expression Call(string method, params Expression[] arguments) => Call(typeof(Memory), method, arguments);

    public static Expression Call(Type type, string method, params Expression[] arguments) => Expression.Call(Method(type, method), arguments);

    public static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) ?? throw new MissingMethodException(type.Name, name);

    public static Expression Read(PhysicalKind kind, Expression tuple, int offset) => Call("Read" + kind, tuple, Expression.Constant(offset));

    /// <summary>Writes a value; bytes are copied into the arena, or kept as they are where it is null.</summary>
    public static Expression Write(PhysicalKind kind, Expression tuple, int offset, Expression value, Expression? arena) =>
        kind != PhysicalKind.Bytes ? Call("Write" + kind, tuple, Expression.Constant(offset), value)
        : arena is null ? Call("WriteSlice", tuple, Expression.Constant(offset), value)
        : Call("WriteBytes", tuple, Expression.Constant(offset), value, arena);

    public static Expression Vector(PhysicalKind kind, Expression data, Expression heap, Expression row) =>
        kind == PhysicalKind.Bytes ? Call("VectorBytes", data, heap, row) : Call("Vector" + kind, data, row);

    public static Expression IsNull(Expression tuple, int column) => Call("IsNull", tuple, Expression.Constant(column));

    public static Expression SetNull(Expression tuple, int column) => Call("SetNull", tuple, Expression.Constant(column));
}

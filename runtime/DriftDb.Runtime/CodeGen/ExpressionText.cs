using System.Linq.Expressions;
using System.Reflection;

namespace DriftDb.Runtime;

/// <summary>Generated code as text, for EXPLAIN (STAGES): the framework's own debug view.</summary>
internal static class ExpressionText
{
    private static readonly PropertyInfo? DebugView = typeof(Expression).GetProperty("DebugView", BindingFlags.Instance | BindingFlags.NonPublic);

    public static string Print(Expression expression) => DebugView?.GetValue(expression) as string ?? expression.ToString();
}

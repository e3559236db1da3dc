using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Calls of routines in a procedural language: the session runs the body. The routine's oid comes before its arguments. The two are no functions of the catalog: a call says itself of which type its result is, so that only the
/// binder may make one.
/// </summary>
public static class RoutineCall
{
    /// <summary>A routine's value, as <see cref="Plan.FunctionSignature.Implementation"/>.</summary>
    public static object Value { get; } = new MethodImplementation(typeof(RoutineCall).GetMethod(nameof(CallForValue), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!, TakesContext: true, IsVariadic: true);

    /// <summary>Its rows.</summary>
    public static object Rows { get; } = new MethodImplementation(typeof(RoutineCall).GetMethod(nameof(CallForRows), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!, TakesContext: true, IsVariadic: true);

    private static Datum CallForValue(QueryContext context, int oid, Datum[] arguments) => context.Session.CallRoutine(context, oid, arguments);

    private static void CallForRows(QueryContext context, int oid, Datum[] arguments, RowWriter rows) => context.Session.CallRoutine(context, oid, arguments, rows);
}

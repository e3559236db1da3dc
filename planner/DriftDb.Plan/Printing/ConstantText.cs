using System.Globalization;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// A constant's value as text, for plans. The rendering of values is the runtime's (<see cref="Renderer"/> is set by it at start-up);
/// without it, kinds are shown plainly.
/// </summary>
public static class ConstantText
{
    /// <summary>Gives a constant's text, without quotes; set once by the runtime, which owns the types' text forms.</summary>
    public static Func<object, SqlType, string>? Renderer { get; set; }

    public static string Of(ScalarConstant constant) => constant.Value switch
    {
        null => "NULL",
        true => "true",
        false => "false",
        { } value when Renderer is { } render => render(value, constant.Type),
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

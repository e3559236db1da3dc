using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Trigonometry in degrees (PostgreSQL's documentation, table 9.7). Each function is put together from parts that are scaled so that the angles one knows by heart
/// have their exact values: <c>sind(30)</c> is 0.5, which the sine of π/6 in floating point isn't.
/// </summary>
internal static class DegreeFunctions
{
    private const double RadiansPerDegree = Math.PI / 180;
    private static readonly double Sin30 = Math.Sin(30 * RadiansPerDegree);
    private static readonly double OneMinusCos60 = 1 - Math.Cos(60 * RadiansPerDegree);
    private static readonly double Asin05 = Math.Asin(0.5);
    private static readonly double Acos05 = Math.Acos(0.5);
    private static readonly double Atan1 = Math.Atan(1);
    private static readonly double Tan45 = SinOfFirstQuadrant(45) / CosOfFirstQuadrant(45);
    private static readonly double Cot45 = CosOfFirstQuadrant(45) / SinOfFirstQuadrant(45);

    [SqlFunction("sind")]
    public static double Sine(double degrees)
    {
        if (double.IsNaN(degrees)) return degrees;
        var (angle, sign) = ToHalfTurn(degrees);
        return (angle.IsNegative ? -sign : sign) * SinOfFirstQuadrant(angle.Degrees > 90 ? 180 - angle.Degrees : angle.Degrees);
    }

    [SqlFunction("cosd")]
    public static double Cosine(double degrees)
    {
        if (double.IsNaN(degrees)) return degrees;
        double angle = ToHalfTurn(degrees).Angle.Degrees;
        return angle > 90 ? -CosOfFirstQuadrant(180 - angle) : CosOfFirstQuadrant(angle);
    }

    [SqlFunction("tand")]
    public static double Tangent(double degrees)
    {
        if (double.IsNaN(degrees)) return degrees;
        var (angle, sign) = ToFirstQuadrant(degrees);
        return WithoutNegativeZero(sign * (SinOfFirstQuadrant(angle) / CosOfFirstQuadrant(angle) / Tan45));
    }

    [SqlFunction("cotd")]
    public static double Cotangent(double degrees)
    {
        if (double.IsNaN(degrees)) return degrees;
        var (angle, sign) = ToFirstQuadrant(degrees);
        return WithoutNegativeZero(sign * (CosOfFirstQuadrant(angle) / SinOfFirstQuadrant(angle) / Cot45));
    }

    [SqlFunction("asind")]
    public static double ArcSine(double x) => x switch
    {
        double.NaN => x,
        < -1 or > 1 => throw MathFunctions.OutOfRange(),
        >= 0 => ArcSineOfPositive(x),
        _ => -ArcSineOfPositive(-x),
    };

    [SqlFunction("acosd")]
    public static double ArcCosine(double x) => x switch
    {
        double.NaN => x,
        < -1 or > 1 => throw MathFunctions.OutOfRange(),
        < 0 => 90 + ArcSineOfPositive(-x),
        <= 0.5 => 90 - Math.Asin(x) / Asin05 * 30,
        _ => Math.Acos(x) / Acos05 * 60,
    };

    [SqlFunction("atand")] public static double ArcTangent(double x) => Math.Atan(x) / Atan1 * 45;
    [SqlFunction("atan2d")] public static double ArcTangent(double y, double x) => Math.Atan2(y, x) / Atan1 * 45;

    private static double ArcSineOfPositive(double x) => x <= 0.5 ? Math.Asin(x) / Asin05 * 30 : 90 - Math.Acos(x) / Acos05 * 60;

    /// <summary>The angle without whole turns, folded into 0 to 180 degrees; folding changes the sine's sign.</summary>
    private static ((double Degrees, bool IsNegative) Angle, int Sign) ToHalfTurn(double degrees)
    {
        if (double.IsInfinity(degrees)) throw MathFunctions.OutOfRange();
        double angle = degrees % 360;
        bool isNegative = angle < 0;
        angle = Math.Abs(angle);
        return angle > 180 ? ((360 - angle, isNegative), -1) : ((angle, isNegative), 1);
    }

    /// <summary>The angle folded into 0 to 90 degrees, and the sign that its tangent has.</summary>
    private static (double Degrees, int Sign) ToFirstQuadrant(double degrees)
    {
        var (angle, sign) = ToHalfTurn(degrees);
        if (angle.IsNegative) sign = -sign;
        return angle.Degrees > 90 ? (180 - angle.Degrees, -sign) : (angle.Degrees, sign);
    }

    private static double SinOfFirstQuadrant(double degrees) => degrees <= 30 ? SinUpTo30(degrees) : CosUpTo60(90 - degrees);

    private static double CosOfFirstQuadrant(double degrees) => degrees <= 60 ? CosUpTo60(degrees) : SinUpTo30(90 - degrees);

    private static double SinUpTo30(double degrees) => Math.Sin(degrees * RadiansPerDegree) / Sin30 / 2;

    private static double CosUpTo60(double degrees) => 1 - (1 - Math.Cos(degrees * RadiansPerDegree)) / OneMinusCos60 / 2;

    private static double WithoutNegativeZero(double x) => x == 0 ? 0 : x;
}

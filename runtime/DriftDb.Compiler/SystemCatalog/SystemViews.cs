namespace DriftDb.Compiler;

/// <summary>All system views, each made in the file of its chapter.</summary>
internal static class SystemViews
{
    public static IEnumerable<SystemRelation> All() => [];
}

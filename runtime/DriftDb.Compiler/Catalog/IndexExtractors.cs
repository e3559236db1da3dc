using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Compiled keys of expression and partial indexes.</summary>
internal static class IndexExtractors
{
    public static KeyExtractor For(Database database, TableRelation relation, IndexObject index) =>
        throw new SqlException(SqlState.FeatureNotSupported, $"index \"{index.Name}\": expression and partial indexes are not supported yet");
}

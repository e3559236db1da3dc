namespace DriftDb.Storage;

public sealed partial class DriftStore
{
    public partial TableStatistics Analyze(StorageTable table) => throw new NotImplementedException();
}

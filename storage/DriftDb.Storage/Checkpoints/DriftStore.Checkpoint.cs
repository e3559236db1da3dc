namespace DriftDb.Storage;

public sealed partial class DriftStore
{
    private Manifest _manifest = Manifest.Empty;

    public partial void Checkpoint() => PumpLog();

    private void LoadCheckpoint()
    {
    }

    private void StartCheckpoints()
    {
    }

    private void StopCheckpoints()
    {
    }
}

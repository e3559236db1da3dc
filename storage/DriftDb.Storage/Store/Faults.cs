namespace DriftDb.Storage;

#pragma warning disable CS0649 // Assigned by tests only.

/// <summary>Faults that tests plant, to prove that their harness would notice. All off in production; each is per thread, so tests that plant one don't disturb others.</summary>
internal static class Faults
{
    /// <summary>1: chunks are closed one sequence early.</summary>
    [ThreadStatic] public static int CloseEarly;

    /// <summary>Scans look at all rows of a chunk, not only at those that had arrived.</summary>
    [ThreadStatic] public static bool IgnoreArrival;

    /// <summary>Commits are acknowledged before they are synced.</summary>
    [ThreadStatic] public static bool AcknowledgeEarly;

    /// <summary>Frames' checksums aren't compared.</summary>
    [ThreadStatic] public static bool IgnoreChecksums;

    /// <summary>Compaction loses one frame.</summary>
    [ThreadStatic] public static bool DropFrameInCompaction;

    /// <summary>Compaction doesn't compare what it wrote with what it read.</summary>
    [ThreadStatic] public static bool IgnoreEventMultiset;

    /// <summary>1: retention drops one event too many.</summary>
    [ThreadStatic] public static int DropBeyondFloor;

    /// <summary>An erasure leaves the oldest version of each row.</summary>
    [ThreadStatic] public static bool KeepErasedVersion;

    /// <summary>An index misses the entry of every tenth row.</summary>
    [ThreadStatic] public static bool MissIndexEntry;

    /// <summary>Whose period is written isn't locked against others' periods of the same owner.</summary>
    [ThreadStatic] public static bool LeaveOwnersUnlocked;

    /// <summary>Recovery leaves a torn tail where it is and goes on behind it.</summary>
    [ThreadStatic] public static bool KeepTornTail;
}

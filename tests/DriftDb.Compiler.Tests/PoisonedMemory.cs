using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Compiler.Tests;

internal static class PoisonedMemory
{
    /// <summary>Freed blocks are overwritten, so that whoever reads them too late is found out.</summary>
    [ModuleInitializer]
    internal static void Initialize() => NativeMemoryPool.PoisonsFreed = true;
}

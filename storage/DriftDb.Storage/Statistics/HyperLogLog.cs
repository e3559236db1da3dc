using System.Numerics;

namespace DriftDb.Storage;

/// <summary>Approximate count of distinct values: 4,096 registers, standard error 1.6 % (Flajolet et al. 2007, with linear counting for small counts).</summary>
internal sealed class HyperLogLog
{
    private const int IndexBits = 12, Registers = 1 << IndexBits;

    private readonly byte[] _registers = new byte[Registers];

    public void Add(ulong hash)
    {
        int register = (int)(hash >> (64 - IndexBits));
        byte rank = (byte)(BitOperations.LeadingZeroCount((hash << IndexBits) | (1UL << (IndexBits - 1))) + 1);
        if (rank > _registers[register]) _registers[register] = rank;
    }

    public double Estimate()
    {
        double sum = 0;
        int zeros = 0;
        foreach (byte rank in _registers)
        {
            sum += Math.ScaleB(1, -rank);
            if (rank == 0) zeros++;
        }

        double estimate = 0.7213 / (1 + 1.079 / Registers) * Registers * Registers / sum;
        return estimate < 2.5 * Registers && zeros > 0 ? Registers * Math.Log((double)Registers / zeros) : estimate;
    }
}

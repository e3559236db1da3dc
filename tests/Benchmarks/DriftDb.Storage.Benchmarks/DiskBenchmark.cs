using System.Diagnostics;
using System.Globalization;
using System.Text;
using DriftDb.Storage;
using DriftDb.Types;

/// <summary>
/// What the disk costs: <c>accounts DIR</c> (the workload of the temporal benchmark: bytes a version, write amplification, the longest pause of a commit while checkpoints run), <c>fill DIR ROWS [kill]</c> and
/// <c>open DIR BUDGET_MB</c> (start-up, then a sum over one column and over all rows' bytes under a memory budget). Each in a process of its own.
/// </summary>
internal static unsafe class DiskBenchmark
{
    private const int Accounts = 100_000, Updates = 1_000_000, Batch = 100;

    private static readonly TableDefinition Definition = new(1, "public", "accounts",
        [new ColumnDefinition(1, "id", SqlType.Int4), new ColumnDefinition(2, "balance", SqlType.Int8), new ColumnDefinition(3, "owner", SqlType.Text), new ColumnDefinition(4, "status", SqlType.Text)]);

    private static readonly string[] Status = ["active", "frozen", "closed"];

    public static void Run(string[] args)
    {
        switch (args[0])
        {
            case "accounts": MeasureAccounts(args[1]); break;
            case "fill": Fill(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), args.Length > 3); break;
            default: Open(args[1], long.Parse(args[2], CultureInfo.InvariantCulture)); break;
        }
    }

    private static void MeasureAccounts(string directory)
    {
        double slowest = 0, sum = 0;
        using (DriftStore store = Create(directory, new StoreOptions { CheckpointBytes = 16L << 20 }, isIndexed: true))
        {
            Insert(store, 1, Accounts, "owner-{0:D6}");
            StorageTable table = store.FindTable(1)!;
            StorageIndex primary = store.FindIndex(11)!;
            TupleLayout layout = Definition.Layout;
            var random = new Random(42);
            var tuples = new TupleBuffer(layout);
            var watch = new Stopwatch();
            for (int i = 0; i < Updates / Batch; i++)
            {
                watch.Restart();
                using StoreTransaction transaction = store.Begin();
                transaction.BeginStatement();
                for (int k = 0; k < Batch; k++)
                {
                    table.TryGet(primary, random.Next(1, Accounts + 1), transaction.View, transaction, out RowVersion row);
                    tuples.Clear();
                    byte* tuple = tuples.Append();
                    row.CopyTo(tuple, Definition);
                    *(long*)(tuple + layout.Offset(1)) += random.Next(-500, 501);
                    transaction.Update(table, row.RowId, tuple);
                }

                CommitResult result = transaction.Commit();
                double pause = watch.Elapsed.TotalMilliseconds;
                slowest = Math.Max(slowest, pause);
                sum += pause;
                if (i % 100 == 99) store.WaitDurable(result.Lsn);
            }

            GC.KeepAlive(tuples);
            Console.WriteLine($"commits of {Batch} updates while checkpoints run: mean {sum / (Updates / Batch):F2} ms, longest {slowest:F1} ms (without the sync)");
            var checkpoint = Stopwatch.StartNew();
            store.Checkpoint();
            Console.WriteLine($"last checkpoint {checkpoint.Elapsed.TotalMilliseconds:F0} ms");
            long versions = Accounts + Updates;
            Sizes(directory, versions);
            CompactionResult compacted = store.Compact(table);
            Console.WriteLine($"COMPACT: {compacted.BytesBefore:N0} bytes became {compacted.BytesAfter:N0}");
            Sizes(directory, versions);
        }

        Console.WriteLine($"written by the process: {WrittenBytes():N0} bytes");
    }

    private static void Fill(string directory, int rows, bool kill)
    {
        var watch = Stopwatch.StartNew();
        DriftStore store = Create(directory, new StoreOptions(), isIndexed: false);
        Insert(store, 1, rows, "owner-{0:D7} " + new string('x', 100));
        Console.WriteLine($"{rows:N0} rows loaded and durable in {watch.Elapsed.TotalSeconds:F1} s, {rows / watch.Elapsed.TotalSeconds:N0} rows/s");
        if (kill) Process.GetCurrentProcess().Kill();
        watch.Restart();
        store.Dispose();
        Console.WriteLine($"clean shutdown {watch.Elapsed.TotalMilliseconds:F0} ms");
        Sizes(directory, rows);
    }

    private static void Open(string directory, long budgetMb)
    {
        var watch = Stopwatch.StartNew();
        var budget = new MemoryBudget(budgetMb << 20);
        using DriftStore store = DriftStore.Open(directory, new StoreOptions { Memory = budget });
        Console.WriteLine($"opened in {watch.Elapsed.TotalMilliseconds:F0} ms");
        StorageTable table = store.FindTable(1)!;
        for (int round = 0; round < 2; round++)
        {
            using StoreTransaction transaction = store.Begin();
            watch.Restart();
            long sum = 0, rows = 0;
            using (var vector = new ScanVector(1))
            {
                for (VectorSource scan = table.Scan(transaction.View, [2]); scan.Next(vector);)
                {
                    for (int i = 0; i < vector.Count; i++) sum += ((long*)vector.Data[0])[vector.Selection[i]];
                    rows += vector.Count;
                }
            }

            Console.WriteLine($"sum(balance) over {rows:N0} rows: {watch.Elapsed.TotalMilliseconds:F0} ms ({sum & 1}), resident {Resident():N0} MB of {budgetMb}, cached {budget.CachedBytes >> 20} MB");
        }

        for (int round = 0; round < 2; round++)
        {
            using StoreTransaction transaction = store.Begin();
            watch.Restart();
            long length = 0;
            using (var vector = new ScanVector(4))
            {
                for (VectorSource scan = table.Scan(transaction.View, [1, 2, 3, 4]); scan.Next(vector);)
                {
                    for (int i = 0; i < vector.Count; i++) length += (long)(((ulong*)vector.Data[2])[vector.Selection[i]] >> 32);
                    transaction.PassSafePoint();
                }
            }

            Console.WriteLine($"all columns ({length:N0} bytes of owner): {watch.Elapsed.TotalMilliseconds:F0} ms, resident {Resident():N0} MB, peak {Peak():N0} MB of {budgetMb}");
        }
    }

    private static DriftStore Create(string directory, StoreOptions options, bool isIndexed)
    {
        DriftStore store = DriftStore.Open(directory, options);
        using StoreTransaction create = store.Begin();
        create.CreateTable(Definition);
        if (isIndexed) create.CreateIndex(new IndexDefinition(11, 1, "accounts_pkey", [new KeyColumn(1, SqlType.Int4)], IsUnique: true));
        create.Commit();
        return store;
    }

    private static void Insert(DriftStore store, int first, int rows, string owner)
    {
        const int Block = 50_000;
        TupleLayout layout = Definition.Layout;
        var random = new Random(42);
        CommitResult result = default;
        for (int start = 0; start < rows; start += Block)
        {
            using StoreTransaction transaction = store.Begin();
            var buffer = new TupleBuffer(layout);
            for (int i = start; i < Math.Min(rows, start + Block); i++)
            {
                byte* tuple = buffer.Append();
                *(int*)(tuple + layout.Offset(0)) = first + i;
                *(long*)(tuple + layout.Offset(1)) = random.Next(1_000_000);
                *(ByteSlice*)(tuple + layout.Offset(2)) = buffer.Arena.Copy(Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, owner, first + i)));
                *(ByteSlice*)(tuple + layout.Offset(3)) = buffer.Arena.Copy(Encoding.ASCII.GetBytes(Status[i % 3]));
            }

            transaction.BulkInsert(store.FindTable(1)!, buffer);
            result = transaction.Commit();
        }

        store.WaitDurable(result.Lsn);
    }

    private static void Sizes(string directory, long versions)
    {
        foreach (string part in (string[])["wal", "commits", "tables/accounts/segments", "tables/accounts/snapshots"])
        {
            var folder = new DirectoryInfo(Path.Combine(directory, part));
            if (!folder.Exists) folder = new DirectoryInfo(Path.Combine(directory, part.Replace("accounts", "table-1", StringComparison.Ordinal)));
            long bytes = folder.Exists ? folder.EnumerateFiles().Sum(file => file.Length) : 0;
            Console.WriteLine($"  {part}: {bytes:N0} bytes, {(double)bytes / versions:F1} a version");
        }
    }

    private static long WrittenBytes() => ProcFigure("/proc/self/io", "write_bytes:");

    private static long Resident() => ProcFigure("/proc/self/status", "VmRSS:") / 1024;

    private static long Peak() => ProcFigure("/proc/self/status", "VmHWM:") / 1024;

    private static long ProcFigure(string path, string name)
    {
        using var reader = new StreamReader(path);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(name, StringComparison.Ordinal)) return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }

        return 0;
    }
}

using System.Diagnostics;
using System.Globalization;
using DriftDb.Storage;
using DriftDb.Types;

/// <summary>
/// How long commits and point reads are held up: <c>pauses DIR ROWS SECONDS</c> runs one writer (a transaction of ten updates, acknowledged when durable) and one reader against a table, first without any maintenance, then with
/// checkpoints, compaction and retention running all the time. The machine's own noise is what the first shows.
/// </summary>
internal static unsafe class PauseBenchmark
{
    private const int RowsPerTransaction = 10, CommitsPerSecond = 400;

    private static readonly TableDefinition Definition = new(1, "public", "accounts",
        [new ColumnDefinition(1, "id", SqlType.Int4), new ColumnDefinition(2, "balance", SqlType.Int8), new ColumnDefinition(3, "owner", SqlType.Text), new ColumnDefinition(4, "status", SqlType.Text)])
    {
        HistoryRetention = new Interval(2_000_000, 0, 0),
    };

    public static void Run(string directory, int rows, int seconds)
    {
        foreach (bool maintained in (bool[])[false, true])
        {
            string path = Path.Combine(directory, maintained ? "maintained" : "quiet");
            Console.WriteLine(maintained ? "checkpoint, compaction, retention all the time:" : "no maintenance:");
            using DriftStore store = DriftStore.Open(path, new StoreOptions { CheckpointBytes = maintained ? 8L << 20 : long.MaxValue, WalFileBytes = 16L << 20 });
            Load(store, rows);
            Measure(store, rows, seconds, maintained);
        }
    }

    private static void Load(DriftStore store, int rows)
    {
        using (StoreTransaction create = store.Begin())
        {
            create.CreateTable(Definition);
            create.CreateIndex(new IndexDefinition(11, 1, "accounts_pkey", [new KeyColumn(1, SqlType.Int4)], true));
            create.Commit();
        }

        StorageTable table = store.FindTable(1)!;
        for (int start = 0; start < rows; start += 50_000)
        {
            using StoreTransaction load = store.Begin();
            var buffer = new TupleBuffer(Definition.Layout);
            for (int i = start; i < Math.Min(rows, start + 50_000); i++)
            {
                byte* tuple = buffer.Append();
                *(int*)tuple = 0;
                *(int*)(tuple + Definition.Layout.Offset(0)) = i;
                *(long*)(tuple + Definition.Layout.Offset(1)) = i;
                *(ByteSlice*)(tuple + Definition.Layout.Offset(2)) = buffer.Arena.Copy(System.Text.Encoding.ASCII.GetBytes($"owner-{i:D8}"));
                *(ByteSlice*)(tuple + Definition.Layout.Offset(3)) = buffer.Arena.Copy("active"u8);
            }

            load.BulkInsert(table, buffer);
            store.WaitDurable(load.Commit().Lsn);
        }

        store.Checkpoint();
    }

    private static void Measure(DriftStore store, int rows, int seconds, bool maintained)
    {
        bool stop = false;
        var commits = new List<double>();
        var durable = new List<double>();
        var reads = new List<double>();
        StorageTable table = store.FindTable(1)!;
        var writer = new Thread(() => Write(store, table, rows, commits, durable, () => Volatile.Read(ref stop)));
        var reader = new Thread(() => Read(store, table, rows, reads, () => Volatile.Read(ref stop)));
        int rounds = 0;
        var maintenance = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                store.Compact(table);
                rounds++;
            }
        });
        writer.Start();
        reader.Start();
        if (maintained) maintenance.Start();
        Thread.Sleep(seconds * 1000);
        Volatile.Write(ref stop, true);
        writer.Join();
        reader.Join();
        if (maintained)
        {
            maintenance.Join();
            Console.WriteLine($"  {rounds} compactions with retention, floor at {table.Floor} of {store.VisibleSequence}, background: {string.Join("; ", store.Maintenance.Select(status => $"{status.Task} {status.Runs}"))}");
        }

        Report("commit until it is visible", commits);
        Report("commit until it is durable", durable);
        Report("point read", reads);
    }

    private static void Write(DriftStore store, StorageTable table, int rows, List<double> commits, List<double> durable, Func<bool> stopped)
    {
        var random = new Random(1);
        StorageIndex primary = store.FindIndex(11)!;
        var tuples = new TupleBuffer(Definition.Layout);
        var pace = Stopwatch.StartNew();
        for (long number = 0; !stopped(); number++)
        {
            double early = number * 1000.0 / CommitsPerSecond - pace.Elapsed.TotalMilliseconds;
            if (early > 1) Thread.Sleep((int)early);
            long started = Stopwatch.GetTimestamp();
            using StoreTransaction transaction = store.Begin();
            transaction.BeginStatement();
            for (int k = 0; k < RowsPerTransaction; k++)
            {
                table.TryGet(primary, random.Next(rows), transaction.View, transaction, out RowVersion row);
                tuples.Clear();
                byte* tuple = tuples.Append();
                row.CopyTo(tuple, Definition);
                *(long*)(tuple + Definition.Layout.Offset(1)) += k;
                transaction.Update(table, row.RowId, tuple);
            }

            CommitResult result = transaction.Commit();
            commits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            store.WaitDurable(result.Lsn);
            durable.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static void Read(DriftStore store, StorageTable table, int rows, List<double> reads, Func<bool> stopped)
    {
        var random = new Random(2);
        StorageIndex primary = store.FindIndex(11)!;
        long sum = 0;
        while (!stopped())
        {
            Thread.Sleep(1);
            for (int i = 0; i < 20; i++)
            {
                long started = Stopwatch.GetTimestamp();
                using StoreTransaction transaction = store.Begin();
                if (table.TryGet(primary, random.Next(rows), transaction.BeginStatement(), transaction, out RowVersion row)) sum += row.GetInt64(2);
                reads.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        GC.KeepAlive(sum);
    }

    private static void Report(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        string At(double share) => milliseconds[(int)Math.Min(milliseconds.Count - 1, milliseconds.Count * share)].ToString("F2", CultureInfo.InvariantCulture);
        Console.WriteLine($"  {what,-28} {milliseconds.Count,9:N0} times; ms: median {At(0.5)}, 99 % {At(0.99)}, 99.9 % {At(0.999)}, longest {At(1)}");
    }
}

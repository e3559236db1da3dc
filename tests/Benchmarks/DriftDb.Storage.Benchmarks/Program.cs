using System.Diagnostics;
using System.Globalization;
using System.Text;
using DriftDb.Storage;
using DriftDb.Types;

// What the store's hot paths cost. Usage: DriftDb.Storage.Benchmarks [directory]; the directory is made and must be empty.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["accounts" or "fill" or "open", ..])
{
    DiskBenchmark.Run(args);
    return;
}

if (args is ["pauses", ..])
{
    PauseBenchmark.Run(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
    return;
}

string directory = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "driftdb-bench-" + Environment.ProcessId);
unsafe
{
    using var store = DriftStore.Open(directory, new StoreOptions { SyncCommits = false, CheckpointBytes = 0, ManualLogWriter = true });
    var key = new KeyColumn(1, SqlType.Int4);
    using (StoreTransaction create = store.Begin())
    {
        create.CreateTable(new TableDefinition(1, "public", "accounts",
            [new ColumnDefinition(1, "id", SqlType.Int4), new ColumnDefinition(2, "balance", SqlType.Int8), new ColumnDefinition(3, "branch", SqlType.Int4), new ColumnDefinition(4, "filler", SqlType.Text)]));
        create.CreateIndex(new IndexDefinition(11, 1, "accounts_pkey", [key], true));
        create.Commit();
    }

    StorageTable table = store.FindTable(1)!;
    StorageIndex primary = store.FindIndex(11)!;
    TupleLayout layout = table.Definition.Layout;
    const int Rows = 1_000_000;
    byte[] filler = Encoding.ASCII.GetBytes(new string('x', 80));
    var watch = Stopwatch.StartNew();
    using (StoreTransaction load = store.Begin())
    {
        for (int start = 0; start < Rows; start += 50_000)
        {
            var buffer = new TupleBuffer(layout);
            for (int i = start; i < start + 50_000; i++) Fill(buffer, layout, i, 0, filler);
            load.BulkInsert(table, buffer);
        }

        Report("bulk insert 1M rows of 100 bytes: checks", watch, Rows);
        CommitResult result = load.Commit();
        Report("… and commit", watch, Rows);
        store.WaitDurable(result.Lsn);
        Report("… and written", watch, Rows);
    }

    var scratch = new TupleBuffer(layout);
    var random = new Random(1);
    const int Operations = 200_000;
    for (int round = 0; round < 3; round++)
    {
        long sum = 0;
        ReadView view = store.LatestView;
        watch.Restart();
        for (int i = 0; i < Operations; i++)
        {
            if (table.TryGet(primary, random.Next(Rows), view, null, out RowVersion row)) sum += row.GetInt64(2);
        }

        Report($"point read, random key ({sum & 1})", watch, Operations);
        watch.Restart();
        for (int i = 0; i < Operations; i++)
        {
            int id = random.Next(Rows);
            using StoreTransaction update = store.Begin();
            update.BeginStatement();
            scratch.Clear();
            byte* tuple = scratch.Append();
            table.TryGet(primary, id, update.View, update, out RowVersion row);
            row.CopyTo(tuple, table.Definition);
            *(long*)(tuple + layout.Offset(1)) += i;
            update.Update(table, row.RowId, tuple);
            update.Commit();
            if (i % 1000 == 999) store.PumpLog();
        }

        Report("update one row in a transaction (read, lock, log, apply)", watch, Operations);
        watch.Restart();
        for (int i = 0; i < Operations; i++)
        {
            using StoreTransaction insert = store.Begin();
            insert.BeginStatement();
            scratch.Clear();
            insert.Insert(table, Fill(scratch, layout, Rows + round * Operations + i, i, filler));
            insert.Commit();
            if (i % 1000 == 999) store.PumpLog();
        }

        Report("insert one row in a transaction", watch, Operations);
        foreach (long asOf in new[] { store.VisibleSequence, Rows })
        {
            watch.Restart();
            VectorSource source = table.Scan(store.LatestView.At(asOf), [2]);
            using var vector = new ScanVector(1);
            long rows = 0, vectors = 0;
            while (source.Next(vector))
            {
                rows += vector.Count;
                vectors++;
            }

            Report($"scan as of {asOf}: {rows} rows, {vectors} vectors, without reading them", watch, rows);
        }

        watch.Restart();
        VectorSource ordered = primary.Scan(store.LatestView, KeyRange.All, [1, 2]);
        using var gathered = new ScanVector(2);
        long orderedRows = 0;
        while (ordered.Next(gathered)) orderedRows += gathered.Count;
        Report($"index scan of {orderedRows} rows", watch, orderedRows);
    }

    Console.WriteLine($"stored versions {table.StoredVersionCount}, live {table.LiveRowCount}, memory {GC.GetTotalMemory(true) >> 20} MB");
    watch.Restart();
    store.Checkpoint();
    Report("checkpoint", watch, store.VisibleSequence);
    watch.Restart();
    store.Dispose();
    using DriftStore again = DriftStore.Open(directory, new StoreOptions { SyncCommits = false, CheckpointBytes = 0 });
    Report("recovery", watch, again.VisibleSequence);
    StorageTable found = again.FindTable(1)!;
    StorageIndex foundPrimary = again.FindIndex(11)!;
    watch.Restart();
    found.TryGet(foundPrimary, 4711, again.LatestView, null, out _);
    Report("first point read after it", watch, 1);
    for (int round = 0; round < 3; round++)
    {
        ReadView view = again.LatestView;
        long hits = 0;
        watch.Restart();
        for (int i = 0; i < Operations; i++)
        {
            if (found.TryGet(foundPrimary, random.Next(Rows), view, null, out RowVersion _)) hits++;
        }

        Report($"point read from files, random key, {hits} found", watch, Operations);
    }
}

// CPU time counts, because the machine may be busy with other things.
static void Report(string what, Stopwatch watch, long count)
{
    TimeSpan cpu = Environment.CpuUsage.TotalTime;
    Console.WriteLine($"{what}: {watch.Elapsed.TotalMilliseconds:F0} ms, {watch.Elapsed.TotalNanoseconds / count:F0} ns each; CPU since the last line {(cpu - Clock.Last).TotalMilliseconds:F0} ms");
    Clock.Last = cpu;
}

static unsafe byte* Fill(TupleBuffer buffer, TupleLayout layout, int id, long balance, byte[] filler)
{
    byte* tuple = buffer.Append();
    *(int*)(tuple + layout.Offset(0)) = id;
    *(long*)(tuple + layout.Offset(1)) = balance;
    *(int*)(tuple + layout.Offset(2)) = id % 10;
    *(ByteSlice*)(tuple + layout.Offset(3)) = buffer.Arena.Copy(filler);
    return tuple;
}

internal static class Clock
{
    public static TimeSpan Last;
}

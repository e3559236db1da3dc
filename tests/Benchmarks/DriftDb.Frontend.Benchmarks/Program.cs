// DriftDb.Frontend.Benchmarks [file …]: warm times of parsing and of fingerprints, of a point query and of each file; the median of rounds of a tenth of a second.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DriftDb.Grammar;
using SqlParser = DriftDb.Frontend.SqlParser;

const int Rounds = 21, MostLiterals = 64;
const string Point = "SELECT abalance FROM pgbench_accounts WHERE aid = 4711";

Report("point query", Point);
Report("point query, AS OF", "SELECT balance FROM accounts FOR SYSTEM_TIME AS OF @seq:815 WHERE id = 42");
Report("point update", "UPDATE accounts SET balance = balance + 5 WHERE id = 42");
Report("INSERT of 100 rows", "INSERT INTO t (a, b) VALUES " + string.Join(", ", Enumerable.Range(0, 100).Select(i => $"({i}, 'text {i}')")));
foreach (string file in args) Report(Path.GetFileName(file), File.ReadAllText(file));

static void Report(string name, string text)
{
    byte[] utf8 = Encoding.UTF8.GetBytes(text);
    (double parse, double parseBytes) = Measure(() => SqlParser.Parse(text));
    (double fingerprint, double fingerprintBytes) = Measure(() => Compute(utf8));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-22} {utf8.Length,6} bytes: parse {parse,8:F2} µs, {parseBytes,9:F0} bytes allocated; fingerprint {fingerprint,6:F3} µs, {fingerprintBytes:F0} bytes allocated"));
}

static void Compute(byte[] utf8)
{
    Span<LiteralToken> literals = stackalloc LiteralToken[MostLiterals];
    Fingerprint.TryCompute(utf8, literals, out _);
}

static (double Micros, double Bytes) Measure(Action work)
{
    // Until the code is compiled for good and the parser's tables are full.
    var watch = Stopwatch.StartNew();
    int count = 0;
    for (; watch.ElapsedMilliseconds < 1500; count++) work();
    count = Math.Max(1, count / 15);
    var times = new double[Rounds];
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (int round = 0; round < Rounds; round++)
    {
        watch.Restart();
        for (int i = 0; i < count; i++) work();
        times[round] = watch.Elapsed.TotalMicroseconds / count;
    }

    Array.Sort(times);
    return (times[Rounds / 2], (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Rounds * (long)count));
}

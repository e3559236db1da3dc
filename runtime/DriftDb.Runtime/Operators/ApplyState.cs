using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// The right side of an apply: a plan that is run anew for each left row, unless a row with the same values has been before (correlated subqueries tend to have few different ones). Answers are
/// kept as long as nothing but those values can change them: not for plans with volatile functions, writes or locks, and not past a new run of the plan around.
/// </summary>
internal sealed unsafe class ApplyState : RowListState
{
    private const int MostAnswers = 65_536;

    private const long MostBytes = 32 << 20;

    private readonly SubPlanTemplate _right;
    private readonly int[] _slots;
    private readonly TupleLayout _keyLayout;
    private readonly byte[] _key;
    private readonly TupleBuffer _keys;
    private readonly Dictionary<RowKey, (int First, int Count)>? _answers;
    private SubPlanInstance? _instance;
    private long[] _addresses = [];
    private int _addressCount;

    public ApplyState(SubPlanTemplate right, int[] slots, TupleLayout keyLayout, bool remembers) : base(right.OutputLayout)
    {
        (_right, _slots, _keyLayout) = (right, slots, keyLayout);
        _key = GC.AllocateArray<byte>(keyLayout.StrideBytes, pinned: true);
        _keys = new TupleBuffer(keyLayout);
        if (remembers) _answers = [];
    }

    /// <summary>Lists the answer for the outer values that are in their slots.</summary>
    public void Run(Frame frame)
    {
        if (_answers is null)
        {
            Rows.Clear();
            Compute(frame);
            Finish(frame);
            return;
        }

        fixed (byte* key = _key)
        {
            ReadKey(frame, key);
            if (!_answers.TryGetValue(new RowKey((long)key, _keyLayout), out (int First, int Count) answer))
            {
                if (_answers.Count >= MostAnswers || Rows.CapacityBytes + _keys.CapacityBytes > MostBytes) Forget();
                int first = Rows.Count;
                Compute(frame);
                answer = (_addressCount, Rows.Count - first);
                AddAddresses(first, answer.Count);
                byte* kept = _keys.Append();
                TupleCopy.Copy(key, _keyLayout, kept, _keys.Arena);
                _answers.Add(new RowKey((long)kept, _keyLayout), answer);
            }

            fixed (long* addresses = _addresses) List = (long)(addresses + answer.First);
            ListCount = answer.Count;
        }
    }

    public override void Reset()
    {
        base.Reset();
        Forget();
    }

    public override void Free()
    {
        base.Free();
        _answers?.Clear();
        _keys.Free();
        _instance?.Free();
    }

    private void Compute(Frame frame)
    {
        if (_instance is null) _instance = new SubPlanInstance(_right, frame.Context, frame.Constants, frame.Outer, frame);
        else _instance.Reset();
        ExecutionStatus status = _instance.Next(Rows, int.MaxValue, isTop: false);
        if (status is ExecutionStatus.MustWait or ExecutionStatus.Changed) frame.Interruption = status;
    }

    private void ReadKey(Frame frame, byte* key)
    {
        new Span<byte>(key, _keyLayout.NullBitmapBytes).Clear();
        byte* outer = (byte*)frame.Outer;
        for (int i = 0; i < _slots.Length; i++)
        {
            if (outer[OuterSlots.NullOffset(_slots[i])] != 0)
            {
                TupleLayout.SetNull(key, i);
                continue;
            }

            int width = _keyLayout.Types[i].Kind.TupleWidthBytes();
            Buffer.MemoryCopy(outer + OuterSlots.ValueOffset(_slots[i]), key + _keyLayout.Offset(i), width, width);
        }
    }

    private void AddAddresses(int firstRow, int count)
    {
        if (_addressCount + count > _addresses.Length)
        {
            long[] larger = GC.AllocateUninitializedArray<long>(Math.Max(64, Math.Max(_addresses.Length * 2, _addressCount + count)), pinned: true);
            _addresses.AsSpan(0, _addressCount).CopyTo(larger);
            _addresses = larger;
        }

        Addresses(firstRow, _addresses.AsSpan(_addressCount, count));
        _addressCount += count;
    }

    private void Forget()
    {
        _answers?.Clear();
        _keys.Clear();
        Rows.Clear();
        _addressCount = 0;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace DriftDb.Grammar;

/// <summary>What a lifted literal was: it decides the type of the parameter that takes its place, so it is part of the fingerprint.</summary>
public enum LiteralKind : byte
{
    /// <summary>An integer that fits int4.</summary>
    Integer32,

    /// <summary>An integer that fits int8, not int4.</summary>
    Integer64,

    /// <summary>A number with a point or an exponent: numeric.</summary>
    Decimal,

    /// <summary><c>'…'</c> without escapes but doubled quotes: of unknown type until bound. See <see cref="Fingerprint.DecodeString"/>.</summary>
    String,
}

/// <summary>A literal that was lifted out of a statement.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Bytes, with the quotes.</param>
/// <param name="Kind">What it was.</param>
public readonly record struct LiteralToken(int Start, int Length, LiteralKind Kind);

/// <summary>The key of a statement's shape, and what the scan saw on the way.</summary>
/// <param name="Hash">Over token kinds, folded names and the literals that were not lifted. Compare the normalised text as well: a hash is never trusted alone.</param>
/// <param name="LiteralCount">Entries written to the caller's span.</param>
/// <param name="ParameterCount">The highest <c>$n</c> in the text; the lifted literals are <c>$n+1</c> and on.</param>
/// <param name="FirstKind">The token kind of the first word (<see cref="SqlLexer.SELECT"/> …); -1 for an empty text.</param>
/// <param name="IsSingle">One statement at most, with or without semicolons around it.</param>
public readonly record struct FingerprintResult(UInt128 Hash, int LiteralCount, int ParameterCount, int FirstKind, bool IsSingle);

/// <summary>
/// Fingerprints of statements: a scan over UTF-8 bytes that makes a key for the plan cache, so that statements that differ in their literals only
/// share a plan. No allocation; 0.2 µs for a point query. Whatever the scan is not sure of is answered with "no fingerprint", never with a guess.
/// </summary>
/// <remarks>
/// Literals stay in the key where they shape the plan or the types: after LIMIT, OFFSET and FETCH FIRST; ordinals and all other literals in ORDER BY,
/// GROUP BY and PARTITION BY; type modifiers; text after a type's name or beside a cast; the field of EXTRACT. Only queries and INSERT, UPDATE,
/// DELETE, MERGE and VALUES have literals lifted at all; other statements are keyed with all their text.
/// A literal inside GROUP BY, or inside ORDER BY of a query with DISTINCT or GROUP BY, gives no fingerprint: it must be seen to equal one of the select list.
/// </remarks>
public static class Fingerprint
{
    private const int MaxDepth = 63;

    /// <summary>Computes the key. False: not to be cached (lexical errors, DriftQL documents, too many literals, too deep, unclear).</summary>
    /// <param name="utf8">The statement.</param>
    /// <param name="literals">Takes the lifted literals, in order.</param>
    /// <param name="result">The key.</param>
    [SkipLocalsInit]
    public static bool TryCompute(ReadOnlySpan<byte> utf8, Span<LiteralToken> literals, out FingerprintResult result)
    {
        var scan = new FingerprintScan(utf8, literals);
        return scan.Run(out result);
    }

    /// <summary>
    /// Writes the normalised text: tokens parted by single blanks, words in lower case, lifted literals as <c>$n</c>. Two statements share a plan only if
    /// these texts are equal. False when <paramref name="destination"/> is too small (twice the statement's length and 8 bytes a literal always do).
    /// </summary>
    public static bool TryNormalise(
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<LiteralToken> literals,
        int parameterCount,
        Span<byte> destination,
        out int written)
    {
        var scanner = new SqlScanner<byte>(utf8);
        int next = 0;
        bool ended = false;
        written = 0;
        while (scanner.Next())
        {
            if (scanner.Kind == SqlLexer.SEMI)
            {
                ended = written > 0;
                continue;
            }

            if (written > 0)
            {
                if (written + 2 > destination.Length) return false;
                if (ended) destination[written++] = (byte)';';
                destination[written++] = (byte)' ';
                ended = false;
            }

            if (next < literals.Length && literals[next].Start == scanner.Start)
            {
                next++;
                if (written >= destination.Length) return false;
                destination[written++] = (byte)'$';
                if (!(parameterCount + next).TryFormat(destination[written..], out int digits)) return false;
                written += digits;

                // The type of the parameter is part of the shape.
                if (written >= destination.Length) return false;
                destination[written++] = literals[next - 1].Kind switch
                {
                    LiteralKind.Integer32 => (byte)'i',
                    LiteralKind.Integer64 => (byte)'l',
                    LiteralKind.Decimal => (byte)'n',
                    _ => (byte)'s',
                };
                continue;
            }

            ReadOnlySpan<byte> text = utf8[scanner.Start..scanner.End];
            if (text.Length > destination.Length - written) return false;
            Span<byte> target = destination.Slice(written, text.Length);
            if (CharClass.IsIdentifierStart(text[0]) && text[^1] is not ((byte)'\'' or (byte)'"')) Fold(text, target);
            else text.CopyTo(target);
            written += text.Length;
        }

        return scanner.Error == ScanError.None;
    }

    /// <summary>The value of a literal of kind String: quotes taken off, doubled ones halved, pieces on several lines joined.</summary>
    public static string DecodeString(ReadOnlySpan<byte> literal)
    {
        ReadOnlySpan<byte> inner = literal[1..^1];
        if (inner.IndexOf((byte)'\'') < 0) return System.Text.Encoding.UTF8.GetString(inner);
        byte[] buffer = new byte[literal.Length];
        int length = 0;
        bool inside = false;
        for (int i = 0; i < literal.Length; i++)
        {
            byte c = literal[i];
            if (c != '\'')
            {
                if (inside) buffer[length++] = c;
            }
            else if (!inside)
            {
                inside = true;
            }
            else if (i + 1 < literal.Length && literal[i + 1] == '\'')
            {
                buffer[length++] = c;
                i++;
            }
            else
            {
                inside = false;
            }
        }

        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static void Fold(ReadOnlySpan<byte> text, Span<byte> target)
    {
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            target[i] = (uint)(c - 'A') <= 'Z' - 'A' ? (byte)(c | 0x20) : c;
        }
    }

    /// <summary>One scan's state.</summary>
    private ref struct FingerprintScan
    {
        private readonly ReadOnlySpan<byte> _utf8;
        private readonly Span<LiteralToken> _literals;
        private int _literalCount;
        private int _parameterCount;
        private ulong _low = 0x9E3779B97F4A7C15;
        private ulong _high = 0xC2B2AE3D27D4EB4F;

        // The kinds of the two tokens before this one.
        private int _previous = -1;
        private int _beforePrevious = -1;

        private int _depth;

        // Bit d: at depth d an ORDER BY or PARTITION BY (order) or a GROUP BY (group) clause is open.
        private ulong _orderMask;
        private ulong _groupMask;

        // Bit d: the parentheses that opened depth d hold type modifiers or an alias's columns.
        private ulong _typeMask;

        // A type's name may be going on: after :: or AS.
        private bool _inType;
        private bool _mustMatchSelectList;
        private bool _literalInOrder;

        public FingerprintScan(ReadOnlySpan<byte> utf8, Span<LiteralToken> literals)
        {
            _utf8 = utf8;
            _literals = literals;
        }

        public bool Run(out FingerprintResult result)
        {
            var scanner = new SqlScanner<byte>(_utf8);
            int firstKind = -1;
            bool single = true;
            bool ended = false;
            bool lifting = false;
            int stringStart = -1;
            int stringEnd = 0;
            result = default;
            while (scanner.Next())
            {
                int kind = scanner.Kind;
                if (stringStart >= 0)
                {
                    // A text is lifted unless a cast follows.
                    if (kind == SqlLexer.TYPECAST) MixText(SqlLexer.STRING, stringStart, stringEnd);
                    else if (!Lift(stringStart, stringEnd, LiteralKind.String)) return false;
                    stringStart = -1;
                }

                if (kind == SqlLexer.SEMI)
                {
                    ended = firstKind >= 0;
                    continue;
                }

                if (ended)
                {
                    single = ended = false;
                    Mix(SqlLexer.SEMI, 0);
                }

                if (firstKind < 0)
                {
                    firstKind = kind;
                    lifting = kind is SqlLexer.SELECT or SqlLexer.INSERT or SqlLexer.UPDATE or SqlLexer.DELETE or SqlLexer.WITH or SqlLexer.VALUES
                        or SqlLexer.MERGE or SqlLexer.TABLE or SqlLexer.LPAREN;
                }

                switch (kind)
                {
                    case SqlLexer.UNKNOWN_CHARACTER:
                        return false;
                    case SqlLexer.STRING when lifting && _utf8[scanner.Start] == '\'' && CanLiftText():
                        if (_previous == SqlLexer.RPAREN) return false; // `numeric(3) '5'`: the 3 was lifted, and must not have been
                        stringStart = scanner.Start;
                        stringEnd = scanner.End;
                        break;
                    case SqlLexer.INTEGER when lifting && CanLiftNumber():
                        if (!LiftInteger(scanner.Start, scanner.End)) return false;
                        break;
                    case SqlLexer.DECIMAL when lifting && CanLiftNumber():
                        if (!Lift(scanner.Start, scanner.End, LiteralKind.Decimal)) return false;
                        break;
                    case SqlLexer.STRING when _previous == SqlLexer.RPAREN && lifting:
                        return false;
                    case SqlLexer.IDENT:
                        Mix((ulong)kind, scanner.WordHash);
                        break;
                    case SqlLexer.PARAM:
                        if (!SeeParameter(scanner.Start, scanner.End)) return false;
                        break;
                    case SqlLexer.OP or SqlLexer.NEQ or SqlLexer.QIDENT or SqlLexer.UIDENT or SqlLexer.INTEGER or SqlLexer.DECIMAL or SqlLexer.STRING
                        or SqlLexer.ESTRING or SqlLexer.USTRING or SqlLexer.DSTRING or SqlLexer.BITSTRING or SqlLexer.HEXSTRING:
                        MixText(kind, scanner.Start, scanner.End);
                        break;
                    default:
                        Mix((ulong)kind, 0);
                        break;
                }

                if (!Track(kind)) return false;
                _beforePrevious = _previous;
                _previous = kind;
            }

            if (scanner.Error != ScanError.None) return false;
            if (stringStart >= 0 && !Lift(stringStart, stringEnd, LiteralKind.String)) return false;
            if (_literalInOrder && _mustMatchSelectList) return false;
            result = new FingerprintResult(new UInt128(_high, _low), _literalCount, _parameterCount, firstKind, single);
            return true;
        }

        /// <summary>Follows clauses, parentheses and types.</summary>
        private bool Track(int kind)
        {
            ulong bit = 1UL << _depth;
            switch (kind)
            {
                case SqlLexer.LPAREN or SqlLexer.LBRACKET:
                    if (++_depth > MaxDepth) return false;
                    bool typed = _inType && _previous is not (SqlLexer.AS or SqlLexer.MATERIALIZED);
                    if (typed || IsPrecisionWord(_previous)) _typeMask |= 1UL << _depth;
                    _inType = false;
                    return true;
                case SqlLexer.RPAREN or SqlLexer.RBRACKET:
                    if (_depth == 0) return false;
                    _orderMask &= ~bit;
                    _groupMask &= ~bit;
                    // After `numeric(10)` the type may go on with brackets.
                    _inType = (_typeMask & bit) != 0;
                    _typeMask &= ~bit;
                    _depth--;
                    return true;
                case SqlLexer.BY:
                    if (_previous == SqlLexer.GROUP)
                    {
                        _groupMask |= bit;
                        _mustMatchSelectList = true;
                    }
                    else
                    {
                        _orderMask |= bit;
                    }

                    _inType = false;
                    return true;
                case SqlLexer.DISTINCT:
                    _mustMatchSelectList = true;
                    return true;
                case SqlLexer.ON when _previous == SqlLexer.DISTINCT:
                    // DISTINCT ON's keys must match ORDER BY's.
                    _orderMask |= bit;
                    return true;
                case SqlLexer.FROM when _previous == SqlLexer.DISTINCT:
                    return true; // IS DISTINCT FROM ends no clause
                case SqlLexer.ORDER or SqlLexer.HAVING or SqlLexer.LIMIT or SqlLexer.OFFSET or SqlLexer.FETCH or SqlLexer.UNION or SqlLexer.EXCEPT
                    or SqlLexer.INTERSECT or SqlLexer.WINDOW or SqlLexer.FROM or SqlLexer.WHERE or SqlLexer.SELECT or SqlLexer.FOR:
                    _orderMask &= ~bit;
                    _groupMask &= ~bit;
                    _inType = false;
                    return true;
                case SqlLexer.TYPECAST or SqlLexer.AS:
                    _inType = true;
                    return true;
                default:
                    if (_inType) _inType = kind is SqlLexer.IDENT or SqlLexer.QIDENT or SqlLexer.DOT || IsNameWord(kind);
                    return true;
            }
        }

        /// <summary>Whether a literal here is part of what the plan or its types depend on. Notes literals that a select list may have to match.</summary>
        private bool CanLift()
        {
            if ((_typeMask & ((2UL << _depth) - 1)) != 0) return false;
            if (_previous is SqlLexer.LIMIT or SqlLexer.OFFSET or SqlLexer.FIRST or SqlLexer.NEXT) return false;
            ulong open = _orderMask | _groupMask;
            if (open == 0) return true;
            bool ordinal = (open >> _depth & 1) != 0 && _previous is SqlLexer.BY or SqlLexer.COMMA;
            if (!ordinal)
            {
                _literalInOrder = true;
                if (_groupMask != 0) _mustMatchSelectList = true;
            }

            return false;
        }

        private bool CanLiftNumber() => CanLift();

        private bool CanLiftText() => CanLift() && !IsTypeBefore() && !(_previous == SqlLexer.LPAREN && _beforePrevious is SqlLexer.CAST or SqlLexer.EXTRACT);

        /// <summary>A name or a word of a type right before a text makes it a typed literal.</summary>
        private readonly bool IsTypeBefore() => _previous is SqlLexer.IDENT or SqlLexer.QIDENT or SqlLexer.UIDENT || (_previous != SqlLexer.BETWEEN && IsNameWord(_previous));

        private bool LiftInteger(int start, int end)
        {
            // 2147483648 is int4's after a minus: left in the key. So are numbers that may not fit int8.
            if (end - start > 18) return false;
            long value = 0;
            for (int i = start; i < end; i++) value = value * 10 + (_utf8[i] - '0');
            if (value == 2147483648L)
            {
                MixText(SqlLexer.INTEGER, start, end);
                return true;
            }

            return Lift(start, end, value <= int.MaxValue ? LiteralKind.Integer32 : LiteralKind.Integer64);
        }

        private bool Lift(int start, int end, LiteralKind kind)
        {
            if (_literalCount == _literals.Length) return false;
            _literals[_literalCount++] = new LiteralToken(start, end - start, kind);
            Mix(0x1000 + (ulong)kind, 0);
            return true;
        }

        private bool SeeParameter(int start, int end)
        {
            int number = 0;
            for (int i = start + 1; i < end; i++)
            {
                number = number * 10 + (_utf8[i] - '0');
                if (number > 65_535) return false;
            }

            _parameterCount = Math.Max(_parameterCount, number);
            Mix(SqlLexer.PARAM, (ulong)number);
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Mix(ulong kind, ulong value)
        {
            ulong word = (kind + 1) * 0x9FB21C651E98DF25 ^ value;
            _low = (BitOperations.RotateLeft(_low, 23) ^ word) * 0xD6E8FEB86659FD93;
            _high = (BitOperations.RotateLeft(_high, 41) + word) * 0xFF51AFD7ED558CCD;
        }

        private void MixText(int kind, int start, int end)
        {
            ulong hash = KeywordTable.Seed;
            for (int i = start; i < end; i++) hash = KeywordTable.Step(hash, _utf8[i]);
            Mix((ulong)kind, hash);
        }

        private static bool IsNameWord(int kind) => (uint)kind < (uint)NameWords.Length && NameWords[kind];

        private static bool IsPrecisionWord(int kind) => kind is SqlLexer.CURRENT_TIME or SqlLexer.CURRENT_TIMESTAMP or SqlLexer.LOCALTIME or SqlLexer.LOCALTIMESTAMP
            or SqlLexer.TIME or SqlLexer.TIMESTAMP or SqlLexer.INTERVAL or SqlLexer.BIT or SqlLexer.CHAR or SqlLexer.CHARACTER or SqlLexer.NCHAR or SqlLexer.VARYING
            or SqlLexer.SECOND;

        private static readonly bool[] NameWords = MakeNameWords();

        private static bool[] MakeNameWords()
        {
            bool[] result = new bool[SqlLexer.LPAREN];
            for (int kind = 1; kind < result.Length; kind++)
            {
                string word = SqlLexer.DefaultVocabulary.GetLiteralName(kind).Trim('\'').ToLowerInvariant();
                result[kind] = SqlWords.Classify(word) is WordClass.Plain or WordClass.Suffix or WordClass.ColumnName;
            }

            return result;
        }
    }
}

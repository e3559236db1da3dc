using System.Buffers;
using System.Text;
using DriftDb.Frontend;
using DriftDb.Grammar;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Simple queries that differ only in their literals share a plan: the hand scanner lifts the literals out, the normalised text finds the plan, the
/// literals become its parameters. Only for plans that don't depend on the literals' values: point reads and writes. Everything else is planned for its own text.
/// </summary>
public sealed partial class Session
{
    private const int LargestFingerprintBytes = 4_096, MostLiterals = 64;

    /// <summary>A step for the statement by a plan found under its fingerprint; null when it has none or the plan isn't one that literals may be lifted out of.</summary>
    private QueryStep? FindByFingerprint(ReadOnlySpan<byte> sqlUtf8)
    {
        if (sqlUtf8.Length > LargestFingerprintBytes || IsFailed) return null;
        long version = Catalog.Snapshot.Version;
        if (version < 0) return null;
        Span<LiteralToken> literals = stackalloc LiteralToken[MostLiterals];
        if (!Fingerprint.TryCompute(sqlUtf8, literals, out var fingerprint) || !fingerprint.IsSingle || fingerprint.ParameterCount > 0 || fingerprint.LiteralCount == 0) return null;
        literals = literals[..fingerprint.LiteralCount];
        byte[] normal = ArrayPool<byte>.Shared.Rent(sqlUtf8.Length * 2 + 8 * MostLiterals);
        try
        {
            if (!Fingerprint.TryNormalise(sqlUtf8, literals, 0, normal, out int written)) return null;
            var shape = Shapes.Find(fingerprint.Hash, normal.AsSpan(0, written), EnvironmentText, version)
                ?? Shapes.Add(fingerprint.Hash, normal.AsSpan(0, written).ToArray(), EnvironmentText, version, PlanShape(sqlUtf8, literals));
            if (shape.Plan is not { } plan) return null;
            var parameters = shape.Rows.Rent();
            if (!TryDecode(sqlUtf8, literals, parameters))
            {
                parameters.IsInUse = false;
                return null;
            }

            return new QueryStep(this, plan, parameters);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(normal);
        }
    }

    /// <summary>The plan with parameters in the literals' places; null when it isn't a point operation, or can't be planned so.</summary>
    private QueryPlan? PlanShape(ReadOnlySpan<byte> sqlUtf8, ReadOnlySpan<LiteralToken> literals)
    {
        try
        {
            if (Frontend.SqlParser.ParseLifted(DecodeText(sqlUtf8), literals, 0) is not { } lifted || AsData(lifted.Value.Node) is not { } data) return null;
            var declared = new List<SqlType>();
            foreach (var literal in literals)
            {
                declared.Add(literal.Kind switch
                {
                    LiteralKind.Integer32 => SqlType.Int4,
                    LiteralKind.Integer64 => SqlType.Int8,
                    LiteralKind.Decimal => SqlType.Numeric,
                    _ => SqlType.Unknown,
                });
            }

            var plan = Planner.Plan(data, declared);
            return plan.IsShort && !plan.Bound.HasOpenPeriod ? plan : null;
        }
        catch (SqlException)
        {
            // The statement's own planning will tell the error, with its position.
            return null;
        }
    }

    /// <summary>Reads the literals as the parameters' types; false where one doesn't fit, so that the ordinary way finds the words for it.</summary>
    private bool TryDecode(ReadOnlySpan<byte> sqlUtf8, ReadOnlySpan<LiteralToken> literals, ParameterRow row)
    {
        try
        {
            row.Clear();
            for (int i = 0; i < literals.Length; i++)
            {
                var text = sqlUtf8.Slice(literals[i].Start, literals[i].Length);
                if (literals[i].Kind != LiteralKind.String) row.Parse(i, text, Format);
                else if (text.Length >= 2 && text[1..^1].IndexOf((byte)'\'') < 0) row.Parse(i, text[1..^1], Format);
                else row.Parse(i, Encoding.UTF8.GetBytes(Fingerprint.DecodeString(text)), Format);
            }

            return true;
        }
        catch (SqlException)
        {
            return false;
        }
    }
}

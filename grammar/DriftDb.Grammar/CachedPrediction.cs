using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Dfa;

namespace DriftDb.Grammar;

/// <summary>
/// Prediction as ANTLR does it, with the common case first: the states (DFA) that earlier statements made are walked over the token array, without moving
/// the stream. Where they don't answer – a state is missing, or full context or an error is to be looked at – ANTLR's simulation does.
/// </summary>
internal sealed class CachedPrediction(Parser parser, ATN atn, DFA[] decisionToDFA, PredictionContextCache contexts) : ParserATNSimulator(parser, atn, decisionToDFA, contexts)
{
    public override int AdaptivePredict(ITokenStream input, int decision, ParserRuleContext outerContext)
    {
        int alternative = Walk(decisionToDFA[decision], (SqlTokenStream)input);
        return alternative != ATN.INVALID_ALT_NUMBER ? alternative : base.AdaptivePredict(input, decision, outerContext);
    }

    private int Walk(DFA dfa, SqlTokenStream input)
    {
        DFAState? state = dfa.IsPrecedenceDfa ? dfa.GetPrecedenceStartState(parser.Precedence) : dfa.s0;
        for (int ahead = 0; state is not null; ahead++)
        {
            // Edges are counted from -1, the end of the input.
            int edge = input.KindAhead(ahead) + 1;
            DFAState?[]? edges = state.edges;
            if (edges is null || (uint)edge >= (uint)edges.Length) break;
            state = edges[edge];
            if (state is null || state == ERROR || (state.requiresFullContext && PredictionMode != PredictionMode.SLL)) break;
            if (state.isAcceptState) return state.predicates is null ? state.prediction : ATN.INVALID_ALT_NUMBER;
        }

        return ATN.INVALID_ALT_NUMBER;
    }
}

using Antlr4.Runtime;
using Antlr4.Runtime.Atn;

namespace DriftDb.Grammar;

/// <summary>
/// Where a text stands in the grammar after some of its tokens, for the words of error messages only. The generated parser can't say: prediction drops
/// alternatives that the next token rules out, so that after its failure most of what could have stood there is forgotten. This walks the same network
/// (ATN) with all alternatives at once, as Earley's recogniser does; callers of a rule are a graph, precedence is kept as the parser keeps it.
/// Immutable, so that repairs can be tried from any place.
/// </summary>
public sealed class GrammarState
{
    /// <summary>More than a statement that people write needs between two tokens; beyond it the walk gives up (no words then, the error stays). With 20,000 some broken statements of 200 tokens took seconds.</summary>
    private const int MaxItems = 5_000;

    private readonly Item[] _kernel;
    private Closure? _closure;

    private GrammarState(Item[] kernel) => _kernel = kernel;

    /// <summary>Before the first token.</summary>
    public static GrammarState Start(ParseEntry entry)
    {
        int rule = entry switch
        {
            ParseEntry.Statement => SqlParser.RULE_singleStatement,
            ParseEntry.Expression => SqlParser.RULE_singleExpression,
            _ => SqlParser.RULE_singleTypeName,
        };
        return new GrammarState([new Item(SqlParser._ATN.ruleToStartState[rule], new Frame(0))]);
    }

    /// <summary>After one token more; null where it does not fit.</summary>
    public GrammarState? After(int tokenType)
    {
        _closure ??= new Closure(_kernel, null);
        List<Item>? kernel = null;
        foreach ((Transition transition, Frame frame) in _closure.Terminals)
        {
            if (transition.Matches(tokenType, TokenConstants.MinUserTokenType, SqlParser._ATN.maxTokenType)) (kernel ??= []).Add(new Item(transition.target, frame));
        }

        return kernel is null ? null : new GrammarState([.. kernel]);
    }

    /// <summary>What may come next: rules of the given set as a whole, and the tokens that none of these begins with.</summary>
    public (IReadOnlySet<int> Rules, IReadOnlySet<int> Tokens) Expected(IReadOnlySet<int> wholeRules)
    {
        var closure = new Closure(_kernel, wholeRules);
        var tokens = new HashSet<int>();
        foreach ((Transition transition, _) in closure.Terminals)
        {
            // `~SEMI` stands for text that is skipped: nobody expects that.
            if (transition is NotSetTransition or WildcardTransition) continue;
            foreach (int token in transition.Label.ToArray()) tokens.Add(token);
        }

        return (closure.Rules, tokens);
    }

    /// <summary>A rule that was entered between two tokens, and who waits for its end.</summary>
    private sealed class Frame(int precedence)
    {
        public int Precedence { get; } = precedence;

        public List<Item> Returns { get; } = [];
    }

    private readonly record struct Item(ATNState State, Frame Frame);

    /// <summary>Everything that the kernel leads to without a token.</summary>
    private sealed class Closure
    {
        private readonly HashSet<(int State, Frame Frame)> _seen = [];
        private readonly Dictionary<(int Rule, int Precedence), Frame> _entered = [];
        private readonly HashSet<Frame> _empty = [];
        private readonly Stack<Item> _work = new();

        public Closure(Item[] kernel, IReadOnlySet<int>? wholeRules)
        {
            foreach (Item item in kernel) Add(item);
            while (_work.TryPop(out Item item) && _seen.Count < MaxItems) Follow(item, wholeRules);
        }

        public List<(Transition Transition, Frame Frame)> Terminals { get; } = [];

        public HashSet<int> Rules { get; } = [];

        private void Add(Item item)
        {
            if (_seen.Add((item.State.stateNumber, item.Frame))) _work.Push(item);
        }

        private void Follow(Item item, IReadOnlySet<int>? wholeRules)
        {
            if (item.State is RuleStopState)
            {
                // A rule that may be empty ends where it began: those who enter it later must know.
                _empty.Add(item.Frame);
                foreach (Item waiting in item.Frame.Returns) Add(waiting);
                return;
            }

            foreach (Transition transition in item.State.TransitionsArray)
            {
                switch (transition)
                {
                    case RuleTransition rule when wholeRules?.Contains(rule.ruleIndex) == true:
                        Rules.Add(rule.ruleIndex);
                        break;
                    case RuleTransition rule:
                        Enter(rule, item.Frame);
                        break;
                    case PrecedencePredicateTransition predicate:
                        if (predicate.precedence >= item.Frame.Precedence) Add(new Item(transition.target, item.Frame));
                        break;
                    default:
                        if (transition.IsEpsilon) Add(new Item(transition.target, item.Frame));
                        else Terminals.Add((transition, item.Frame));
                        break;
                }
            }
        }

        private void Enter(RuleTransition rule, Frame caller)
        {
            (int, int) key = (rule.ruleIndex, rule.precedence);
            bool isNew = !_entered.TryGetValue(key, out Frame? frame);
            if (isNew) _entered.Add(key, frame = new Frame(rule.precedence));
            frame!.Returns.Add(new Item(rule.followState, caller));
            if (isNew) Add(new Item(rule.target, frame));
            else if (_empty.Contains(frame)) Add(new Item(rule.followState, caller));
        }
    }
}

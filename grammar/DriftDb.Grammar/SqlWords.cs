using Antlr4.Runtime.Misc;

namespace DriftDb.Grammar;

/// <summary>What the grammar's words may be used as: for printers that must know when a name needs quotes, and for <c>pg_get_keywords()</c>.</summary>
public static class SqlWords
{
    private static readonly Dictionary<string, WordClass> Classes = MakeClasses();

    /// <summary>All words in lower case with their class.</summary>
    public static IReadOnlyDictionary<string, WordClass> All => Classes;

    /// <summary>The class of a word in lower case; null when it is no keyword.</summary>
    public static WordClass? Classify(string word) => Classes.TryGetValue(word, out WordClass result) ? result : null;

    /// <summary>Whether a name can be written without quotes: lower-case letters, digits, underscores, and no keyword but a plain one.</summary>
    public static bool IsPlainName(string name) => HasPlainCharacters(name) && Classify(name) is null or WordClass.Plain;

    /// <summary>Whether a name has only characters that unquoted names may have and that folding leaves alone.</summary>
    public static bool HasPlainCharacters(string name)
    {
        if (name.Length == 0 || !(name[0] is >= 'a' and <= 'z' or '_' or >= '\u0080')) return false;
        foreach (char c in name)
        {
            if (!(c is >= 'a' and <= 'z' or >= '0' and <= '9' or '_' or '$' or >= '\u0080')) return false;
        }

        return true;
    }

    private static Dictionary<string, WordClass> MakeClasses()
    {
        var classes = new Dictionary<string, WordClass>();
        foreach ((int rule, WordClass wordClass) in new[]
        {
            (SqlParser.RULE_plainWord, WordClass.Plain),
            (SqlParser.RULE_suffixWord, WordClass.Suffix),
            (SqlParser.RULE_columnWord, WordClass.ColumnName),
            (SqlParser.RULE_typeWord, WordClass.TypeOrFunctionName),
            (SqlParser.RULE_reservedWord, WordClass.Reserved),
        })
        {
            IntervalSet tokens = SqlParser._ATN.NextTokens(SqlParser._ATN.ruleToStartState[rule]);
            foreach (int token in tokens.ToArray()) classes[Word(token)] = wordClass;
        }

        classes["set"] = WordClass.Suffix;
        classes["of"] = WordClass.Suffix;
        return classes;
    }

    private static string Word(int token) => SqlLexer.DefaultVocabulary.GetLiteralName(token).Trim('\'').ToLowerInvariant();
}

/// <summary>Classes of words, in the terms of PostgreSQL's Appendix C.</summary>
public enum WordClass
{
    /// <summary>Not reserved: any name may be one.</summary>
    Plain,

    /// <summary>Not reserved, but a bare alias can't be one everywhere.</summary>
    Suffix,

    /// <summary>Not reserved, but no name of a function or type.</summary>
    ColumnName,

    /// <summary>Reserved, but may be a name of a function or type.</summary>
    TypeOrFunctionName,

    Reserved,
}

using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A statement that was parsed under a name (Parse, or SQL's PREPARE): its tree, its parameters' types, and for data statements its plan.</summary>
public sealed class PreparedStatement
{
    internal PreparedStatement(string name, string text, Statement statement, ImmutableArray<SqlType> declaredTypes)
    {
        Name = name;
        Text = text;
        Statement = statement;
        DeclaredTypes = declaredTypes;
        ParameterTypes = declaredTypes;
    }

    public string Name { get; }

    /// <summary>The statement's text as it came.</summary>
    public string Text { get; }

    /// <summary>Types of $1, $2, …: declared or inferred.</summary>
    public ImmutableArray<SqlType> ParameterTypes
    {
        get;
        internal set
        {
            field = value;
            _parameters = null;
        }
    }

    /// <summary>The result's columns; null when it returns none.</summary>
    public ResultShape? Shape { get; internal set; }

    /// <summary>Rows for parameter values.</summary>
    internal ParameterRows Parameters => _parameters ??= new ParameterRows(ParameterTypes);

    private ParameterRows? _parameters;

    internal Statement Statement { get; }

    internal ImmutableArray<SqlType> DeclaredTypes { get; }

    /// <summary>The plan; null for utility statements.</summary>
    internal QueryPlan? Plan { get; set; }

    /// <summary>The settings under which <see cref="Plan"/> was made.</summary>
    internal string Environment { get; set; } = "";

    /// <summary>When it was parsed, µs since 2000.</summary>
    internal long PreparedMicros { get; init; }

    /// <summary>Prepared by SQL rather than by the protocol: pg_prepared_statements tells.</summary>
    internal bool FromSql { get; init; }
}

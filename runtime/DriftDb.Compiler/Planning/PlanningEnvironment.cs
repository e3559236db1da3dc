using DriftDb.Binder;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What planning depends on beside the text: the catalog, the session's settings, and a runtime to compute constants with.</summary>
internal sealed record PlanningEnvironment
{
    public required SessionCatalog Catalog { get; init; }

    public required Database Database { get; init; }

    public required FormatSettings Format { get; init; }

    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>A context to evaluate constants in.</summary>
    public required QueryContext EvaluationContext { get; init; }

    /// <summary>SET drift.as_of; null for now.</summary>
    public SystemTimePeriod? SessionPeriod { get; init; }

    /// <summary>The routine whose body is being planned; null for none.</summary>
    public Routine? Routine { get; init; }

    /// <summary>Whether binding finds out what each name stands for.</summary>
    public bool WantsNames { get; init; }

    public PlanningEnvironment With(CatalogRelation extra) => this with { Catalog = Catalog.With(extra) };

    public OptimizerOptions OptimizerOptions => Optimizer with { EvaluateConstant = expression => ConstantEvaluator.Evaluate(expression, EvaluationContext), Functions = Catalog.Functions };

    /// <param name="parameterTypes">Types of the parameters as far as the client declared them.</param>
    /// <param name="values">The parameters' values, when the statement is bound for them alone.</param>
    /// <param name="onClockRead">Called for a literal whose value is the moment of its reading (<c>'now'</c>, <c>'today'</c>): what is bound then holds for this statement only.</param>
    public BindOptions BindOptions(IReadOnlyList<SqlType> parameterTypes, IReadOnlyList<object?>? values = null, Action? onClockRead = null) => new(
        Catalog,
        (type, text) =>
        {
            if (onClockRead is not null && DateTimeText.ReadsClock(type, text)) onClockRead();
            return ValueText.Parse(type, text, Format);
        },
        point => ResolvePoint(point, values),
        SessionPeriod!,
        parameterTypes,
        Routine!,
        DeepStack.MostLevels,
        WantsNames);

    /// <summary>The catalog's version at a point of system time whose value is known while planning.</summary>
    private long? ResolvePoint(ScalarExpr point, IReadOnlyList<object?>? values)
    {
        var known = values is null ? point : point.Rewrite(node => node is ScalarParameter parameter && parameter.Number <= values.Count ? new ScalarConstant(values[parameter.Number - 1], parameter.Type) : node);
        if (known.DescendantsAndSelf().Any(node => node is ScalarParameter or ScalarSubquery or ScalarColumn)) return null;
        if (TryEvaluate(known) is not { Value: { } value } constant) return null;
        return constant.Type.Id == TypeId.TimestampTz ? Database.Store.CatalogVersionAtTime((long)value) : Database.Store.CatalogVersionAt((long)value);
    }

    /// <summary>The value of a point in time; null when it fails, so that the error comes where and when it would come anyway.</summary>
    private ScalarConstant? TryEvaluate(ScalarExpr expression)
    {
        try
        {
            return ConstantEvaluator.Evaluate(expression, EvaluationContext);
        }
        catch (SqlException)
        {
            return null;
        }
    }
}

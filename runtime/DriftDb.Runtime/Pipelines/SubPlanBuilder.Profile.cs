using System.Linq.Expressions;
using DriftDb.Plan;

namespace DriftDb.Runtime;

/// <summary>What is woven into the code of a query that is to be measured; see <see cref="PlanProfile"/>.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceMeasured(ProfileLayout profile, PhysicalPlan node, Action<BodyBuilder> consume)
    {
        int number = profile.NumberOf(node), first = _pipelines.Count;
        ProduceNode(node, body => EmitMeasured(body, profile, number, consume));
        // A nested plan's pipelines run within these.
        profile.Nodes[number].Pipelines.AddRange(_pipelines.Skip(first).Select(pipeline => pipeline.ProfileNumber));
    }

    private static void EmitMeasured(BodyBuilder body, ProfileLayout layout, int number, Action<BodyBuilder> consume)
    {
        Expression profile = ProfileOf(body), node = Expression.Constant(number);
        if (!layout.HasTimes)
        {
            body.Add(Expression.Call(profile, nameof(PlanProfile.Count), null, node));
            consume(body);
            return;
        }

        ParameterExpression started = body.Variable(typeof(long), "started");
        body.Add(Expression.Assign(started, Expression.Call(profile, nameof(PlanProfile.Enter), null, node)));
        // However the consumer is done with the row, it comes by here; a LIMIT that leaves the loop comes by the epilogue.
        LabelTarget next = body.Next, done = Expression.Label("measured");
        body.Next = done;
        body.Add(body.Nested(() => consume(body)));
        body.Add(Expression.Label(done));
        body.Next = next;
        Expression leave = Expression.Call(profile, nameof(PlanProfile.Leave), null, node, started);
        body.Add(leave);
        body.Add(Expression.Assign(started, Expression.Constant(0L)));
        body.AddEpilogue(leave);
    }

    /// <summary>Counts a row of a node that has no <c>Produce</c> of its own.</summary>
    private void EmitCount(BodyBuilder body, PhysicalPlan node)
    {
        if (Query.Profile is { } layout) body.Add(Expression.Call(ProfileOf(body), nameof(PlanProfile.Count), null, Expression.Constant(layout.NumberOf(node))));
    }

    /// <summary>After a loop that may have been left early: the rows behind were not looked at.</summary>
    private void EmitNotReached(BodyBuilder body, PhysicalPlan node, ParameterExpression index)
    {
        if (Query.Profile is not { } layout) return;
        Expression left = Expression.Subtract(Expression.Subtract(body.Count, index), Expression.Constant(1));
        body.AddEpilogue(Expression.Call(ProfileOf(body), nameof(PlanProfile.NotReached), null, Expression.Constant(layout.NumberOf(node)), left));
    }

    /// <summary>The state's size is shown with the node.</summary>
    private void Watch(PhysicalPlan node, int state)
    {
        if (Query.Profile is { } layout) _watched.Add((layout.NumberOf(node), state));
    }

    private static Expression ProfileOf(BodyBuilder body) => body.Hoist("profile", typeof(PlanProfile), () => Expression.Field(body.Frame, nameof(Frame.Profile)));
}

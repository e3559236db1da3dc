namespace DriftDb.Plan;

/// <summary>All functions and operators that a statement may name.</summary>
public interface IFunctionCatalog
{
    /// <summary>The overloads of this name, of every kind; empty when there is none. Names are lower case, without schema.</summary>
    IReadOnlyList<FunctionSignature> FindFunctions(string name);

    /// <summary>The overloads behind this operator symbol, prefix ones included.</summary>
    IReadOnlyList<FunctionSignature> FindOperators(string symbol);

    IEnumerable<FunctionSignature> All { get; }
}

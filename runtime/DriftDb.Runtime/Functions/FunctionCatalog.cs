using System.Reflection;
using DriftDb.Plan;

namespace DriftDb.Runtime;

/// <summary>
/// All SQL functions and operators, found by the attributes on static methods and classes. The built-in ones are in <see cref="Builtin"/>; an embedding program (and the catalog's
/// own functions) make a catalog on top of it and register types.
/// </summary>
public sealed class FunctionCatalog : IFunctionCatalog
{
    private readonly Dictionary<string, List<FunctionSignature>> _functions = [], _operators = [];

    /// <summary>The built-in functions. Don't register in it: use <see cref="WithBuiltins"/>.</summary>
    public static FunctionCatalog Builtin { get; } = CreateBuiltin();

    /// <summary>A new catalog that begins with the built-in functions.</summary>
    public static FunctionCatalog WithBuiltins()
    {
        var catalog = new FunctionCatalog();
        foreach (FunctionSignature signature in Builtin.All) catalog.Add(signature);
        return catalog;
    }

    public IReadOnlyList<FunctionSignature> FindFunctions(string name) => _functions.TryGetValue(name, out var found) ? found : [];

    public IReadOnlyList<FunctionSignature> FindOperators(string symbol) => _operators.TryGetValue(symbol, out var found) ? found : [];

    public IEnumerable<FunctionSignature> All => _functions.Values.SelectMany(list => list);

    public void Add(FunctionSignature signature)
    {
        if (!_functions.TryGetValue(signature.Name, out var list)) _functions[signature.Name] = list = [];
        list.Add(signature);
        if (signature.Operator is not { } symbol) return;
        if (!_operators.TryGetValue(symbol, out list)) _operators[symbol] = list = [];
        list.Add(signature);
    }

    /// <summary>Registers all attributed methods of the type, or the type itself when it is an aggregate.</summary>
    public void Register(Type type)
    {
        foreach (FunctionSignature signature in FunctionReflection.Read(type)) Add(signature);
    }

    /// <summary>Registers everything attributed in an assembly.</summary>
    public void Register(Assembly assembly)
    {
        foreach (Type type in assembly.GetTypes()) Register(type);
    }

    private static FunctionCatalog CreateBuiltin()
    {
        RuntimeSetup.Initialize();
        var catalog = new FunctionCatalog();
        foreach (FunctionSignature signature in BuiltinAggregates.Signatures()) catalog.Add(signature);
        catalog.Register(typeof(FunctionCatalog).Assembly);
        return catalog;
    }
}

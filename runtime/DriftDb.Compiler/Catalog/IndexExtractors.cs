using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Compiled keys of expression and partial indexes: what the store, which knows no SQL, calls for each row.</summary>
internal static class IndexExtractors
{
    public static unsafe KeyExtractor For(DriftStore store, Database database, TableObject table, IndexObject index) =>
        new Extractor(store, IndexExpressions.Of(database, table, index), KeysOf(table, index), table.LiveColumns().ToDictionary(column => (int)column.Number, column => (int)column.StoreId)).Extract;

    /// <summary>The key's parts as the store has them.</summary>
    public static KeyColumn[] KeysOf(TableObject table, IndexObject index)
    {
        var columns = table.LiveColumns().ToDictionary(column => column.Number);
        return [.. index.Keys.Select(key => new KeyColumn(key.Column == 0 ? 0 : columns[key.Column].StoreId, (key.Column == 0 ? key.ExpressionType!.Value : columns[key.Column].Type).ToSqlType(), key.Descending, key.NullsFirst))];
    }

    private sealed unsafe class Extractor(DriftStore store, IndexExpressions expressions, KeyColumn[] keys, Dictionary<int, int> storeIds)
    {
        /// <summary>The code for each layout that the table's rows have had; there are as many as ALTER TABLEs since the start.</summary>
        private readonly ConditionalWeakTable<TableDefinition, Code> _codes = [];
        private Code? _last;

        public bool Extract(byte* tuple, TableDefinition table, KeyBuilder key)
        {
            var code = _last;
            if (code is null || !ReferenceEquals(code.Table, table)) _last = code = _codes.GetValue(table, Compile);
            // The predicate comes first: an expression need not be computable for rows that aren't in the index.
            if (code.Predicate is { } predicate)
            {
                byte* value = predicate.Evaluate(tuple);
                if (TupleLayout.IsNull(value, 0) || *(value + predicate.Layout.Offset(0)) == 0) return false;
            }

            byte* values = code.Keys is null ? null : code.Keys.Evaluate(tuple);
            int next = 0;
            for (int i = 0; i < keys.Length; i++)
            {
                if (keys[i].ColumnId == 0) key.Append(keys[i], values, code.Keys!.Layout, next++);
                else if (code.Ordinals[i] >= 0) key.Append(keys[i], tuple, table.Layout, code.Ordinals[i]);
                else key.AppendNull(keys[i]);
            }

            return true;
        }

        private Code Compile(TableDefinition table)
        {
            int OrdinalOf(int number) => table.OrdinalOf(storeIds[number]);
            var computed = expressions.Keys.OfType<ScalarExpr>().ToList();
            return new Code(
                table,
                expressions.Predicate is null ? null : new RowExpressions(store, [expressions.Predicate], table.Layout, OrdinalOf),
                computed.Count == 0 ? null : new RowExpressions(store, computed, table.Layout, OrdinalOf),
                [.. keys.Select(key => key.ColumnId == 0 ? -1 : table.OrdinalOf(key.ColumnId))]);
        }
    }

    private sealed record Code(TableDefinition Table, RowExpressions? Predicate, RowExpressions? Keys, int[] Ordinals);
}

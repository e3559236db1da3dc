using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Facts about relations: updatability, partitions, sequences, index properties.</summary>
internal static class RelationFunctions
{
    /// <summary>Bits of pg_relation_is_updatable: 4 UPDATE, 8 INSERT, 16 DELETE.</summary>
    private const int AllWrites = 4 | 8 | 16;

    [SqlFunction("pg_relation_is_updatable", Parameters = "regclass, boolean", Volatility = Volatility.Stable)]
    public static int IsUpdatable(QueryContext context, int oid, bool includeTriggers) => context.CatalogOf().Find(oid) is TableRelation ? AllWrites : 0;

    [SqlFunction("pg_column_is_updatable", Parameters = "regclass, smallint, boolean", Volatility = Volatility.Stable)]
    public static bool ColumnIsUpdatable(QueryContext context, int oid, short column, bool includeTriggers) =>
        context.CatalogOf().Find(oid) is TableRelation table && table.Definition.LiveColumns().Any(candidate => candidate.Number == column && !candidate.IsGenerated && candidate.SystemTime == 0);

    [SqlFunction("pg_relation_is_publishable", Parameters = "regclass", Volatility = Volatility.Stable)]
    public static bool IsPublishable(QueryContext context, int oid) => context.CatalogOf().Find(oid) is TableRelation;

    [SqlFunction("pg_relation_filenode", Parameters = "regclass", Returns = "oid", Volatility = Volatility.Stable)]
    public static int? FileNode(QueryContext context, int oid) => context.CatalogOf().Find(oid) is TableRelation ? oid : null;

    /// <summary>There are no partitions: a table's only ancestor is itself, as PostgreSQL answers for a partition only.</summary>
    [SqlTableFunction("pg_partition_ancestors", Parameters = "regclass", Columns = "relid regclass", Volatility = Volatility.Stable)]
    public static void PartitionAncestors(QueryContext context, int oid, RowWriter rows)
    {
    }

    [SqlFunction("pg_partition_root", Parameters = "regclass", Returns = "regclass", Volatility = Volatility.Stable)]
    public static int? PartitionRoot(int oid) => null;

    [SqlFunction("pg_get_replica_identity_index", Parameters = "regclass", Returns = "regclass", Volatility = Volatility.Stable)]
    public static int? ReplicaIdentityIndex(QueryContext context, int oid) => context.CatalogOf().IndexesOf[oid].FirstOrDefault(index => index.IsPrimary)?.Oid;

    [SqlFunction("pg_sequence_last_value", Parameters = "regclass", Volatility = Volatility.Volatile)]
    public static long? SequenceLastValue(QueryContext context, int oid) => context.SessionOf().StoreOf(oid).SequenceState(oid) is { IsCalled: true } state ? state.Value : null;

    [SqlTableFunction(
        "pg_sequence_parameters", Parameters = "oid", Columns = "start_value bigint, minimum_value bigint, maximum_value bigint, increment bigint, cycle_option boolean, cache_size bigint, data_type oid",
        Volatility = Volatility.Stable)]
    public static void SequenceParameters(QueryContext context, int oid, RowWriter rows)
    {
        if (context.CatalogOf().Find(oid) is not SequenceRelation { Definition: var sequence }) throw new SqlException(SqlState.UndefinedTable, $"relation with OID {oid} is not a sequence");
        rows.BeginRow();
        rows.Set(0, sequence.Start);
        rows.Set(1, sequence.Minimum);
        rows.Set(2, sequence.Maximum);
        rows.Set(3, sequence.Increment);
        rows.Set(4, sequence.Cycle);
        rows.Set(5, sequence.Cache);
        rows.Set(6, sequence.Type.Oid);
    }

    /// <summary>asc, desc, nulls_first, nulls_last, orderable, … of an index's column; NULL for what doesn't apply.</summary>
    [SqlFunction("pg_index_column_has_property", Parameters = "regclass, integer, text", Volatility = Volatility.Stable)]
    public static bool? IndexColumnHas(QueryContext context, int oid, int column, string property)
    {
        if (!context.CatalogOf().Indexes.TryGetValue(oid, out var index) || column < 1 || column > index.Keys.Length) return null;
        var key = index.Keys[column - 1];
        bool isOrdered = index.Method == "btree";
        return property.ToLowerInvariant() switch
        {
            "asc" => isOrdered && !key.Descending,
            "desc" => isOrdered && key.Descending,
            "nulls_first" => isOrdered && key.NullsFirst,
            "nulls_last" => isOrdered && !key.NullsFirst,
            "orderable" or "returnable" or "search_array" or "search_nulls" => isOrdered,
            "distance_orderable" => false,
            _ => null,
        };
    }

    /// <summary>An array's elements with their numbers: what JDBC expands keys with.</summary>
    [SqlTableFunction("_pg_expandarray", Parameters = "anyarray", Returns = "anyelement", Columns = "x anyelement, n integer")]
    public static void ExpandArray(QueryContext context, Datum array, RowWriter rows)
    {
        int number = 0;
        foreach (var element in new ArrayReader(array.Bytes))
        {
            rows.BeginRow();
            if (!element.IsEmpty) SetElement(rows, element);
            rows.Set(1, ++number);
        }
    }

    private static void SetElement(RowWriter rows, ReadOnlySpan<byte> element)
    {
        switch (rows.Layout.Types[0].Kind)
        {
            case PhysicalKind.Bool: rows.Set(0, element[0] != 0); break;
            case PhysicalKind.Int16: rows.Set(0, BitConverter.ToInt16(element)); break;
            case PhysicalKind.Int32 or PhysicalKind.Float32: rows.Set(0, BitConverter.ToInt32(element)); break;
            case PhysicalKind.Int64 or PhysicalKind.Float64: rows.Set(0, BitConverter.ToInt64(element)); break;
            case PhysicalKind.Bytes: rows.SetBytes(0, element); break;
            default: throw new SqlException(SqlState.FeatureNotSupported, $"_pg_expandarray of {rows.Layout.Types[0]}[]");
        }
    }
}

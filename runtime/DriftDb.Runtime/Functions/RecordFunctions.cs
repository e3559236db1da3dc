using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What is asked of records as a whole.</summary>
internal static class RecordFunctions
{
    /// <summary><c>row IS NULL</c>: there is none, or all its fields are NULL.</summary>
    [SqlFunction("record_is_null", Parameters = "record", Strict = false)]
    public static bool IsNull(Datum record)
    {
        if (record.IsNull) return true;
        var fields = new RecordReader(record.Bytes.Span);
        while (fields.MoveNext())
            if (!fields.IsNull) return false;
        return true;
    }

    /// <summary><c>row IS NOT NULL</c>: there is one, and none of its fields is NULL.</summary>
    [SqlFunction("record_is_not_null", Parameters = "record", Strict = false)]
    public static bool IsNotNull(Datum record)
    {
        if (record.IsNull) return false;
        var fields = new RecordReader(record.Bytes.Span);
        while (fields.MoveNext())
            if (fields.IsNull) return false;
        return true;
    }
}

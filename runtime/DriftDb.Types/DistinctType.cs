namespace DriftDb.Types;

/// <summary>The identity of a distinct type: values of another type that mix with nothing but themselves (ISO/IEC 9075-2, 4.7.3). Its source type is what the <see cref="SqlType"/> that carries it says besides.</summary>
/// <param name="Oid">pg_type.oid.</param>
/// <param name="Name">Its name, for messages.</param>
public sealed record DistinctType(int Oid, string Name);

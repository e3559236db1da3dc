using System.Text;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE TYPE … AS ENUM, ALTER TYPE … ADD VALUE and RENAME VALUE.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateEnum(QualifiedName typeName, IReadOnlyList<string> labels)
    {
        var (schema, name) = NewTypeName(typeName);
        foreach (string label in labels) RequireLabel(label);
        if (labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new SqlException(SqlState.UniqueViolation, "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"", detail: $"The label \"{twice.Key}\" comes twice.");
        byte[][] keys = EnumKeys.Initial(labels.Count);
        var type = new EnumObject
        {
            Oid = NewOid(schema), ArrayOid = NewOid(schema), Schema = schema, Name = name, Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Type, schema),
            Labels = [.. labels.Select((label, i) => new EnumLabelObject { Oid = NewOid(schema), Key = keys[i], Text = label, SortOrder = i + 1 })],
        };
        Put(ObjectKindNumber.Enum, type.Oid, type);
        return "CREATE TYPE";
    }

    private static void RequireLabel(string label)
    {
        if (Encoding.UTF8.GetByteCount(label) > Limits.IdentifierBytes) throw new SqlException(SqlState.InvalidName, $"invalid enum label \"{label}\"", detail: $"Labels must be {Limits.IdentifierBytes} bytes or less.");
    }

    private void AddValue(EnumObject type, AlterTypeAction.AddValue add)
    {
        RequireLabel(add.Label);
        if (Array.Exists(type.Labels, label => label.Text == add.Label))
        {
            if (!add.IfNotExists) throw new SqlException(SqlState.DuplicateObject, $"enum label \"{add.Label}\" already exists");
            session.Notify("NOTICE", SqlState.DuplicateObject, $"enum label \"{add.Label}\" already exists, skipping");
            return;
        }

        int place = add.Neighbour?.Value is var (isBefore, neighbour) ? IndexOf(type, neighbour) + (isBefore ? 0 : 1) : type.Labels.Length;
        var (before, after) = (place > 0 ? type.Labels[place - 1] : null, place < type.Labels.Length ? type.Labels[place] : null);
        var label = new EnumLabelObject
        {
            Oid = NewOid(type.Schema), Text = add.Label, Key = before is null && after is null ? EnumKeys.Initial(1)[0] : EnumKeys.Between(before?.Key, after?.Key),
            SortOrder = before is null ? (after?.SortOrder ?? 2) - 1 : after is null ? before.SortOrder + 1 : (before.SortOrder + after.SortOrder) / 2,
        };
        Put(ObjectKindNumber.Enum, type.Oid, type with { Labels = [.. type.Labels[..place], label, .. type.Labels[place..]] });
    }

    /// <summary>The values stay as they are; the label of a moment is the one of the catalog of that moment. Stored texts that say the old label say the new one from now on.</summary>
    private void RenameValue(EnumObject type, AlterTypeAction.RenameValue rename)
    {
        int place = IndexOf(type, rename.Old);
        if (Array.Exists(type.Labels, label => label.Text == rename.New)) throw new SqlException(SqlState.DuplicateObject, $"enum label \"{rename.New}\" already exists");
        RequireLabel(rename.New);
        Rename(new LabelRenaming(type.Oid, rename.Old, rename.New),
            () => Put(ObjectKindNumber.Enum, type.Oid, type with { Labels = [.. type.Labels.Select((label, i) => i == place ? label with { Text = rename.New } : label)] }));
    }

    private static int IndexOf(EnumObject type, string label) =>
        Array.FindIndex(type.Labels, candidate => candidate.Text == label) is var place and >= 0 ? place : throw new SqlException(SqlState.InvalidParameterValue, $"\"{label}\" is not an existing enum label");
}

using System.Buffers;
using DriftDb.Compiler;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>The extended protocol (documentation, 55.2.3): Parse, Bind, Describe, Execute, Close, Sync.</summary>
internal sealed partial class Connection
{
    private const int StackedNumbers = 64;

    private short[] _portalFormats = [];

    private void Parse(ReadOnlySpan<byte> body)
    {
        var message = new ParseMessage(body);
        KeepText(message.Sql);
        int count = message.ParameterCount;
        int[]? rented = count > StackedNumbers ? ArrayPool<int>.Shared.Rent(count) : null;
        Span<int> oids = (rented ?? stackalloc int[StackedNumbers])[..count];
        try
        {
            message.CopyParameterOids(oids);
            _session!.Parse(_names.Intern(message.Name), message.Sql, oids);
        }
        finally
        {
            if (rented is not null) ArrayPool<int>.Shared.Return(rented);
        }

        BackendMessages.ParseComplete(_output);
    }

    private void Bind(ReadOnlySpan<byte> body)
    {
        var message = new BindMessage(body);
        if (Recoder is { } recoder && !System.Text.Ascii.IsValid(body)) message = new BindMessage(recoder.Bind(body, name => _session!.GetStatement(name).ParameterTypes));
        int parameterFormats = message.ParameterFormatCount, resultFormats = message.ResultFormatCount;
        int count = parameterFormats + resultFormats;
        short[]? rented = count > StackedNumbers ? ArrayPool<short>.Shared.Rent(count) : null;
        Span<short> formats = (rented ?? stackalloc short[StackedNumbers])[..count];
        try
        {
            message.CopyParameterFormats(formats[..parameterFormats]);
            message.CopyResultFormats(formats[parameterFormats..]);
            var parameters = new BindParameters { Count = message.ParameterCount, Formats = formats[..parameterFormats], Values = message.Values };
            _session!.Bind(_names.Intern(message.Portal), _names.Intern(message.Statement), parameters, formats[parameterFormats..]);
        }
        finally
        {
            if (rented is not null) ArrayPool<short>.Shared.Return(rented);
        }

        BackendMessages.BindComplete(_output);
    }

    private void Describe(ReadOnlySpan<byte> body)
    {
        var message = new TargetMessage(body, "DESCRIBE");
        string name = _names.Intern(message.Name);
        if (message.IsStatement)
        {
            var statement = _session!.GetStatement(name);
            BackendMessages.ParameterDescription(_output, statement.ParameterTypes);
            DescribeShape(statement.Shape, RowEncoder.AllText);
            return;
        }

        var portal = _session!.GetPortal(name);
        DescribeShape(portal.Shape, FormatsOf(portal));
    }

    private void Execute(ReadOnlySpan<byte> body)
    {
        var message = new ExecuteMessage(body);
        var portal = _session!.GetPortal(_names.Intern(message.Portal));
        _text = portal.Statement.Text;
        _formats = FormatsOf(portal);
        Begin(RunKind.Portal, portal.Run, message.MaxRows);
    }

    private void CloseTarget(ReadOnlySpan<byte> body)
    {
        var message = new TargetMessage(body, "CLOSE");
        string name = _names.Intern(message.Name);
        if (message.IsStatement) _session!.CloseStatement(name);
        else _session!.ClosePortal(name);
        BackendMessages.CloseComplete(_output);
    }

    private void Sync()
    {
        _isSkipping = false;
        Begin(RunKind.Sync, _session!.Sync(), 0);
    }

    private void DescribeShape(ResultShape? shape, short[] formats)
    {
        if (shape is null)
        {
            BackendMessages.NoData(_output);
            return;
        }

        int start = RowDescription.Begin(_output, shape.Columns.Length);
        for (int i = 0; i < shape.Columns.Length; i++)
        {
            var column = shape.Columns[i];
            RowDescription.Column(_output, column.Name, column.Origin?.TableOid ?? 0, column.Origin?.AttributeNumber ?? 0, column.Type, formats[formats.Length == 1 ? 0 : i]);
        }

        RowDescription.End(_output, start);
    }

    /// <summary>A portal's column formats, in an array that the next call reuses.</summary>
    private short[] FormatsOf(Portal portal)
    {
        int columns = portal.Shape?.Columns.Length ?? 0;
        bool isAllText = true;
        for (int i = 0; i < columns && isAllText; i++) isAllText = portal.ResultFormat(i) == 0;
        if (isAllText) return RowEncoder.AllText;
        if (_portalFormats.Length != columns) _portalFormats = new short[columns];
        for (int i = 0; i < columns; i++) _portalFormats[i] = portal.ResultFormat(i);
        return _portalFormats;
    }
}

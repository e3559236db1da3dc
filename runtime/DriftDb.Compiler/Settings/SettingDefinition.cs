namespace DriftDb.Compiler;

/// <summary>A setting (PostgreSQL's GUC): its default, how a value is checked and normalised, whether clients are told of changes.</summary>
/// <param name="Name">As SHOW prints it; looked up without regard to case.</param>
/// <param name="Default">The value of a new session.</param>
/// <param name="Check">Normalises a value or throws 22023; null: any text.</param>
/// <param name="Merge">The same for a value that says only a part, given the current one.</param>
/// <param name="IsReported">Sent as ParameterStatus at start and after each change.</param>
/// <param name="IsReadOnly">55P02 on SET.</param>
/// <param name="Description">For SHOW ALL and pg_settings.</param>
internal sealed record SettingDefinition(string Name, string Default, Func<string, string>? Check = null, Func<string, string, string>? Merge = null, bool IsReported = false, bool IsReadOnly = false, string Description = "");

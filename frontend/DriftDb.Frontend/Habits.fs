namespace DriftDb.Frontend

open System
open DriftDb.Grammar

/// What people write who come from another database, or from the other of the two dialects here, with the form that works.
module internal Habits =

    [<NoComparison; NoEquality>]
    type private Habit =
        { Holds: BrokenStatement -> bool
          Hint: string }

    let private habit hint holds = { Holds = holds; Hint = hint }

    let private isAny (words: string list) (word: string) = List.contains word words

    /// Tokens up to the one after the slip.
    let private someToken (statement: BrokenStatement) (test: string -> bool) =
        Seq.exists (fun i -> test statement.Tokens[i].Text) (seq { statement.First .. min (statement.At + 1) (statement.Last - 1) })

    let private isNumber (word: string) = word <> "" && Char.IsDigit word[0]

    /// The forms of DriftQL's statements, by their first words.
    let private driftForms =
        [ "patch", "PATCH table KEY key SET {document}. Rows that a condition chooses are changed by UPDATE … SET … WHERE."
          "soft", "SOFT DELETE FROM table KEY key. Rows that a condition chooses are deleted by DELETE FROM … WHERE."
          "snapshot", "SNAPSHOT table"
          "compact", "COMPACT table"
          "backup", "BACKUP [TABLE name] TO 'directory' [WITH (…)]"
          "verify", "VERIFY BACKUP 'directory'"
          "restore", "RESTORE DATABASE FROM 'directory' [TO moment], RESTORE TABLE name TO moment"
          "show", "SHOW DRIFT table KEY key, SHOW BACKUPS [FROM 'directory'], SHOW setting"
          "insert", "INSERT INTO table {document}"
          "create", "CREATE TABLE name (pk=column [, INDEX(column, …)])" ]

    /// The form of a statement that only DriftQL has.
    let driftForm (firstWord: string) : string option =
        driftForms |> List.tryFind (fun (word, _) -> word = firstWord) |> Option.map (fun (_, form) -> $"DriftQL's form is: {form}")

    let private habits =
        [ // ---- quotes and placeholders
          habit "Names are quoted with double quotes, \"name\", not with backticks." (fun s -> someToken s (fun text -> text.Contains '`'))
          habit "Quotes must be straight: 'text' and \"name\"." (fun s -> someToken s (fun text -> text.IndexOfAny [| '‘'; '’'; '“'; '”' |] >= 0 && text[0] > '\127'))
          habit "Names are quoted with double quotes, \"name\", not with brackets." (fun s -> s.Near 0 = "[" || (s.Near -1 = "[" && s.Near -2 <> "array"))
          habit "Parameters are written $1, $2." (fun s -> s.Near 0 = "?" || s.Near -1 = "?" || s.Near 0 = ":" || s.Near -1 = ":" || (s.Near 0 = "%" && s.Near 1 = "s"))
          habit "Comments begin with -- or stand between /* and */." (fun s -> someToken s (fun text -> text = "//" || text = "#"))
          habit "There are no variables in SQL: use a parameter, a common table expression or SET name = value." (fun s -> s.Near 0 = ":=" || s.Near -1 = "@")

          // ---- clauses
          habit "Write LIMIT count OFFSET first." (fun s -> s.Near 0 = "," && s.Near -2 = "limit")
          habit "Write SELECT … LIMIT count instead of TOP." (fun s -> isNumber (s.Near 0) && s.Near -1 = "top" || s.Near -1 = "top" && s.Near 0 = "(")
          habit "Write BETWEEN low AND high." (fun s -> s.Near 0 = "," && s.Near -2 = "between")
          habit "The operator for that is EXCEPT." (fun s -> s.Near 0 = "minus" || (s.Near -1 = "minus" && s.Near 0 = "select"))
          habit "CASE takes another WHEN … THEN … branch." (fun s -> isAny [ "elseif"; "elsif"; "elif" ] (s.Near 0) || (s.Near 0 = "when" && s.Near -1 = "else"))
          habit "IS is for NULL, TRUE, FALSE, UNKNOWN and DISTINCT FROM; values are compared with = and <>." (fun s ->
              s.At < s.Last && s.Near 0 <> "," && (s.Near -1 = "is" || (s.Near -1 = "not" && s.Near -2 = "is")) && s.Kind s.At <> SqlLexer.IDENT)
          habit "Outer joins are written LEFT JOIN … ON …." (fun s -> s.Near 0 = ")" && s.Near -1 = "+" && s.Near -2 = "(")
          habit "Write JOIN LATERAL instead of APPLY." (fun s -> s.Near 0 = "apply" || s.Near -1 = "apply")
          habit "Trees are walked by WITH RECURSIVE." (fun s -> s.Near 0 = "connect" || s.Near -1 = "connect")
          habit "ON CONFLICT (columns) DO UPDATE SET … does that, where EXCLUDED is the new row." (fun s ->
              s.Near 0 = "duplicate" || (s.Near 0 = "on" && s.Near 1 = "duplicate") || s.Word 0 = "replace" || s.Word 0 = "upsert")
          habit "INSERT … ON CONFLICT DO NOTHING does that." (fun s -> s.Word 0 = "insert" && s.Near -1 = "insert" && isAny [ "ignore"; "or" ] (s.Near 0))
          habit "Write INSERT INTO table (columns) VALUES (values)." (fun s -> s.Word 0 = "insert" && s.Near 0 = "set")
          habit "DELETE takes whole rows: DELETE FROM table WHERE …." (fun s -> s.Word 0 = "delete" && s.Near 0 = "*" && s.Near -1 = "delete")
          habit "Write UPDATE table SET … FROM other WHERE …." (fun s -> s.Word 0 = "update" && isAny [ "join"; "inner"; "left"; "right"; "," ] (s.Near 0) && s.At - s.First <= 4)

          // ---- definitions
          habit "Write GENERATED BY DEFAULT AS IDENTITY." (fun s ->
              isAny [ "auto_increment"; "autoincrement" ] (s.Near 0) || (s.Near 0 = "identity" && s.Near 1 = "(" && s.Near -1 <> "as"))
          habit "There are no unsigned types; a CHECK (column >= 0) keeps out negative values." (fun s -> s.Near 0 = "unsigned")
          habit "Table options like ENGINE and CHARSET are not needed: leave them out." (fun s ->
              s.Word 0 = "create" && (isAny [ "engine"; "charset"; "default" ] (s.Near 0) && s.Near -1 = ")"))
          habit "Write COMMENT ON TABLE or COMMENT ON COLUMN … IS 'text' as a statement of its own." (fun s -> s.Word 0 = "create" && s.Near 0 = "comment")
          habit "Write ALTER TABLE … ALTER COLUMN name TYPE type." (fun s -> s.Word 0 = "alter" && s.Near 0 = "modify")
          habit "Write ALTER TABLE … RENAME COLUMN old TO new." (fun s -> s.Word 0 = "alter" && s.Near 0 = "change")
          habit "Write ALTER TABLE old RENAME TO new." (fun s -> s.Word 0 = "rename")
          habit "Write CREATE TABLE IF NOT EXISTS, or DROP TABLE IF EXISTS before it." (fun s -> s.Near 0 = "table" && s.Near -1 = "replace")
          habit "CREATE DATABASE has no IF NOT EXISTS." (fun s -> s.Word 0 = "create" && s.Word 1 = "database" && s.Word 2 = "if" && s.At > s.First + 2)

          // ---- commands of other clients
          habit "Use \\d in psql, or query information_schema." (fun s ->
              isAny [ "describe"; "desc" ] (s.Word 0)
              || (s.Word 0 = "show" && isAny [ "tables"; "databases"; "columns"; "create"; "index"; "indexes"; "full"; "fields" ] (s.Word 1)))
          habit "A connection is to one database; SET search_path chooses the schema." (fun s -> s.Word 0 = "use")
          habit "Procedures are run with CALL name(arguments)." (fun s -> s.Word 0 = "exec")
          habit "Statements end with a semicolon; there are no batches." (fun s -> s.Word 0 = "go" || s.Word 0 = "delimiter")
          habit "Settings are changed with SET name = value and read with SHOW name." (fun s -> s.Word 0 = "pragma")
          habit "SELECT pg_terminate_backend(pid) ends a session." (fun s -> s.Word 0 = "kill")
          habit "Locks are given back when the transaction ends." (fun s -> s.Word 0 = "unlock")

          // ---- DriftQL in SQL and the reverse
          habit "A document is written by DriftQL's PATCH table KEY key SET {document}; SQL's form is UPDATE table SET column = value." (fun s ->
              s.Word 0 = "update" && s.Near 0 = "{" || s.Word 0 = "update" && s.Near 0 <> "" && (s.Near 0)[0] = '{')
          habit "A document is written by DriftQL's INSERT INTO table {document}; SQL's form is INSERT INTO table (columns) VALUES (values)." (fun s ->
              s.Word 0 = "insert" && s.Near 0 <> "" && (s.Near 0)[0] = '{')
          habit "KEY is DriftQL's, in PATCH, SOFT DELETE and SHOW DRIFT; SQL chooses rows with WHERE." (fun s ->
              isAny [ "select"; "update"; "delete" ] (s.Word 0) && (s.Near 0 = "key" || s.Near -1 = "key"))
          habit "A sequence number is written @seq:number." (fun s -> isNumber (s.Near 0) && (s.Near -1 = "seq" || s.Near -2 = "seq"))
          habit "DriftQL's form is: CREATE TABLE name (pk=column [, INDEX(column, …)]); its columns come with the documents." (fun s ->
              s.Word 0 = "create" && s.Near 0 = "=" && s.Near -1 = "pk") ]

    let find (statement: BrokenStatement) : string option =
        habits |> List.tryFind (fun habit -> habit.Holds statement) |> Option.map (fun habit -> habit.Hint)

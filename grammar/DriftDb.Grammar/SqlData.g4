// Statements that change data: ISO/IEC 9075-2 chapter 14, with PostgreSQL's ON CONFLICT, RETURNING and COPY.
parser grammar SqlData;

insertStmt : withClause? INSERT INTO qname (AS identifier)? insertColumns? (OVERRIDING (SYSTEM | USER) VALUE)? (query | DEFAULT VALUES) onConflict? returning? ;
insertColumns : LPAREN target (COMMA target)* RPAREN ;
target : identifier targetStep* ;
targetStep : DOT columnLabel | LBRACKET subscript RBRACKET ;

onConflict : ON CONFLICT conflictTarget? DO (NOTHING | UPDATE SET assignments (WHERE expr)?) ;
conflictTarget : LPAREN indexElement (COMMA indexElement)* RPAREN (WHERE expr)? | ON CONSTRAINT identifier ;

assignments : assignment (COMMA assignment)* ;
assignment : target EQ expr | LPAREN target (COMMA target)* RPAREN EQ expr ;
returning : RETURNING selectItem (COMMA selectItem)* ;

updateStmt : withClause? UPDATE dmlTarget SET assignments fromClause? rowSelection? returning? ;
deleteStmt : withClause? DELETE FROM dmlTarget (USING tableRef (COMMA tableRef)*)? rowSelection? returning? ;
dmlTarget : (ONLY (qname | LPAREN qname RPAREN) | qname STAR?) portionOf? (AS identifier | bareTableAlias)? ;
portionOf : FOR PORTION OF identifier FROM vexpr TO vexpr ;
rowSelection : WHERE (CURRENT OF identifier | expr) ;

mergeStmt : withClause? MERGE INTO dmlTarget USING tableRef ON expr mergeBranch+ returning? ;
mergeBranch : WHEN NOT? MATCHED (BY (SOURCE | TARGET))? (AND expr)? THEN mergeAction ;
mergeAction
    : UPDATE SET assignments
    | DELETE
    | INSERT insertColumns? (OVERRIDING (SYSTEM | USER) VALUE)? (VALUES valuesRow | DEFAULT VALUES)
    | DO NOTHING
    ;

truncateStmt : TRUNCATE TABLE? truncateTable (COMMA truncateTable)* ((RESTART | CONTINUE) IDENTITY)? dropBehavior? ;
truncateTable : ONLY? qname STAR? ;

copyStmt
    : COPY (BINARY? qname columnNames? | LPAREN dataStmt RPAREN) (FROM | TO) copyEndpoint
      (USING? DELIMITERS stringLiteral)? WITH? (optionList | copyOption*) (WHERE expr)?
    ;
copyEndpoint : STDIN | STDOUT | PROGRAM stringLiteral | stringLiteral ;
copyOption
    : BINARY | FREEZE | CSV | HEADER
    | (DELIMITER | NULL | QUOTE | ESCAPE) AS? stringLiteral
    | ENCODING stringLiteral
    | FORCE (QUOTE (STAR | columnList) | NOT? NULL columnList)
    ;

callStmt : CALL qname call ;
doStmt : DO (LANGUAGE labelOrString)? stringLiteral (LANGUAGE labelOrString)? ;

// ERASE takes rows out of the history as well.
eraseStmt : ERASE FROM qname WHERE expr ;
undropStmt : UNDROP TABLE qname (TO identifier)? ;
restoreTableStmt : RESTORE TABLE qname TO vexpr ;

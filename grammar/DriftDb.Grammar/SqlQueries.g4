// Queries: ISO/IEC 9075-2 chapter 7, with PostgreSQL's LIMIT and locking clauses and DriftQL's trailing AS OF.
parser grammar SqlQueries;

query : withClause? queryBody orderBy? (limitPart | lockingClause)* asOf? ;

withClause : WITH RECURSIVE? commonTable (COMMA commonTable)* ;
commonTable : identifier columnNames? AS (NOT? MATERIALIZED)? LPAREN dataStmt RPAREN searchClause? cycleClause? ;
searchClause : SEARCH (DEPTH | BREADTH) FIRST BY columnList SET identifier ;
cycleClause : CYCLE columnList SET identifier (TO vexpr DEFAULT vexpr)? USING identifier ;

queryBody
    : queryBody INTERSECT (ALL | DISTINCT)? corresponding? queryBody           # setOperation
    | queryBody (UNION | EXCEPT) (ALL | DISTINCT)? corresponding? queryBody    # setOperation
    | selectCore                                                # selectBody
    | VALUES valuesRow (COMMA valuesRow)*                       # valuesBody
    | TABLE ONLY? qname STAR?                                   # tableBody
    | LPAREN query RPAREN                                       # nestedBody
    ;
corresponding : CORRESPONDING (BY columnNames)? ;
valuesRow : LPAREN exprList RPAREN ;

selectCore
    : SELECT (ALL | DISTINCT (ON LPAREN exprList RPAREN)?)? (selectItem (COMMA selectItem)*)?
      (INTO intoTarget)? fromClause? (WHERE expr)? (GROUP BY groupBy)? (HAVING expr)? (WINDOW windowDefinition (COMMA windowDefinition)*)?
    ;
// `t.* AS (a, b)` is the standard's; PostgreSQL has no such thing.
selectItem : STAR (AS columnNames)? | expr (AS (columnLabel | columnNames) | bareLabel)? ;
intoTarget : (TEMPORARY | TEMP | UNLOGGED)? TABLE? qname ;
fromClause : FROM tableRef (COMMA tableRef)* ;
windowDefinition : identifier AS windowSpec ;

groupBy : (ALL | DISTINCT)? groupingElement (COMMA groupingElement)* ;
groupingElement
    : LPAREN RPAREN
    | (ROLLUP | CUBE | GROUPING SETS) LPAREN groupingElement (COMMA groupingElement)* RPAREN
    | expr
    ;

orderBy : ORDER BY sortItem (COMMA sortItem)* ;
sortItem : expr (ASC | DESC | USING (operatorSymbol | OPERATOR LPAREN (identifier DOT)* operatorSymbol RPAREN))? (NULLS (FIRST | LAST))? ;
// FETCH is <fetch first clause>, PERCENT its <fetch first percentage> (F866), which PostgreSQL hasn't.
limitPart
    : LIMIT (ALL | expr)
    | OFFSET expr (ROW | ROWS)?
    | FETCH (FIRST | NEXT) (vexpr PERCENT_?)? (ROW | ROWS) (ONLY | WITH TIES)
    ;
lockingClause
    : FOR (UPDATE | NO KEY UPDATE | SHARE | KEY SHARE) (OF qname (COMMA qname)*)? (NOWAIT | SKIP_ LOCKED)?
    | FOR READ ONLY
    ;

tableRef : tablePrimary joinTail* ;
joinTail
    : CROSS JOIN tablePrimary
    | NATURAL joinType? JOIN tablePrimary
    | joinType? JOIN tableRef (ON expr | USING columnNames (AS identifier)?)
    ;
joinType : INNER | (LEFT | RIGHT | FULL) OUTER? ;

tablePrimary
    : LATERAL? LPAREN query RPAREN tableAlias?                                                              # derivedTable
    | LATERAL? ROWS FROM LPAREN rowsFromItem (COMMA rowsFromItem)* RPAREN (WITH ORDINALITY)? tableAlias?    # rowsFrom
    | LATERAL? qname call (WITH ORDINALITY)? tableAlias?                                                    # tableFunction
    | LATERAL? TABLE LPAREN qname call RPAREN (WITH ORDINALITY)? tableAlias?                                # tableFunction
    | LATERAL? (specialCall | sessionValue) (WITH ORDINALITY)? tableAlias?                                  # specialTableFunction
    | qname STAR? systemTime? tableAlias? systemTime? tableSample?                                          # tableName
    | ONLY (qname | LPAREN qname RPAREN) systemTime? tableAlias? systemTime? tableSample?                   # onlyTable
    | LPAREN tableRef RPAREN tableAlias?                                                                    # nestedJoin
    ;
rowsFromItem : (qname call | specialCall | sessionValue) (AS recordColumns)? ;

tableAlias : AS (aliasName aliasColumns? | aliasColumns) | bareTableAlias aliasColumns? ;
aliasColumns : LPAREN aliasColumn (COMMA aliasColumn)* RPAREN ;
aliasColumn : identifier (typeName (COLLATE qname)?)? ;
recordColumns : LPAREN recordColumn (COMMA recordColumn)* RPAREN ;
recordColumn : identifier typeName (COLLATE qname)? ;
tableSample : TABLESAMPLE qname LPAREN exprList RPAREN (REPEATABLE LPAREN expr RPAREN)? ;

systemTime
    : FOR SYSTEM_TIME
      ( AS OF vexpr
      | BETWEEN (ASYMMETRIC | SYMMETRIC)? vexpr AND vexpr
      | FROM vexpr TO vexpr
      | ALL )
    | asOf
    ;
asOf : AS OF vexpr ;

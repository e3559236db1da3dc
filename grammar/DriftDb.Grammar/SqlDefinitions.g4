// CREATE: ISO/IEC 9075-2 chapter 11.
parser grammar SqlDefinitions;

createStmt
    : CREATE persistence? TABLE (IF NOT EXISTS)? qname (LPAREN (tableElement (COMMA tableElement)*)? RPAREN)? createTableOption* (AS createTableSource (WITH NO? DATA)?)?   # createTable
    | CREATE persistence? TABLE (IF NOT EXISTS)? qname PARTITION OF anything*                                                       # createPartition
    | CREATE (OR REPLACE)? persistence? RECURSIVE? VIEW qname columnNames? (WITH optionList)? AS query (WITH (CASCADED | LOCAL)? CHECK OPTION)?    # createView
    | CREATE MATERIALIZED VIEW (IF NOT EXISTS)? qname columnNames? (USING identifier | WITH optionList | TABLESPACE identifier)* AS query (WITH NO? DATA)?              # createMaterializedView
    | CREATE UNIQUE? INDEX CONCURRENTLY? ((IF NOT EXISTS)? identifier)? ON ONLY? qname (USING identifier)? LPAREN indexElement (COMMA indexElement)* RPAREN
      (INCLUDE columnNames)? (NULLS NOT? DISTINCT)? (WITH optionList)? (TABLESPACE identifier)? (WHERE expr)?                       # createIndex
    | CREATE SCHEMA (IF NOT EXISTS)? (identifier (AUTHORIZATION roleSpec)? | AUTHORIZATION roleSpec) schemaOption* (createStmt | grantStmt)*      # createSchema
    | CREATE persistence? SEQUENCE (IF NOT EXISTS)? qname sequenceOption*                                                           # createSequence
    | CREATE DOMAIN qname AS? typeName (COLLATE qname | DEFAULT vexpr | domainConstraint)*                                          # createDomain
    | CREATE TYPE qname (AS (ENUM LPAREN (stringLiteral (COMMA stringLiteral)*)? RPAREN | RANGE optionList | LPAREN (recordColumn (COMMA recordColumn)*)? RPAREN | typeName) typeOption*)?       # createType
    | CREATE DATABASE identifier WITH? databaseOption*                                                                              # createDatabase
    | CREATE (ROLE | USER | GROUP) roleSpec WITH? roleOption*                                                                       # createRole
    | CREATE EXTENSION (IF NOT EXISTS)? columnLabel WITH? ((SCHEMA | VERSION) labelOrString | CASCADE)*                             # createExtension
    | CREATE (OR REPLACE)? (FUNCTION | PROCEDURE) qname LPAREN (functionParameter (COMMA functionParameter)*)? RPAREN
      (RETURNS (TABLE LPAREN recordColumn (COMMA recordColumn)* RPAREN | typeName))? functionOption* routineBody?                   # createFunction
    | CREATE (OR REPLACE)? (CONSTRAINT? TRIGGER | RULE | POLICY | AGGREGATE | OPERATOR | CAST | COLLATION | TRUSTED? PROCEDURAL? LANGUAGE | PUBLICATION | SUBSCRIPTION
      | SERVER | FOREIGN | ACCESS | EVENT | STATISTICS | TEXT | TRANSFORM | CONVERSION | DEFAULT | TABLESPACE) anything*             # createUnsupported
    ;

schemaOption : DEFAULT CHARACTER SET qname | PATH identifier (COMMA identifier)* ;
persistence : (GLOBAL | LOCAL)? (TEMPORARY | TEMP) | UNLOGGED ;
createTableSource : query | EXECUTE identifier (LPAREN exprList RPAREN)? ;
createTableOption
    : INHERITS LPAREN qname (COMMA qname)* RPAREN
    | PARTITION BY identifier LPAREN indexElement (COMMA indexElement)* RPAREN
    | USING identifier
    | (WITH | WITHOUT) SYSTEM VERSIONING
    | WITH optionList
    | WITHOUT OIDS
    | ON COMMIT (DROP | (DELETE | PRESERVE) ROWS)
    | TABLESPACE identifier
    ;

tableElement
    : columnDefinition
    | tableConstraint
    | LIKE qname ((INCLUDING | EXCLUDING) columnLabel)*
    | PERIOD FOR (SYSTEM_TIME | identifier) LPAREN identifier COMMA identifier RPAREN
    ;
columnDefinition : identifier typeName? (STORAGE columnLabel | COMPRESSION columnLabel)* (COLLATE qname)? columnConstraint* ;
columnConstraint : (CONSTRAINT identifier)? columnConstraintKind constraintAttribute* ;
columnConstraintKind
    : NOT NULL
    | NULL
    | PRIMARY KEY indexParameters
    | UNIQUE (NULLS NOT? DISTINCT)? indexParameters
    | CHECK LPAREN expr RPAREN
    | DEFAULT vexpr
    | GENERATED (ALWAYS | BY DEFAULT) AS (IDENTITY (LPAREN sequenceOption+ RPAREN)? | LPAREN expr RPAREN STORED | ROW (START | END))
    | REFERENCES reference
    | COLLATE qname
    ;
tableConstraint : (CONSTRAINT identifier)? tableConstraintKind constraintAttribute* ;
tableConstraintKind
    : PRIMARY KEY (keyColumns indexParameters | USING INDEX identifier)
    | UNIQUE ((NULLS NOT? DISTINCT)? keyColumns indexParameters | USING INDEX identifier)
    | CHECK LPAREN expr RPAREN
    | FOREIGN KEY LPAREN identifier (COMMA identifier)* (COMMA PERIOD identifier)? RPAREN REFERENCES reference
    | EXCLUDE (USING identifier)? LPAREN exclusion (COMMA exclusion)* RPAREN indexParameters (WHERE LPAREN expr RPAREN)?
    ;
exclusion : indexElement WITH (operatorSymbol | OPERATOR LPAREN (identifier DOT)* operatorSymbol RPAREN) ;
keyColumns : LPAREN identifier (COMMA identifier)* (WITHOUT OVERLAPS)? RPAREN ;
indexParameters : (INCLUDE columnNames)? (WITH optionList)? (USING INDEX TABLESPACE identifier)? ;
reference : qname (LPAREN identifier (COMMA identifier)* (COMMA PERIOD identifier)? RPAREN)? (MATCH (FULL | PARTIAL | SIMPLE))? referenceAction* ;
referenceAction : ON (DELETE | UPDATE) (NO ACTION | RESTRICT | CASCADE | SET (NULL | DEFAULT) columnNames?) ;
constraintAttribute : NOT? DEFERRABLE | INITIALLY (DEFERRED | IMMEDIATE) | NOT VALID | NO INHERIT ;

indexElement : (identifier | functionName (DOT columnLabel)* call | (specialCall | sessionValue) | LPAREN expr RPAREN) (COLLATE qname)? (qname optionList?)? (ASC | DESC)? (NULLS (FIRST | LAST))? ;

sequenceOption
    : AS typeName
    | INCREMENT BY? signedInteger
    | MINVALUE signedInteger
    | MAXVALUE signedInteger
    | NO (MINVALUE | MAXVALUE | CYCLE)
    | START WITH? signedInteger
    | RESTART (WITH? signedInteger)?
    | CACHE signedInteger
    | CYCLE
    | OWNED BY qname
    | SEQUENCE NAME qname
    ;
domainConstraint : (CONSTRAINT identifier)? (NOT NULL | NULL | CHECK LPAREN expr RPAREN) (NOT VALID)? ;

databaseOption : (columnLabel | CONNECTION LIMIT) EQ? (signedNumber | stringLiteral | columnLabel) ;
roleOption
    : (PASSWORD | ENCRYPTED PASSWORD) (stringLiteral | NULL)
    | CONNECTION LIMIT signedInteger
    | VALID UNTIL stringLiteral
    | (IN (ROLE | GROUP) | ROLE | ADMIN | USER | SYSID) (roleSpec (COMMA roleSpec)* | INTEGER)
    | INHERIT
    | IDENT
    ;

functionParameter : (IN OUT? | OUT | INOUT | VARIADIC)? parameterBody ((DEFAULT | EQ) expr)? ;
// As in PostgreSQL a parameter is not called `interval` or `bit`: `f(interval month)` has a type of two words.
parameterBody : functionName typeName | typeName ;
functionOption
    : AS stringLiteral (COMMA stringLiteral)?
    | LANGUAGE labelOrString
    | (IMMUTABLE | STABLE | VOLATILE | STRICT | WINDOW | NOT? LEAKPROOF)
    | CALLED ON NULL INPUT
    | RETURNS NULL ON NULL INPUT
    | EXTERNAL? SECURITY (DEFINER | INVOKER)
    | (COST | ROWS) signedNumber
    | PARALLEL columnLabel
    | SUPPORT qname
    | NOT? DETERMINISTIC
    | (NO | CONTAINS) SQL
    | (READS | MODIFIES) SQL DATA
    | SPECIFIC qname
    | DYNAMIC RESULT SETS INTEGER
    | PARAMETER STYLE (SQL | GENERAL)
    | SET setting
    | RESET resetName
    ;

// ISO/IEC 9075-4: the body as SQL, not as a string.
routineBody
    : RETURN expr
    | BEGIN ATOMIC (routineStatement? SEMI)* END
    | dataStmt
    ;
routineStatement : RETURN expr | dataStmt | callStmt ;
typeOption : NOT? (FINAL | INSTANTIABLE) ;

optionList : LPAREN (option (COMMA option)*)? RPAREN ;
option : columnLabel (DOT columnLabel)* (EQ? optionValue)? ;
optionValue : columnLabel | signedNumber | stringLiteral | STAR | LPAREN optionValue (COMMA optionValue)* RPAREN ;
anything : ~SEMI ;

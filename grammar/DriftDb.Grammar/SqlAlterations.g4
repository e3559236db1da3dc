// ALTER, DROP, COMMENT, GRANT: what changes and takes away what CREATE made.
parser grammar SqlAlterations;

alterStmt
    : ALTER relationKind (IF EXISTS)? ONLY? qname STAR? relationAlteration                          # alterRelation
    | ALTER SEQUENCE (IF EXISTS)? qname (sequenceOption+ | renameSchemaOwner)                       # alterSequence
    | ALTER DOMAIN qname (renameSchemaOwner | RENAME CONSTRAINT identifier TO identifier | domainAlteration)  # alterDomain
    | ALTER TYPE qname (renameSchemaOwner | RENAME ATTRIBUTE identifier TO identifier dropBehavior? | typeAlteration (COMMA typeAlteration)*)   # alterType
    | ALTER (ROLE | USER | GROUP) (ALL | roleSpec) (IN DATABASE identifier)? (SET setting | RESET resetName)    # alterRoleSetting
    | ALTER (ROLE | USER | GROUP) roleSpec (RENAME TO identifier | WITH? roleOption+ | (ADD | DROP) USER roleSpec)  # alterRole
    | ALTER DATABASE identifier (SET setting | RESET resetName)                                     # alterDatabaseSetting
    | ALTER DATABASE identifier (renameSchemaOwner | WITH? databaseOption+)                         # alterDatabase
    | ALTER (FUNCTION | PROCEDURE | ROUTINE | AGGREGATE) functionSignature renameSchemaOwner        # alterFunction
    | ALTER (FUNCTION | PROCEDURE | ROUTINE) functionSignature functionOption+ RESTRICT?            # alterFunctionOptions
    | ALTER (SCHEMA | EXTENSION | COLLATION | LANGUAGE | TABLESPACE | CONVERSION | STATISTICS) qname renameSchemaOwner      # alterNamed
    | ALTER DEFAULT PRIVILEGES defaultPrivilegeScope* (GRANT privileges ON defaultPrivilegeKind TO roleSpecs (WITH GRANT OPTION)?
      | REVOKE (GRANT OPTION FOR)? privileges ON defaultPrivilegeKind FROM roleSpecs dropBehavior?) # alterDefaultPrivileges
    | ALTER (SYSTEM | EXTENSION | TRIGGER | RULE | POLICY | OPERATOR | PUBLICATION | SUBSCRIPTION | SERVER | FOREIGN | EVENT | TEXT | LARGE) anything*   # alterUnsupported
    ;
relationKind : TABLE | INDEX | VIEW | MATERIALIZED VIEW | FOREIGN TABLE ;
relationAlteration
    : renameSchemaOwner
    | RENAME COLUMN? identifier TO identifier
    | RENAME CONSTRAINT identifier TO identifier
    | alteration (COMMA alteration)*
    ;
renameSchemaOwner : RENAME TO identifier | SET SCHEMA identifier | OWNER TO roleSpec ;

// SYSTEM VERSIONING could be a column and its type as well: the first alternative wins.
alteration
    : ADD SYSTEM VERSIONING                                                 # addVersioning
    | ADD COLUMN? (IF NOT EXISTS)? columnDefinition                         # addColumn
    | ADD tableConstraint                                                   # addConstraint
    | ADD PERIOD FOR (SYSTEM_TIME | identifier) LPAREN identifier COMMA identifier RPAREN   # addPeriod
    | DROP SYSTEM VERSIONING                                                # dropVersioning
    | DROP PERIOD FOR (SYSTEM_TIME | identifier) dropBehavior?                     # dropPeriod
    | DROP COLUMN? (IF EXISTS)? identifier dropBehavior?                    # dropColumn
    | DROP CONSTRAINT (IF EXISTS)? identifier dropBehavior?                 # dropConstraint
    | ALTER COLUMN? identifier columnAlteration                             # alterColumn
    | ALTER CONSTRAINT identifier constraintAttribute*                      # alterConstraint
    | VALIDATE CONSTRAINT identifier                                        # validateConstraint
    | OWNER TO roleSpec                                                     # ownerTo
    | SET optionList                                                        # setOptions
    | RESET optionList                                                      # resetOptions
    | REPLICA IDENTITY (DEFAULT | FULL | NOTHING | USING INDEX identifier)  # replicaIdentity
    | (ENABLE | DISABLE | FORCE | NO FORCE) word+                           # enableDisable
    | CLUSTER ON identifier                                                 # clusterOn
    | SET WITHOUT (CLUSTER | OIDS)                                          # setWithout
    | SET TABLESPACE identifier                                             # setTablespace
    | SET (LOGGED | UNLOGGED)                                               # setLogged
    | INHERIT qname                                                         # inherit
    | NO INHERIT qname                                                      # noInherit
    | (ATTACH | DETACH) PARTITION anything*                                 # partitioning
    ;
word : columnLabel ;
columnAlteration
    : (SET DATA)? TYPE typeName (COLLATE qname)? (USING expr)?
    | SET DEFAULT expr
    | DROP (DEFAULT | NOT NULL | EXPRESSION (IF EXISTS)? | IDENTITY (IF EXISTS)?)
    | SET NOT NULL
    | SET STATISTICS signedInteger
    | (SET | RESET) optionList
    | SET (STORAGE | COMPRESSION) columnLabel
    | ADD GENERATED (ALWAYS | BY DEFAULT) AS IDENTITY (LPAREN sequenceOption+ RPAREN)?
    | identityAlteration+
    ;
identityAlteration : RESTART (WITH? signedInteger)? | SET (sequenceOption | GENERATED (ALWAYS | BY DEFAULT)) ;
domainAlteration
    : SET DEFAULT expr
    | DROP DEFAULT
    | (SET | DROP) NOT NULL
    | ADD domainConstraint
    | DROP CONSTRAINT (IF EXISTS)? identifier dropBehavior?
    | VALIDATE CONSTRAINT identifier
    ;
typeAlteration
    : ADD VALUE (IF NOT EXISTS)? stringLiteral ((BEFORE | AFTER) stringLiteral)?
    | RENAME VALUE stringLiteral TO stringLiteral
    | ADD ATTRIBUTE recordColumn dropBehavior?
    | DROP ATTRIBUTE (IF EXISTS)? identifier dropBehavior?
    | ALTER ATTRIBUTE identifier (SET DATA)? TYPE typeName (COLLATE qname)? dropBehavior?
    ;

dropStmt
    : DROP OWNED BY roleSpecs dropBehavior?                                                         # dropOwned
    | DROP INDEX CONCURRENTLY? (IF EXISTS)? qname (COMMA qname)* dropBehavior?                      # dropIndex
    | DROP simpleKind (IF EXISTS)? qname (COMMA qname)* dropBehavior?                               # dropSimple
    | DROP DATABASE (IF EXISTS)? identifier (WITH? LPAREN FORCE RPAREN)?                            # dropDatabase
    | DROP (ROLE | USER | GROUP) (IF EXISTS)? roleSpecs                                             # dropRole
    | DROP (FUNCTION | PROCEDURE | ROUTINE | AGGREGATE) (IF EXISTS)? functionSignature (COMMA functionSignature)* dropBehavior? # dropFunction
    | DROP (TRIGGER | RULE | POLICY) (IF EXISTS)? identifier ON qname dropBehavior?                 # dropOnTable
    | DROP (CAST | OPERATOR | TRANSFORM | TEXT | ACCESS | USER MAPPING) anything*                   # dropUnsupported
    ;
simpleKind
    : TABLE | VIEW | MATERIALIZED VIEW | SCHEMA | SEQUENCE | DOMAIN | TYPE | EXTENSION | COLLATION | CONVERSION | TABLESPACE | STATISTICS
    | PROCEDURAL? LANGUAGE | FOREIGN TABLE | FOREIGN DATA WRAPPER | SERVER | PUBLICATION | SUBSCRIPTION | EVENT TRIGGER
    ;
dropBehavior : CASCADE | RESTRICT ;
functionSignature : qname (LPAREN (STAR | (functionParameter (COMMA functionParameter)*)?) RPAREN)? ;

commentStmt : COMMENT ON commentTarget IS (stringLiteral | NULL) ;
commentTarget
    : simpleKind qname
    | (INDEX | DATABASE | ROLE | COLUMN) qname
    | (FUNCTION | PROCEDURE | ROUTINE | AGGREGATE) functionSignature
    | CONSTRAINT identifier ON DOMAIN? qname
    | (TRIGGER | RULE | POLICY) identifier ON qname
    | CAST LPAREN typeName AS typeName RPAREN
    | OPERATOR (identifier DOT)* operatorSymbol LPAREN (typeName | NONE) COMMA (typeName | NONE) RPAREN
    | LARGE OBJECT INTEGER
    | TEXT SEARCH (CONFIGURATION | DICTIONARY | PARSER | TEMPLATE) qname
    ;

grantStmt
    : GRANT privileges ON grantTarget TO roleSpecs (WITH GRANT OPTION)? (GRANTED BY roleSpec)?
    | GRANT privileges TO roleSpecs (WITH ADMIN (OPTION | TRUE | FALSE))? (GRANTED BY roleSpec)?
    ;
revokeStmt
    : REVOKE (GRANT OPTION FOR)? privileges ON grantTarget FROM roleSpecs (GRANTED BY roleSpec)? dropBehavior?
    | REVOKE (ADMIN OPTION FOR)? privileges FROM roleSpecs (GRANTED BY roleSpec)? dropBehavior?
    ;
privileges : ALL PRIVILEGES? columnNames? | privilege (COMMA privilege)* ;
privilege : (SELECT | REFERENCES | CREATE | identifier | ALTER SYSTEM) columnNames? ;
grantTarget
    : ALL (TABLES | SEQUENCES | FUNCTIONS | PROCEDURES | ROUTINES) IN SCHEMA identifier (COMMA identifier)*
    | (FUNCTION | PROCEDURE | ROUTINE) functionSignature (COMMA functionSignature)*
    | (TABLE | SEQUENCE | DATABASE | DOMAIN | LANGUAGE | SCHEMA | TABLESPACE | TYPE | FOREIGN DATA WRAPPER | FOREIGN SERVER) qname (COMMA qname)*
    | (CHARACTER SET | COLLATION | TRANSLATION) qname
    | qname (COMMA qname)*
    ;
defaultPrivilegeScope : FOR (ROLE | USER) roleSpecs | IN SCHEMA identifier (COMMA identifier)* ;
defaultPrivilegeKind : TABLES | SEQUENCES | FUNCTIONS | ROUTINES | TYPES | SCHEMAS ;
roleSpecs : roleSpec (COMMA roleSpec)* ;
roleSpec : GROUP? (CURRENT_USER | CURRENT_ROLE | SESSION_USER | identifier) ;

reassignStmt : REASSIGN OWNED BY roleSpecs TO roleSpec ;
refreshStmt : REFRESH MATERIALIZED VIEW CONCURRENTLY? qname (WITH NO? DATA)? ;
unsupportedStmt : (SECURITY | IMPORT) anything* ;

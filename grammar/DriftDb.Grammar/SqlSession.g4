// Transactions, the session, prepared statements, cursors and maintenance.
parser grammar SqlSession;

transactionStmt
    : BEGIN (WORK | TRANSACTION)? transactionModes?                         # begin
    | START TRANSACTION transactionModes?                                   # begin
    | (COMMIT | END) (WORK | TRANSACTION)? (AND NO? CHAIN)?                 # commit
    | COMMIT PREPARED stringLiteral                                                # commitPrepared
    | (ROLLBACK | ABORT) (WORK | TRANSACTION)? (AND NO? CHAIN)?             # rollback
    | ROLLBACK PREPARED stringLiteral                                              # rollbackPrepared
    | ROLLBACK (WORK | TRANSACTION)? TO SAVEPOINT? identifier               # rollbackTo
    | SAVEPOINT identifier                                                  # savepoint
    | RELEASE SAVEPOINT? identifier                                         # release
    | PREPARE TRANSACTION stringLiteral                                            # prepareTransaction
    ;
transactionModes : transactionMode (COMMA? transactionMode)* ;
transactionMode : ISOLATION LEVEL (SERIALIZABLE | REPEATABLE READ | READ (COMMITTED | UNCOMMITTED)) | READ (ONLY | WRITE) | NOT? DEFERRABLE | DIAGNOSTICS SIZE INTEGER ;
lockStmt : LOCK TABLE? truncateTable (COMMA truncateTable)* (IN lockMode MODE)? NOWAIT? ;
lockMode : ACCESS (SHARE | EXCLUSIVE) | ROW (SHARE | EXCLUSIVE) | SHARE (UPDATE EXCLUSIVE | ROW EXCLUSIVE)? | EXCLUSIVE ;

setStmt
    : SET TRANSACTION transactionModes                                      # setTransaction
    | SET TRANSACTION SNAPSHOT stringLiteral                                       # setSnapshot
    | SET SESSION CHARACTERISTICS AS TRANSACTION transactionModes           # setCharacteristics
    | SET CONSTRAINTS (ALL | qname (COMMA qname)*) (DEFERRED | IMMEDIATE)   # setConstraints
    | SET (SESSION | LOCAL)? setting                                        # setVariable
    ;
setting
    : settingName (TO | EQ) settingValues
    | settingName FROM CURRENT
    | TIME ZONE (LOCAL | DEFAULT | settingValue)
    | NAMES (stringLiteral | DEFAULT)
    | ROLE labelOrString
    | SESSION AUTHORIZATION (labelOrString | DEFAULT)
    | SCHEMA stringLiteral
    | XML OPTION (DOCUMENT | CONTENT)
    ;
settingName : identifier (DOT columnLabel)* ;
settingValues : DEFAULT | settingValue (COMMA settingValue)* ;
settingValue : signedNumber | stringLiteral | INTERVAL (LPAREN INTEGER RPAREN)? stringLiteral intervalFields? | temporalLiteral | PARAM | TRUE | FALSE | ON | identifier | typeWord ;
resetStmt : RESET resetName ;
resetName : ALL | TIME ZONE | SESSION AUTHORIZATION | TRANSACTION ISOLATION LEVEL | settingName ;
showStmt : SHOW (ALL | TIME ZONE | SESSION AUTHORIZATION | TRANSACTION ISOLATION LEVEL | settingName) ;
discardStmt : DISCARD (ALL | PLANS | SEQUENCES | TEMP | TEMPORARY) ;
loadStmt : LOAD stringLiteral ;

prepareStmt : PREPARE identifier (LPAREN typeName (COMMA typeName)* RPAREN)? AS dataStmt ;
executeStmt : EXECUTE identifier (LPAREN exprList RPAREN)? ;
deallocateStmt : DEALLOCATE PREPARE? (ALL | identifier) ;
declareStmt : DECLARE identifier (BINARY | INSENSITIVE | ASENSITIVE | NO? SCROLL)* CURSOR ((WITH | WITHOUT) HOLD)? FOR query ;
openStmt : OPEN identifier ;
fetchStmt : (FETCH | MOVE) fetchDirection? (FROM | IN)? identifier ;
fetchDirection
    : NEXT | PRIOR | FIRST | LAST | ALL
    | (ABSOLUTE | RELATIVE) signedInteger
    | (FORWARD | BACKWARD) (ALL | signedInteger)?
    | signedInteger
    ;
closeStmt : CLOSE (ALL | identifier) ;
listenStmt : LISTEN identifier | NOTIFY identifier (COMMA stringLiteral)? | UNLISTEN (STAR | identifier) ;

explainStmt : EXPLAIN (optionList | (ANALYZE | ANALYSE)? VERBOSE?) explainable ;
explainable : dataStmt | declareStmt | executeStmt | createStmt | refreshStmt ;

vacuumStmt : VACUUM (optionList | FULL? FREEZE? VERBOSE? (ANALYZE | ANALYSE)?) (maintenanceTarget (COMMA maintenanceTarget)*)? ;
analyzeStmt : (ANALYZE | ANALYSE) (optionList | VERBOSE?) TABLE? (maintenanceTarget (COMMA maintenanceTarget)*)? ;
maintenanceTarget : qname columnNames? ;
reindexStmt : REINDEX optionList? (TABLE | INDEX | SCHEMA | DATABASE | SYSTEM) CONCURRENTLY? qname? ;
clusterStmt : CLUSTER VERBOSE? (qname (USING identifier)? | identifier ON qname)? ;
checkpointStmt : CHECKPOINT ;

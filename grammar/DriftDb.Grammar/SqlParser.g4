// DriftDB's SQL: SQL:2011 with its temporal features and PostgreSQL's dialect. This file has the statements' entry points;
// the chapters are imported. Patterns that keep it fast (see README.md): alternatives factored on tokens, two levels of
// left-recursive expressions, predicates as tails, bare aliases without words that may follow an expression.
parser grammar SqlParser;

options { tokenVocab = SqlLexer; contextSuperClass = SqlRuleContext; }

import SqlExpressions, SqlQueries, SqlData, SqlDefinitions, SqlAlterations, SqlSession, SqlNames;

// Scripts are split on semicolons before they come here, so that each statement's errors stay its own.
singleStatement : stmt EOF ;
singleExpression : expr EOF ;
singleTypeName : typeName EOF ;

stmt
    : query
    | insertStmt
    | updateStmt
    | deleteStmt
    | mergeStmt
    | truncateStmt
    | copyStmt
    | callStmt
    | doStmt
    | createStmt
    | alterStmt
    | dropStmt
    | commentStmt
    | grantStmt
    | revokeStmt
    | reassignStmt
    | refreshStmt
    | transactionStmt
    | lockStmt
    | setStmt
    | resetStmt
    | showStmt
    | discardStmt
    | prepareStmt
    | executeStmt
    | deallocateStmt
    | declareStmt
    | openStmt
    | fetchStmt
    | closeStmt
    | listenStmt
    | explainStmt
    | loadStmt
    | vacuumStmt
    | analyzeStmt
    | reindexStmt
    | clusterStmt
    | checkpointStmt
    | undropStmt
    | restoreTableStmt
    | eraseStmt
    | unsupportedStmt
    ;

// What can be prepared, explained and copied.
dataStmt : query | insertStmt | updateStmt | deleteStmt | mergeStmt ;

// Expressions. PostgreSQL's precedence, loosest first: OR, AND, NOT, IS, comparison, BETWEEN/IN/LIKE, any other operator,
// + -, * / %, ^, AT TIME ZONE, COLLATE, unary sign, ::, [] and dots. `expr` has the four loosest levels, `vexpr` the levels from
// "any other operator"; the two levels between are the tails of a `predicate`, whose nesting the AST builder settles.
parser grammar SqlExpressions;

expr
    : expr IS NOT? isTest                       # isExpr
    | expr (ISNULL | NOTNULL)                   # isNullExpr
    | NOT expr                                  # notExpr
    | expr AND expr                             # andExpr
    | expr OR expr                              # orExpr
    | vexpr predicateTail*                      # predicate
    ;

isTest : NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM vexpr predicateTail* | IDENT? NORMALIZED ;

predicateTail
    : comparison (vexpr | quantified)                                                   # comparisonTail
    | NOT? BETWEEN (SYMMETRIC | ASYMMETRIC)? vexpr AND vexpr                            # betweenTail
    | NOT? IN LPAREN (query | exprList) RPAREN                                          # inTail
    | NOT? likeOperator (vexpr (ESCAPE vexpr)? | quantified)                            # likeTail
    | NOT? LIKE_REGEX vexpr (FLAG stringLiteral)?                                       # regexTail
    | OVERLAPS vexpr                                                                    # overlapsTail
    | (EQUALS | CONTAINS | IMMEDIATELY? (PRECEDES | SUCCEEDS)) vexpr                    # periodTail
    ;

comparison : EQ | NEQ | LT | LE | GT | GE ;
likeOperator : LIKE | ILIKE | SIMILAR TO ;
quantified : (ANY | ALL | SOME) LPAREN (query | expr) RPAREN ;

vexpr
    : vexpr TYPECAST typeName                   # castSuffix
    | (PLUS | MINUS) vexpr                      # signed
    | vexpr COLLATE qname                       # collated
    | vexpr AT TIME ZONE vexpr                  # atTimeZone
    | vexpr CARET vexpr                         # arithmetic
    | vexpr (STAR | SLASH | PERCENT) vexpr      # arithmetic
    | vexpr (PLUS | MINUS) vexpr                # arithmetic
    | anyOperator vexpr                         # prefixOperator
    | vexpr anyOperator vexpr                   # infixOperator
    | vexpr anyOperator quantified              # quantifiedOperator
    | primary                                   # primaryValue
    ;

anyOperator : OP | OPERATOR LPAREN (identifier DOT)* operatorSymbol RPAREN ;
operatorSymbol : OP | PLUS | MINUS | STAR | SLASH | PERCENT | CARET | EQ | NEQ | LT | LE | GT | GE ;

primary
    : columnOrCall
    | number
    | stringLiteral
    | PARAM indirection*
    | parenthesised indirection*
    | constant
    | typedLiteral
    | caseExpr
    | specialCall
    | EXISTS LPAREN query RPAREN
    | UNIQUE LPAREN query RPAREN
    | NEXT VALUE FOR qname
    | arrayExpr indirection*
    | ROW LPAREN exprList? RPAREN indirection*
    | sessionValue
    | DEFAULT
    | temporalLiteral
    ;

number : INTEGER | DECIMAL ;
constant : NULL | TRUE | FALSE | BITSTRING | HEXSTRING ;
stringLiteral : STRING | ESTRING | DSTRING | USTRING (UESCAPE STRING)? ;
temporalLiteral : AT_SEQ (INTEGER | PARAM | LPAREN expr RPAREN) | AT_NOW ;

parenthesised : LPAREN (query | exprList) RPAREN ;
exprList : expr (COMMA expr)* ;

indirection : fieldStep | LBRACKET subscript RBRACKET ;
fieldStep : DOT (columnLabel | STAR) ;
subscript : expr (COLON expr?)? | COLON expr? ;

columnOrCall
    : functionName (DOT columnLabel)* (DOT STAR)? (call stringLiteral? | stringLiteral | arraySubscript+ (fieldStep indirection*)?)?
    | columnWord (DOT columnLabel)* (DOT STAR)? (arraySubscript+ (fieldStep indirection*)?)?
    | (LEFT | RIGHT) call
    ;
arraySubscript : LBRACKET subscript RBRACKET ;

call
    : LPAREN (STAR | (ALL | DISTINCT)? callArgument (COMMA callArgument)* orderBy? usingUnit?)? RPAREN
      (WITHIN GROUP LPAREN orderBy RPAREN)? (FILTER LPAREN WHERE expr RPAREN)? ((IGNORE | RESPECT) NULLS)? over?
    ;
// CHAR_LENGTH (s USING OCTETS)
usingUnit : USING lengthUnit ;
callArgument : VARIADIC? (columnLabel (ARROW | ASSIGN))? expr ;
over : OVER (identifier | windowSpec) ;
windowSpec : LPAREN windowBase? (PARTITION BY exprList)? orderBy? frame? RPAREN ;
windowBase : IDENT | QIDENT | windowBaseWord ;
frame : (ROWS | RANGE | GROUPS) (frameBound | BETWEEN frameBound AND frameBound) frameExclusion? ;
frameBound : UNBOUNDED (PRECEDING | FOLLOWING) | CURRENT ROW | vexpr (PRECEDING | FOLLOWING) ;
frameExclusion : EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS) ;

caseExpr : CASE expr? whenClause+ (ELSE expr)? END ;
whenClause : WHEN whenOperand (COMMA whenOperand)* THEN expr ;
// `WHEN < 5`: the operand of the CASE stands before it
whenOperand : expr | predicateTail+ ;

arrayExpr : ARRAY (arrayItems | LPAREN query RPAREN) ;
arrayItems : LBRACKET (exprList | arrayItems (COMMA arrayItems)*)? RBRACKET ;

specialCall
    : CAST LPAREN expr AS typeName RPAREN                                                           # castCall
    | EXTRACT LPAREN (columnLabel | stringLiteral) FROM expr RPAREN                                        # extractCall
    | SUBSTRING LPAREN (exprList substringTail? usingUnit?)? RPAREN                                            # substringCall
    | POSITION LPAREN vexpr IN vexpr usingUnit? RPAREN                                                         # positionCall
    | TRIM LPAREN (BOTH | LEADING | TRAILING)? (FROM exprList | exprList (FROM exprList)?) RPAREN   # trimCall
    | OVERLAY LPAREN exprList (PLACING expr FROM expr (FOR expr)? usingUnit?)? RPAREN                          # overlayCall
    | NORMALIZE LPAREN expr (COMMA columnLabel)? RPAREN                                             # normalizeCall
    | COLLATION FOR LPAREN expr RPAREN                                                              # collationCall
    | COALESCE LPAREN exprList RPAREN                                                               # coalesceCall
    | NULLIF LPAREN expr COMMA expr RPAREN                                                          # nullIfCall
    | GREATEST LPAREN exprList RPAREN                                                               # greatestCall
    | LEAST LPAREN exprList RPAREN                                                                  # leastCall
    | GROUPING LPAREN exprList RPAREN                                                               # groupingCall
    ;
substringTail : FROM expr (FOR expr)? | FOR expr (FROM expr)? | SIMILAR expr ESCAPE expr ;

sessionValue
    : CURRENT_DATE | CURRENT_ROLE | CURRENT_USER | SESSION_USER | USER | CURRENT_CATALOG | CURRENT_SCHEMA (LPAREN RPAREN)?
    | (CURRENT_TIME | CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP) (LPAREN INTEGER RPAREN)?
    ;

// Types of several words before a literal; those of one word are calls to the grammar (`date '…'`, `numeric(3) '…'`).
typedLiteral
    : INTERVAL stringLiteral intervalFields?
    | INTERVAL LPAREN INTEGER RPAREN stringLiteral
    | wordType stringLiteral
    ;

typeName : SETOF? simpleType arrayBound* (ARRAY arrayBound?)? ;
arrayBound : LBRACKET INTEGER? RBRACKET ;
simpleType
    : wordType
    | INTERVAL (intervalFields | LPAREN INTEGER RPAREN)?
    | functionName (DOT columnLabel)* typeModifiers?
    ;
wordType
    : DOUBLE PRECISION
    | (CHARACTER | CHAR | NCHAR | NATIONAL (CHARACTER | CHAR)) VARYING? typeModifiers?
    | BIT VARYING? typeModifiers?
    | (TIME | TIMESTAMP) typeModifiers? ((WITH | WITHOUT) TIME ZONE)?
    ;
typeModifiers : LPAREN exprList lengthUnit? RPAREN ;
lengthUnit : CHARACTERS | OCTETS ;
intervalFields
    : YEAR (TO MONTH)?
    | MONTH
    | DAY (TO (HOUR | MINUTE | intervalSecond))?
    | HOUR (TO (MINUTE | intervalSecond))?
    | MINUTE (TO intervalSecond)?
    | intervalSecond
    ;
intervalSecond : SECOND (LPAREN INTEGER RPAREN)? ;

-- E061-04: LIKE predicate
CREATE TABLE t (a VARCHAR(10));
INSERT INTO t VALUES ('abc'), ('axc'), ('b');
SELECT a FROM t WHERE a LIKE 'a_c' ORDER BY a;
--> abc
--> axc
SELECT a FROM t WHERE a NOT LIKE 'a%';
--> b

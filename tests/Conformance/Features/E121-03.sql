-- E121-03: Value expressions in ORDER BY clause
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2), (2, -3);
SELECT a FROM t ORDER BY abs(b) DESC, a + b;
--> 2
--> 1
SELECT a AS x FROM t ORDER BY x DESC;
--> 2
--> 1

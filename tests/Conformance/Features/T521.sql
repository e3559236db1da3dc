-- T521: Named arguments in CALL statement
CREATE TABLE t (a INT, b INT);
CREATE PROCEDURE put(x INT, y INT) LANGUAGE SQL AS 'INSERT INTO t VALUES (x, y)';
CALL put(y => 2, x => 1);
SELECT a, b FROM t;
--> 1|2

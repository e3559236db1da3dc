-- T522: Default values for IN parameters of SQL-invoked procedures
CREATE TABLE t (a INT, b INT);
CREATE PROCEDURE put(x INT, y INT DEFAULT 7) LANGUAGE SQL AS 'INSERT INTO t VALUES (x, y)';
CALL put(1);
SELECT a, b FROM t;
--> 1|7

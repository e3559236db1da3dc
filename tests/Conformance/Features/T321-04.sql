-- T321-04: CALL statement
CREATE TABLE t (a INT);
CREATE PROCEDURE put(x INT) LANGUAGE SQL AS 'INSERT INTO t VALUES (x)';
CALL put(5);
CALL conformance.put(6);
SELECT sum(a) FROM t;
--> 11
CALL put();
--! 42883
CALL nothing_there(1);
--! 42883

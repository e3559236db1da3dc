-- E111: Single row SELECT statement
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
SELECT a FROM t WHERE a = 1;
--> 1
SELECT (SELECT a FROM t);
--> 1

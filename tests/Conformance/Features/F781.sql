-- F781: Self-referencing operations
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
INSERT INTO t SELECT a + 10 FROM t;
DELETE FROM t WHERE a > (SELECT avg(a) FROM t);
SELECT a FROM t ORDER BY a;
--> 1
--> 2

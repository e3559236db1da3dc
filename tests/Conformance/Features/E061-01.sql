-- E061-01: Comparison predicate
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2), (2, 2), (3, NULL);
SELECT a FROM t WHERE a = b;
--> 2
SELECT count(*) FROM t WHERE a <> b;
--> 1
SELECT a FROM t WHERE (a, b) = (1, 2);
--> 1
SELECT count(*) FROM t WHERE (a, b) < (2, 2);
--> 1
SELECT 1 FROM t WHERE (a, b) = (1, 2, 3);
--! 42601

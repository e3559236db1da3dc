-- F471: Scalar subquery values
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 10), (2, 20);
SELECT a, (SELECT max(b) FROM t) - b FROM t ORDER BY a;
--> 1|10
--> 2|0
SELECT (SELECT a FROM t WHERE a = 5);
--> NULL
SELECT (SELECT a FROM t);
--! 21000
SELECT (SELECT a, b FROM t WHERE a = 1);
--! 42601

-- E061-13: Correlated subqueries
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 10), (1, 20), (2, 5);
SELECT a, b FROM t AS x WHERE b = (SELECT max(b) FROM t WHERE a = x.a) ORDER BY a;
--> 1|20
--> 2|5
SELECT a, (SELECT count(*) FROM t WHERE b < x.b) FROM t AS x ORDER BY b;
--> 2|0
--> 1|1
--> 1|2

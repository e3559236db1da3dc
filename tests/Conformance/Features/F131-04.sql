-- F131-04: Subqueries with GROUP BY and HAVING clauses and grouped views
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 3);
CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY a;
SELECT b FROM t WHERE a IN (SELECT max(a) FROM v GROUP BY n HAVING n = 2) ORDER BY b;
--> 1
--> 2

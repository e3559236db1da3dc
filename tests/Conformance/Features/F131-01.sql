-- F131-01: WHERE, GROUP BY, and HAVING clauses supported in queries with grouped views
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 3);
CREATE VIEW v AS SELECT a, sum(b) AS s FROM t GROUP BY a;
SELECT a FROM v WHERE s = 3 ORDER BY a;
--> 1
--> 2
SELECT s, count(*) FROM v WHERE a > 0 GROUP BY s HAVING count(*) > 1;
--> 3|2

-- F131-05: Single row SELECT with GROUP BY and HAVING clauses and grouped views
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2);
CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY a;
SELECT n, count(*) FROM v GROUP BY n HAVING n > 1;
--> 2|1

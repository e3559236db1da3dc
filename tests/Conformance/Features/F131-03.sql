-- F131-03: Set functions supported in queries with grouped views
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 3);
CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY a;
SELECT sum(n), max(a), count(*) FROM v;
--> 3|2|2

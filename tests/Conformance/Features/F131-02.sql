-- F131-02: Multiple tables supported in queries with grouped views
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (1, 2), (2, 3);
CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY a;
SELECT t.b, v.n FROM t, v WHERE t.a = v.a ORDER BY b;
--> 1|2
--> 2|2
--> 3|1

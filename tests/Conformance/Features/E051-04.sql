-- E051-04: GROUP BY can contain columns not in <select list>
CREATE TABLE t (a INT, b INT, c INT);
INSERT INTO t VALUES (1, 1, 5), (1, 2, 6), (1, 2, 7);
SELECT a, count(*) FROM t GROUP BY a, b ORDER BY 2;
--> 1|1
--> 1|2

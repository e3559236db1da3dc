-- T431: Extended grouping capabilities
CREATE TABLE t (a INT, b INT, c INT);
INSERT INTO t VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30);
SELECT a, b, sum(c) FROM t GROUP BY ROLLUP (a, b) ORDER BY a, b;
--> 1|1|10
--> 1|2|20
--> 1|NULL|30
--> 2|1|30
--> 2|NULL|30
--> NULL|NULL|60
SELECT a, GROUPING(a), sum(c) FROM t GROUP BY GROUPING SETS ((a), ()) ORDER BY 2, 1;
--> 1|0|30
--> 2|0|30
--> NULL|1|60
SELECT count(*) FROM (SELECT a, b FROM t GROUP BY CUBE (a, b)) AS x;
--> 8

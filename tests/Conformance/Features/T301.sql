-- T301: Functional dependencies
CREATE TABLE t (a INT PRIMARY KEY, b INT);
INSERT INTO t VALUES (1, 2);
SELECT a, b, count(*) FROM t GROUP BY a;
--> 1|2|1

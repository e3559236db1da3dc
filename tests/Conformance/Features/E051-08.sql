-- E051-08: Correlation names in the FROM clause
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
SELECT x.a, y.a FROM t AS x, t y WHERE x.a < y.a;
--> 1|2
SELECT t.a FROM t AS x;
--! 42P01

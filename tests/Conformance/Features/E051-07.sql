-- E051-07: Qualified * in select list
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2);
SELECT t.* FROM t;
--> 1|2
SELECT x.*, x.a FROM t AS x;
--> 1|2|1
SELECT t.* AS (c, d) FROM t;
--> 1|2
SELECT y.* FROM t;
--! 42P01

-- E051-09: Rename columns in the FROM clause
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2);
SELECT c, x.d FROM t AS x (c, d);
--> 1|2
SELECT a FROM t AS x (c, d);
--! 42703
SELECT 1 FROM t AS x (c, d, e);
--! 42P10

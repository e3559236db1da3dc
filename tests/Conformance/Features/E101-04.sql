-- E101-04: Searched DELETE statement
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
DELETE FROM t WHERE a = 1;
DELETE FROM t AS x WHERE x.a > (SELECT min(a) FROM t);
SELECT a FROM t;
--> 2
DELETE FROM t;
SELECT count(*) FROM t;
--> 0

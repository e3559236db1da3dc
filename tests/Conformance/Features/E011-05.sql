-- E011-05: Numeric comparison
CREATE TABLE t (a INT, b NUMERIC(5, 1), c DOUBLE PRECISION);
INSERT INTO t VALUES (1, 1.5, 2.5E0), (3, 3.0, 3E0);
SELECT a FROM t WHERE a = b AND b = c;
--> 3
SELECT count(*) FROM t WHERE a < b OR a <= c;
--> 2
SELECT a > b, a >= b, a <> c FROM t ORDER BY a;
--> f|f|t
--> f|t|f

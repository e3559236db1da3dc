-- E011-06: Implicit casting among the numeric data types
CREATE TABLE t (a SMALLINT, b NUMERIC(5, 2), c REAL);
INSERT INTO t VALUES (1.4, 2, 3);
INSERT INTO t VALUES (CAST(2.5E0 AS DOUBLE PRECISION), 3E0, 4.25);
SELECT a, b, c, a + b, b + c, a + c FROM t ORDER BY b;
--> 1|2.00|3|3.00|5|4
--> 2|3.00|4.25|5.00|7.25|6.25
UPDATE t SET a = b, b = a;
SELECT a, b FROM t ORDER BY b;
--> 2|1.00
--> 3|2.00

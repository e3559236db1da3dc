-- E011-04: Arithmetic operators
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (7, 2);
SELECT a + b, a - b, a * b, a / b, -a, +b, (a + b) * (a - b) FROM t;
--> 9|5|14|3|-7|2|45
SELECT 7.0 / 2, CAST(1.5E0 AS DOUBLE PRECISION) * 2, 2 - -3;
--> 3.5000000000000000|3|5
SELECT a / 0 FROM t;
--! 22012
SELECT a + FROM t;
--! 42601

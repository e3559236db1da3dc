-- F441: Extended set function support
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2), (3, 4);
SELECT sum(a * b + 1) FROM t;
--> 16
SELECT a FROM t GROUP BY a HAVING max(b) > 3;
--> 3

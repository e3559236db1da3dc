-- E091-05: SUM
CREATE TABLE t (a INT, b NUMERIC(5, 2));
SELECT sum(a) IS NULL FROM t;
--> t
INSERT INTO t VALUES (1, 1.25), (3, 2.25), (NULL, NULL);
SELECT sum(a), sum(b) FROM t;
--> 4|3.50
SELECT sum('a') FROM t;
--! 42725

-- E131: Null value support (nulls in lieu of values)
CREATE TABLE t (a INT, b VARCHAR(5));
INSERT INTO t VALUES (NULL, NULL), (1, NULL);
SELECT count(*), count(a), count(b) FROM t;
--> 2|1|0
SELECT a + 1, a = a, b || 'x' FROM t WHERE a IS NULL;
--> NULL|NULL|NULL
SELECT count(*) FROM t WHERE NOT (a = 1);
--> 0
SELECT CASE WHEN NULL THEN 1 ELSE 2 END;
--> 2

-- F481: Expanded NULL predicate
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, NULL), (NULL, NULL), (1, 1);
SELECT count(*) FROM t WHERE (a, b) IS NULL;
--> 1
SELECT count(*) FROM t WHERE (a, b) IS NOT NULL;
--> 1
SELECT count(*) FROM t WHERE a + b IS NULL;
--> 2

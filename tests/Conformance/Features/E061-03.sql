-- E061-03: IN predicate with list of values
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (NULL);
SELECT a FROM t WHERE a IN (2, 3);
--> 2
SELECT a FROM t WHERE a NOT IN (2, 3);
--> 1
SELECT count(*) FROM t WHERE a NOT IN (2, NULL);
--> 0

-- E061-11: Subqueries in IN predicate
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2), (2, 3), (NULL, 4);
SELECT a FROM t WHERE a IN (SELECT b FROM t);
--> 2
SELECT count(*) FROM t WHERE b NOT IN (SELECT a FROM t);
--> 0
SELECT count(*) FROM t WHERE (a, b) IN (SELECT a, b FROM t);
--> 2
SELECT 1 FROM t WHERE a IN (SELECT a, b FROM t);
--! 42601

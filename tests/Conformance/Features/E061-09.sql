-- E061-09: Subqueries in comparison predicate
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
SELECT a FROM t WHERE a = (SELECT max(a) FROM t);
--> 2
SELECT a FROM t WHERE (SELECT min(a) FROM t) = a;
--> 1
SELECT a FROM t WHERE a = (SELECT a FROM t);
--! 21000

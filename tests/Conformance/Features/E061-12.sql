-- E061-12: Subqueries in quantified comparison predicate
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 1), (2, 1), (3, 2);
SELECT a FROM t AS x WHERE a = ALL (SELECT max(a) FROM t WHERE b = x.b) ORDER BY a;
--> 2
--> 3
SELECT count(*) FROM t WHERE a <> SOME (SELECT b FROM t);
--> 3

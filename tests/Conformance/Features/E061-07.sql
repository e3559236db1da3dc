-- E061-07: Quantified comparison predicate
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
SELECT a FROM t WHERE a >= ALL (SELECT a FROM t);
--> 3
SELECT count(*) FROM t WHERE a > ANY (SELECT a FROM t);
--> 2
SELECT count(*) FROM t WHERE a = SOME (SELECT a FROM t WHERE a < 3);
--> 2
SELECT a > ALL (SELECT a FROM t WHERE false) FROM t WHERE a = 1;
--> t
